/**
 * Whether the rota's answer can be believed. It comes from somebody else's program: it must have the right shape, and
 * it must be an answer to what was asked, or it is none.
 */
import { z } from 'zod'
import { freeTimeOf, isFree, lengthOf, minuteOf, type Times } from './free-time.ts'

export interface RotaQuestion {
  people: readonly { id: string; name: string; job: string; slots: readonly Times[] }[]
  shifts: readonly RotaShift[]
}

export interface RotaShift extends Times {
  id: string
  day: string
  job: string
}

const answerSchema = z.object({
  assignments: z.array(z.object({ shift: z.string(), staff: z.string() })),
  unfilled: z.array(z.string()),
})

export type RotaAnswer = z.infer<typeof answerSchema>

/** What is wrong with the answer, for the log: without any words of the answer's own. */
export type Fault = { fault: string }

export function readAnswer(asked: RotaQuestion, text: string): RotaAnswer | Fault {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { fault: 'it is not JSON' }
  }
  const read = answerSchema.safeParse(value)
  if (!read.success) return { fault: `${read.error.issues[0]?.path.join('.') || 'it'} is not as agreed` }
  const fault = faultOf(asked, read.data)
  return fault === undefined ? read.data : { fault }
}

/** Why this cannot be an answer to that question; `undefined` when it can. */
export function faultOf(asked: RotaQuestion, { assignments, unfilled }: RotaAnswer): string | undefined {
  const shifts = new Map(asked.shifts.map((shift) => [shift.id, shift]))
  const people = new Map(
    asked.people.map(({ id, job, slots }) => [id, { job, free: freeTimeOf(slots), busy: new Set<number>() }]),
  )
  const named = [...assignments.map(({ shift }) => shift), ...unfilled]
  if (named.some((id) => !shifts.has(id))) return 'it names a shift that was not asked for'
  if (new Set(named).size !== named.length) return 'it names a shift twice'
  if (named.length !== shifts.size) return 'it leaves out a shift'
  for (const { shift: id, staff } of assignments) {
    const [shift, person] = [shifts.get(id), people.get(staff)]
    if (!shift || !person) return 'it names a person who was not in the question'
    if (person.job !== shift.job) return 'it gives a shift to somebody with another job'
    if (!isFree(person.free, shift)) return 'it gives a shift to somebody who has no time'
    for (const minute of minutesOf(shift)) {
      if (person.busy.has(minute)) return 'it has somebody in two places at once'
      person.busy.add(minute)
    }
  }
  return undefined
}

/** Since 1970, as if there were no time zones: only to compare shifts of one restaurant. */
function minutesOf(shift: RotaShift): number[] {
  const start = Date.parse(shift.day) / 60_000 + minuteOf(shift.from)
  return Array.from({ length: lengthOf(shift) }, (_, index) => start + index)
}

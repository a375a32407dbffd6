/** What the rota is asked, as its API documents it. Days and times are the restaurant's own; there are no zones here. */
import { z } from 'zod'

const id = z.string().min(1).max(100)
const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be HH:MM')
const weekday = z.int().min(1).max(7)

const slot = z.strictObject({ weekday, from: time, to: time })

const person = z.strictObject({
  id,
  name: z.string().max(200),
  job: z.string().max(50),
  slots: z.array(slot).max(50),
})

const shift = z.strictObject({
  id,
  day: z.iso.date(),
  /** 1 is Monday. */
  weekday,
  from: time,
  /** Not after `from`: the shift ends on the next day. */
  to: time,
  job: z.string().max(50),
})

export const question = z
  .strictObject({ people: z.array(person).max(200), shifts: z.array(shift).max(300) })
  .refine(({ people }) => areDifferent(people), { path: ['people'], error: 'must have different ids' })
  .refine(({ shifts }) => areDifferent(shifts), { path: ['shifts'], error: 'must have different ids' })

export type Question = z.infer<typeof question>
export type Person = Question['people'][number]
export type Shift = Question['shifts'][number]

export interface Schedule {
  assignments: { shift: string; staff: string }[]
  /** Shifts that nobody can take. */
  unfilled: string[]
}

function areDifferent(things: readonly { id: string }[]): boolean {
  return new Set(things.map((thing) => thing.id)).size === things.length
}

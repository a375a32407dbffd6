/** How the rota can be made to fail, so that those who ask it can be seen to cope. A real one does this by itself. */
import type { Question, Schedule } from './question.ts'

export const lies = ['broken-json', 'nonsense', 'unknown-ids', 'double-booking', 'half'] as const
export type Lie = (typeof lies)[number]

/** `down` hangs up, `slow` answers after 30 seconds, `wrong` tells one lie after the other. */
export type Behaviour = 'well' | 'slow' | 'down' | 'wrong' | Lie

/** What a lie looks like, as the text of an answer with status 200. */
export function tell(lie: Lie, asked: Question, truth: Schedule): string {
  const [person] = asked.people
  switch (lie) {
    case 'broken-json':
      return JSON.stringify(truth).slice(0, -2)
    case 'nonsense':
      return JSON.stringify({ schedule: 'ask the cook' })
    case 'unknown-ids':
      return JSON.stringify({
        ...truth,
        assignments: truth.assignments.map((one) => ({ ...one, staff: 'nobody' })),
      })
    case 'double-booking':
      return JSON.stringify({
        assignments: asked.shifts.map((shift) => ({ shift: shift.id, staff: person?.id ?? 'nobody' })),
        unfilled: [],
      })
    case 'half':
      return JSON.stringify({ assignments: truth.assignments.slice(1), unfilled: [] })
  }
}

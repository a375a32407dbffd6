/** What the rota is asked for one week: the shifts that may be filled, and who could fill them. */
import type { Store } from 'maitred/storage'
import { addDays, daysOfWeek, weekdayOf } from '../../calendar.ts'
import { availability, type Shift, shifts, staff } from '../documents.ts'
import { freeTimeOf, slotsOf, type Times } from './free-time.ts'
import type { RotaQuestion } from './rota-answer.ts'

/** A shift that somebody was given by hand stays theirs; what an earlier rota gave may be given anew. */
export async function rotaQuestion(store: Store, restaurant: string, week: string): Promise<RotaQuestion> {
  const [monday = '', ...others] = daysOfWeek(week) ?? []
  const dayBefore = addDays(monday, -1)
  const day = { $gte: dayBefore, $lte: others.at(-1) ?? '' }
  const [people, said, near] = await Promise.all([
    store.collection(staff).find({ restaurant, active: true }),
    store.collection(availability).find({ restaurant }),
    store.collection(shifts).find({ restaurant, day }, { sort: { field: 'day', order: 'asc' } }),
  ])
  const slots = new Map(said.map((known) => [known._id, known.slots]))
  const isFixed = (shift: Shift) =>
    shift.day === dayBefore || (shift.staff !== undefined && shift.rota === undefined)

  function busyOf(person: string): Times[] {
    const fixed = near.filter((shift) => shift.staff === person && isFixed(shift))
    return fixed.flatMap((shift) => (shift.day === dayBefore ? afterMidnight(shift) : [timesOf(shift)]))
  }

  return {
    // No more than the rota needs: it is somebody else's.
    people: people.map(({ _id: id, firstName: name, job }) => {
      const free = freeTimeOf(slots.get(id) ?? [], busyOf(id))
      return { id, name, job, slots: slotsOf(free) }
    }),
    shifts: near
      .filter((shift) => !isFixed(shift))
      .map((shift) => ({ id: shift._id, day: shift.day, ...timesOf(shift), job: shift.job })),
  }
}

function timesOf({ day, from, to }: Shift): Times {
  return { weekday: weekdayOf(day), from, to }
}

/** What is left of a Sunday's shift when the week begins. */
function afterMidnight({ from, to }: Shift): Times[] {
  return to <= from && to !== '00:00' ? [{ weekday: 1, from: '00:00', to }] : []
}

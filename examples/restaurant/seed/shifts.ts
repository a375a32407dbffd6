/** When people can work, and who does: this week's shifts have people, next week's are for the rota. */

import type { Availability, Shift, StaffMember } from '../back-office/documents.ts'
import { addDays, daysBetween, weekdayOf } from '../calendar.ts'
import { createRandom } from './random.ts'
import type { House } from './sales.ts'

const noon = { from: '11:00', to: '16:00' }
const evening = { from: '17:00', to: '23:30' }

/** Who is needed, at noon and in the evening. */
const crew = [
  { ...noon, jobs: ['waiter', 'waiter', 'chef'] },
  { ...evening, jobs: ['manager', 'waiter', 'waiter', 'chef', 'chef'] },
] as const

/** Most people are free on most days; somebody is always missing somewhere. */
export function availabilityOf({ seed, restaurant, staff }: House, at: Date): Availability[] {
  return staff
    .filter(({ job }) => job !== 'owner')
    .map(({ _id }) => {
      const random = createRandom(`${seed}:${_id}:availability`)
      const dayOff = random.between(1, 7)
      const slots = [1, 2, 3, 4, 5, 6, 7].flatMap((weekday) => {
        if (weekday === dayOff) return []
        const free = random.pickBy([[noon, evening], [evening], [noon]], (_, index) => [6, 3, 1][index] ?? 1)
        return free.map((slot) => ({ weekday, ...slot }))
      })
      return { _id, restaurant: restaurant._id, slots, updatedAt: at, version: 1 }
    })
}

/** Two weeks, from the Monday of the week in which `today` is. */
export function shiftsAround(house: House, availability: readonly Availability[], today: string): Shift[] {
  const monday = addDays(today, 1 - weekdayOf(today))
  const sunday = addDays(monday, 6)
  const worked = new Map<string, number>()
  return daysBetween(monday, addDays(sunday, 7)).flatMap((day) => {
    const busy = new Set<string>()
    return crew.flatMap(({ from, to, jobs }) =>
      jobs.map((job, index): Shift => {
        const member = day > sunday ? undefined : freeFor({ job, day, from })
        return {
          _id: `${house.restaurant._id}-${day.replaceAll('-', '')}-${from.slice(0, 2)}${index + 1}`,
          restaurant: house.restaurant._id,
          day,
          from,
          to,
          job,
          ...(member && { staff: member._id }),
          version: 1,
        }
      }),
    )

    /** Of those who can, who has worked least this week; nobody works twice on a day. */
    function freeFor(o: { job: StaffMember['job']; day: string; from: string }): StaffMember | undefined {
      const able = house.staff.filter(({ _id, job }) => {
        const slots = availability.find((one) => one._id === _id)?.slots ?? []
        const can = slots.some((slot) => slot.weekday === weekdayOf(o.day) && slot.from === o.from)
        return job === o.job && can && !busy.has(_id)
      })
      const times = ({ _id }: StaffMember) => worked.get(_id) ?? 0
      const [member] = able.sort((a, b) => times(a) - times(b))
      if (!member) return undefined
      busy.add(member._id)
      worked.set(member._id, times(member) + 1)
      return member
    }
  })
}

/** What a restaurant sells on a day. Each day is made up by itself: which others there are changes nothing in it. */
import type { Customer, Restaurant, StaffMember, Transaction } from '../back-office/documents.ts'
import { momentAt } from './moment.ts'
import { orderOf, totalOf } from './order.ts'
import { createRandom } from './random.ts'
import { rushOf } from './rhythm.ts'

export interface House {
  seed: string
  restaurant: Restaurant
  staff: readonly StaffMember[]
  customers: readonly Customer[]
}

/** Minutes since midnight between which bills are paid, at lunch and at dinner. */
const lunch = [12 * 60 + 30, 15 * 60] as const
const dinner = [19 * 60 + 30, 23 * 60] as const

/** @param average how many transactions a usual day has */
export function salesOfDay(house: House, day: string, average: number): Transaction[] {
  const { seed, restaurant, staff } = house
  const random = createRandom(`${seed}:${restaurant._id}:${day}`)
  const waiters = staff.filter(({ job }) => job === 'waiter')
  const expected = average * rushOf(day) * (0.8 + 0.4 * random.next())
  const count = Math.floor(expected) + (random.chance(expected % 1) ? 1 : 0)
  const times = Array.from({ length: count }, () => {
    const [from, to] = random.chance(0.35) ? lunch : dinner
    return random.between(from, to)
  }).sort((a, b) => a - b)

  return times.map((time, index) => {
    const at = momentAt(day, time, restaurant.timeZone)
    const guests = random.pickBy([1, 2, 3, 4, 5, 6], (size) => [1, 6, 3, 4, 1, 1][size - 1] ?? 1)
    // Some waiters have more tables, and some sell more at each of theirs.
    const waiter = random.pickBy(waiters, (_, place) => 1 + 1 / (place + 1))
    const zeal = 0.85 + 0.06 * waiters.indexOf(waiter)
    const lines = orderOf(random, { restaurant: restaurant._id, day, appetite: guests * zeal })
    return {
      _id: `${restaurant._id}-${day.replaceAll('-', '')}-${index + 1}`,
      restaurant: restaurant._id,
      // Regulars come again and again, others once.
      customer: random.pickBy(house.customers, (_, place) => 1 / (place + 10))._id,
      staff: waiter._id,
      lines,
      currency: restaurant.currency,
      total: totalOf(lines),
      at,
      day,
      paidAt: at,
      createdAt: at,
      updatedAt: at,
      version: 1,
    }
  })
}

/** The tables that are booked around a day: those of the last days were eaten at and paid, the others are to come. */

import type { Booking, Transaction } from '../back-office/documents.ts'
import { addDays, daysBetween } from '../calendar.ts'
import { momentAt } from './moment.ts'
import { createRandom } from './random.ts'
import { rushOf } from './rhythm.ts'
import type { House } from './sales.ts'

/** How many days ahead people book. */
const ahead = 14
const tableMinutes = 100

/** Bookings for some of the day's bills, and those bills with their bookings. */
export function bookingsOf(
  house: House,
  sales: readonly Transaction[],
): { bookings: Booking[]; sales: Transaction[] } {
  const random = createRandom(`${house.seed}:${house.restaurant._id}:${sales[0]?._id}`)
  const bookings: Booking[] = []
  const billed = sales.map((sale) => {
    if (random.chance(0.5)) return sale
    const booking: Booking = {
      _id: `${sale._id}-b`,
      restaurant: sale.restaurant,
      customer: sale.customer,
      name: nameOf(house, sale.customer),
      at: earlier(sale.at, tableMinutes),
      guests: random.between(1, 6),
      status: 'paid',
      transaction: sale._id,
      ...changesAt(earlier(sale.at, tableMinutes)),
    }
    bookings.push(booking)
    return { ...sale, booking: booking._id }
  })
  return { bookings, sales: billed }
}

/** What is booked for the next days, of which `today` is the first. */
export function bookingsToCome(house: House, today: string, now: Date): Booking[] {
  const { seed, restaurant, customers } = house
  return daysBetween(today, addDays(today, ahead)).flatMap((day, distance) => {
    const random = createRandom(`${seed}:${restaurant._id}:${day}:bookings`)
    // The farther away, the fewer have booked.
    const count = Math.round((6 * rushOf(day)) / (1 + distance / 5))
    return Array.from({ length: count }, (_, index): Booking => {
      const customer = random.pick(customers)
      const at = momentAt(day, random.pick([12, 12.5, 13, 19, 19.5, 20, 20.5, 21]) * 60, restaurant.timeZone)
      return {
        _id: `${restaurant._id}-${day.replaceAll('-', '')}-b${index + 1}`,
        restaurant: restaurant._id,
        customer: customer._id,
        name: `${customer.firstName} ${customer.lastName}`,
        at,
        guests: random.between(2, 6),
        status: random.chance(0.06) ? 'cancelled' : 'booked',
        ...(random.chance(0.15) && {
          note: random.pick(['A birthday', 'With a high chair', 'A quiet table']),
        }),
        ...changesAt(now),
      }
    }).filter(({ at }) => at > now)
  })
}

function nameOf({ customers }: House, id: string): string {
  const customer = customers.find(({ _id }) => _id === id)
  return customer ? `${customer.firstName} ${customer.lastName}` : ''
}

function earlier(at: Date, minutes: number): Date {
  return new Date(at.getTime() - minutes * 60_000)
}

function changesAt(at: Date) {
  return { createdAt: at, updatedAt: at, version: 1 }
}

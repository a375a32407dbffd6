/**
 * Gives somebody with an account a past and a future as a guest: visits that were paid, one bill that was not, and
 * tables to come. It happens once; who is known already is left alone.
 */
import type { Store, Write } from 'maitred/storage'
import {
  type Booking,
  bookings,
  customers,
  type Restaurant,
  restaurants,
  staff,
  type Transaction,
  transactions,
} from '../back-office/documents.ts'
import { searchTerms } from '../back-office/search-terms.ts'
import { summaryWrites } from '../back-office/summaries.ts'
import { addDays, dayOf } from '../calendar.ts'
import { momentAt } from './moment.ts'
import { orderOf, totalOf } from './order.ts'
import { createRandom } from './random.ts'

export interface Guest {
  /** The person at the provider. */
  sub: string
  email: string
  firstName: string
  lastName: string
}

/** Days from today; what lies behind has a bill. */
const visits = [
  { restaurant: 'napoli', inDays: -36, guests: 2, status: 'paid' },
  { restaurant: 'roma', inDays: -15, guests: 4, status: 'paid' },
  { restaurant: 'napoli', inDays: -1, guests: 2, status: 'billed' },
  { restaurant: 'napoli', inDays: 4, guests: 2, status: 'booked' },
  { restaurant: 'roma', inDays: 11, guests: 5, status: 'booked' },
] as const

const dinner = 20 * 60
const tableMinutes = 100

/** The restaurants must be there. */
export async function seedGuest(store: Store, { guest, now }: { guest: Guest; now: Date }): Promise<void> {
  if ((await store.collection(customers).count({ sub: guest.sub })) > 0) return
  const writes: Write[] = []
  for (const id of new Set(visits.map(({ restaurant }) => restaurant))) {
    const restaurant = await store.collection(restaurants).get(id)
    const [waiter] = await store.collection(staff).find({ restaurant: id, job: 'waiter' }, { limit: 1 })
    if (!restaurant || !waiter) throw new Error(`The restaurant ${id} is not there`)
    writes.push({ in: customers, insert: customerOf(restaurant, guest, now) })
    for (const visit of visits.filter((one) => one.restaurant === id)) {
      const { booking, bill } = visitOf(visit, { restaurant, waiter: waiter._id, guest, now })
      writes.push({ in: bookings, insert: booking })
      if (bill) writes.push({ in: transactions, insert: bill }, ...summaryWrites(undefined, bill))
    }
  }
  await store.batch(writes)
}

function customerOf(restaurant: Restaurant, guest: Guest, now: Date) {
  return {
    _id: idOf(restaurant, guest),
    restaurant: restaurant._id,
    ...guest,
    search: searchTerms(guest),
    ...changesAt(now),
  }
}

function visitOf(
  visit: (typeof visits)[number],
  { restaurant, waiter, guest, now }: { restaurant: Restaurant; waiter: string; guest: Guest; now: Date },
): { booking: Booking; bill?: Transaction } {
  const { timeZone, currency } = restaurant
  const day = addDays(dayOf(now, timeZone), visit.inDays)
  const customer = idOf(restaurant, guest)
  const _id = `${customer}-${day.replaceAll('-', '')}`
  const booking: Booking = {
    _id,
    restaurant: restaurant._id,
    customer,
    sub: guest.sub,
    name: `${guest.firstName} ${guest.lastName}`,
    at: momentAt(day, dinner, timeZone),
    guests: visit.guests,
    status: visit.status,
    ...changesAt(now),
  }
  if (visit.status === 'booked') return { booking }
  const at = momentAt(day, dinner + tableMinutes, timeZone)
  const lines = orderOf(createRandom(day), { restaurant: restaurant._id, day, appetite: visit.guests })
  const bill: Transaction = {
    _id: `${_id}-bill`,
    restaurant: restaurant._id,
    customer,
    staff: waiter,
    lines,
    currency,
    total: totalOf(lines),
    at,
    day,
    booking: _id,
    ...(visit.status === 'paid' && { paidAt: at }),
    ...changesAt(at),
  }
  return { booking: { ...booking, transaction: bill._id }, bill }
}

function idOf(restaurant: Restaurant, guest: Guest): string {
  return `${restaurant._id}-${guest.sub}`
}

function changesAt(at: Date) {
  return { createdAt: at, updatedAt: at, version: 1 }
}

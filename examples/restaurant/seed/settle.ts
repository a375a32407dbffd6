/**
 * Ends the tables whose evening is over: most guests came and paid, some called it off, some did not come. Nobody of a
 * demo works through them by hand. What people have changed since it was booked is left as it is.
 */
import type { Store, Write } from 'maitred/storage'
import {
  type Booking,
  bookings,
  type Restaurant,
  staff,
  type Transaction,
  transactions,
} from '../back-office/documents.ts'
import { summaryWrites } from '../back-office/summaries.ts'
import { dayOf } from '../calendar.ts'
import { orderOf, totalOf } from './order.ts'
import { createRandom, type Random } from './random.ts'

const tableMs = 100 * 60_000
/** Guests of whom nothing was heard for so long have left. */
const overMs = 4 * 3_600_000

export async function settlePast(
  store: Store,
  { seed, restaurant, now }: { seed: string; restaurant: Restaurant; now: Date },
): Promise<void> {
  const here = { restaurant: restaurant._id }
  const over = { at: { $lt: new Date(now.getTime() - overMs) }, status: 'booked', version: 1 }
  const past = await store.collection(bookings).find({ ...here, ...over })
  if (past.length === 0) return
  const waiters = await store.collection(staff).find({ ...here, job: 'waiter', active: true })
  for (const booking of past) {
    const random = createRandom(`${seed}:${booking._id}:settled`)
    await store.batch(settled(booking, { random, restaurant, waiters: waiters.map(({ _id }) => _id) }))
  }
}

function settled(
  booking: Booking,
  { random, restaurant, waiters }: { random: Random; restaurant: Restaurant; waiters: readonly string[] },
): Write[] {
  const change = (at: Date, fields: Partial<Booking>): Write => {
    const update = { _id: booking._id, version: booking.version, status: 'booked' }
    return { in: bookings, update, change: { $set: { ...fields, updatedAt: at }, $inc: { version: 1 } } }
  }
  const cameNot = random.chance(0.07)
  if (cameNot || random.chance(0.05) || waiters.length === 0) {
    const note = cameNot ? { note: 'Nobody came' } : {}
    return [change(booking.at, { status: 'cancelled', ...note })]
  }
  const at = new Date(booking.at.getTime() + tableMs)
  const day = dayOf(at, restaurant.timeZone)
  const lines = orderOf(random, { restaurant: restaurant._id, day, appetite: booking.guests })
  const bill: Transaction = {
    _id: `${booking._id}-bill`,
    restaurant: restaurant._id,
    customer: booking.customer,
    staff: random.pick(waiters),
    lines,
    currency: restaurant.currency,
    total: totalOf(lines),
    at,
    day,
    booking: booking._id,
    paidAt: at,
    createdAt: at,
    updatedAt: at,
    version: 1,
  }
  return [
    change(at, { status: 'paid', transaction: bill._id }),
    { in: transactions, insert: bill },
    ...summaryWrites(undefined, bill),
  ]
}

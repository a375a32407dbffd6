/** One booking: how it is shown, and what has to be true of it. */
import type { Store } from 'maitred/storage'
import { z } from 'zod'
import { type Booking, bookingStatus, bookings, type Customer } from '../documents.ts'
import { searchTerms } from '../search-terms.ts'
import { momentAnswer } from './fields.ts'
import { fieldProblem, Problem } from './problem.ts'

/** How long a table is kept for a party. */
const stayMs = 2 * 3_600_000
/** The staff writes down who has just walked in. */
const walkedInMs = 15 * 60_000
const aheadMs = 366 * 86_400_000
/** So many tables to come a guest may have, in all restaurants together. */
export const mostOpen = 10

export const bookingAnswer = z
  .object({
    id: z.string(),
    restaurant: z.string(),
    customer: z.string(),
    name: z.string(),
    at: momentAnswer,
    guests: z.int(),
    status: bookingStatus,
    note: z.string().optional(),
    transaction: z.string().optional(),
    createdAt: momentAnswer,
    updatedAt: momentAnswer,
  })
  .meta({ id: 'Booking' })

export function bookingView(booking: Booking): z.infer<typeof bookingAnswer> {
  const { _id, restaurant, customer, name, at, guests, status, note, transaction } = booking
  return {
    id: _id,
    restaurant,
    customer,
    name,
    at: at.toISOString(),
    guests,
    status,
    ...(note !== undefined && { note }),
    ...(transaction !== undefined && { transaction }),
    createdAt: booking.createdAt.toISOString(),
    updatedAt: booking.updatedAt.toISOString(),
  }
}

/** @throws Problem 422 for a moment at which no table can be booked. */
export function checkMoment(at: Date, { now, by }: { now: Date; by: 'guest' | 'staff' }): void {
  const earliest = now.getTime() - (by === 'staff' ? walkedInMs : 0)
  if (at.getTime() < earliest) throw fieldProblem('at', 'is in the past')
  if (at.getTime() > now.getTime() + aheadMs) throw fieldProblem('at', 'is more than a year ahead')
}

/** @param o.but the booking that is moved. @throws Problem 422 when the customer has another table then. */
export async function checkOverlap(
  store: Store,
  { customer, at, but }: { customer: string; at: Date; but?: string },
): Promise<void> {
  const [earliest, latest] = [new Date(at.getTime() - stayMs), new Date(at.getTime() + stayMs)]
  const clash = await store.collection(bookings).find(
    {
      customer,
      at: { $gt: earliest, $lt: latest },
      status: { $in: ['booked', 'seated'] },
      ...(but !== undefined && { _id: { $ne: but } }),
    },
    { limit: 1 },
  )
  if (clash.length > 0) throw fieldProblem('at', 'overlaps with another booking of the same guest')
}

/** @param o.but the booking that is moved. @throws Problem 409 when the guest has as many tables to come as they may. */
export async function checkOpen(
  store: Store,
  { sub, now, but }: { sub: string; now: Date; but?: string },
): Promise<void> {
  const open = { sub, at: { $gt: now }, status: 'booked', ...(but !== undefined && { _id: { $ne: but } }) }
  if ((await store.collection(bookings).count(open)) < mostOpen) return
  const detail = `You have ${mostOpen} tables booked already. Cancel one of them before you book another.`
  throw new Problem(409, detail, { code: 'too-many-bookings' })
}

/** Who books for the first time. */
export function newCustomer(o: {
  _id: string
  restaurant: string
  name: string
  sub?: string
  at: Date
}): Customer {
  const { name, at, ...fields } = o
  // The last word is the family's, as good as any rule without asking; the staff corrects it.
  const words = name.split(/\s+/)
  const lastName = words.length > 1 ? (words.pop() ?? '') : ''
  const named = { firstName: words.join(' '), lastName }
  return { ...fields, ...named, search: searchTerms(named), createdAt: at, updatedAt: at, version: 1 }
}

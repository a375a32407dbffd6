/** Whose bookings a caller may reach: those of the restaurant where they work, or those they made as a guest. */
import type { Store } from 'maitred/storage'
import { type Booking, bookings, type StaffMember } from '../documents.ts'
import { notFound, Problem } from './problem.ts'
import type { Call } from './route.ts'

export type StaffPermission = 'bookings.read' | 'bookings.update'

/** The caller as one of the staff who holds the permission. @throws Problem 403 for who is neither staff nor guest. */
export async function hostOf(call: Call, permission: StaffPermission): Promise<StaffMember | undefined> {
  const member = call.may(permission) ? await call.member() : undefined
  if (!member && !call.may('bookings.own'))
    throw new Problem(403, 'This is for guests, and for the staff of a restaurant.')
  return member
}

/** @throws Problem 404 for a booking out of reach, as for one that is not there. */
export async function bookingOf(
  call: Call,
  store: Store,
  permission: StaffPermission,
): Promise<{ booking: Booking; by: 'guest' | 'staff' }> {
  const host = await hostOf(call, permission)
  const booking = await store.collection(bookings).get(call.id)
  if (booking && host?.restaurant === booking.restaurant) return { booking, by: 'staff' }
  if (booking && isTheirs(call, booking)) return { booking, by: 'guest' }
  throw notFound()
}

/** @throws Problem 404 */
export async function ownBookingOf(call: Call, store: Store): Promise<Booking> {
  const booking = await store.collection(bookings).get(call.id)
  if (!booking || !isTheirs(call, booking)) throw notFound()
  return booking
}

function isTheirs(call: Call, { sub }: Booking): boolean {
  return call.may('bookings.own') && sub === call.caller.id
}

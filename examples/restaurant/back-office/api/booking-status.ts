/** What becomes of a booking, and by whom: the guest, the staff, or the bill. */
import type { Booking } from '../documents.ts'
import { fieldProblem } from './problem.ts'

type Status = Booking['status']

const following: Readonly<Record<Status, readonly Status[]>> = {
  booked: ['seated', 'cancelled'],
  seated: ['billed'],
  billed: ['paid'],
  paid: [],
  cancelled: [],
}

export function mayBecome(from: Status, to: Status): boolean {
  return following[from].includes(to)
}

/** @throws Problem 422 when this person cannot take the booking from one status to the other. */
export function checkStatus(from: Status, to: Status, by: 'guest' | 'staff'): void {
  if (from === to) return
  if (!mayBecome(from, to)) throw fieldProblem('status', `cannot become ${to}: it is ${from}`)
  if (to === 'billed') throw fieldProblem('status', 'becomes billed with its transaction')
  if (by === 'guest' && to !== 'cancelled') throw fieldProblem('status', `is ${to} when the staff says so`)
}

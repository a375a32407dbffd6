/** What the state of a booking means to the guest, and what can still be done with it. */
import { type Html, html } from '../web/html.ts'
import type { Booking } from './answers.ts'

const WORDS: Record<Booking['status'], { text: string; look: string }> = {
  booked: { text: 'Booked', look: 'good' },
  seated: { text: 'At the table', look: 'good' },
  billed: { text: 'Bill to pay', look: 'due' },
  paid: { text: 'Paid', look: '' },
  cancelled: { text: 'Cancelled', look: '' },
}

export function stateOf({ status }: Booking): Html {
  const { text, look } = WORDS[status]
  return html`<span class="state ${look}">${text}</span>`
}

/** Still ahead, or at the table. */
export function isToCome({ status, at }: Booking, now: Date): boolean {
  return status === 'seated' || (status === 'booked' && at > now)
}

export function canCancel({ status, at }: Booking, now: Date): boolean {
  return status === 'booked' && at > now
}

export function hasBill({ status }: Booking): boolean {
  return status === 'billed' || status === 'paid'
}

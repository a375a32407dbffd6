/** A booking as one row of a list. */

import { type Html, html } from '../web/html.ts'
import { whenOf } from '../web/when.ts'
import type { Booking, Restaurant } from './answers.ts'
import { stateOf } from './booking-state.ts'

export function bookingCard(booking: Booking, restaurant: Restaurant | undefined, now: Date): Html {
  const { id, at, guests } = booking
  return html`<li class="row">
    <div>
      <a href="/bookings/${id}">${restaurant?.name ?? 'A restaurant that has closed'}</a>
      <p class="quiet"><time datetime="${at.toISOString()}">${whenOf(at, now, restaurant?.timeZone ?? 'UTC')}</time>, ${guestsOf(guests)}</p>
    </div>
    ${stateOf(booking)}
  </li>`
}

export function guestsOf(count: number): string {
  return count === 1 ? 'one guest' : `${count} guests`
}

/** The page on which a table is booked. */

import { addDays } from '../calendar.ts'
import { field, refusal, type Wrongs } from '../web/field.ts'
import { type Html, html } from '../web/html.ts'
import type { Restaurant } from './answers.ts'

/** As it was typed. */
export interface BookForm {
  day: string
  time: string
  guests: string
  note: string
}

const LABELS = new Map([
  ['day', 'Day'],
  ['time', 'Time'],
  ['guests', 'Guests'],
  ['note', 'Note'],
])

/** How far ahead the calendar of the form goes, in days. */
const AHEAD = 365

export function bookForm(o: { restaurant: Restaurant; today: string; typed: BookForm; wrongs: Wrongs }): {
  title: string
  body: Html
} {
  const { restaurant, today, typed, wrongs } = o
  const title = `A table at ${restaurant.name}`
  const body = html`<p class="back"><a href="/book">All restaurants</a></p>
    <div class="card">
      <h1>${title}</h1>
      <p class="quiet">In ${restaurant.city}. The times are local to the restaurant.</p>
      ${refusal(wrongs, LABELS, 'Your table is not booked yet.')}
      <form method="post" action="/book/${restaurant.id}" novalidate>
        <div class="trio">
          ${field({ name: 'day', label: 'Day', type: 'date', required: true, value: typed.day, error: wrongs.get('day'), min: today, max: addDays(today, AHEAD) })}
          ${field({ name: 'time', label: 'Time', type: 'time', required: true, value: typed.time, error: wrongs.get('time') })}
          ${field({ name: 'guests', label: 'Guests', type: 'number', required: true, value: typed.guests, error: wrongs.get('guests'), min: '1', max: '20' })}
        </div>
        ${field({ name: 'note', label: 'Note for the restaurant', long: true, value: typed.note, error: wrongs.get('note'), hint: 'Allergies, a pram, a birthday.', maxLength: 500 })}
        <button>Book the table</button>
      </form>
    </div>`
  return { title, body }
}

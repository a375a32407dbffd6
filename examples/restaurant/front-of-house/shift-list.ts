/** Shifts, day by day. */

import { type Html, html } from '../web/html.ts'
import { dayAndDate } from '../web/when.ts'
import type { Shift } from './answers.ts'

export function shiftList(shifts: readonly Shift[], today?: string): Html {
  const inOrder = shifts.toSorted((a, b) => `${a.day} ${a.from}`.localeCompare(`${b.day} ${b.from}`))
  return html`<ul class="rows">${inOrder.map(
    ({ day, from, to, job }) => html`<li class="row${today && day < today ? ' past' : ''}">
      <div><strong>${dayAndDate(day)}</strong>${day === today ? html` <span class="state good">today</span>` : ''}
        <p class="quiet">as ${job}</p></div>
      <span class="times"><time>${from}</time> to <time>${to}</time></span>
    </li>`,
  )}</ul>`
}

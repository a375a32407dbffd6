/** What was eaten and what it comes to, with the button to pay it. */

import { type Html, html } from '../web/html.ts'
import { money } from '../web/money.ts'
import { whenOf } from '../web/when.ts'
import type { Bill, Booking } from './answers.ts'

export function billSection({ id }: Booking, bill: Bill, now: Date, timeZone: string): Html {
  const { lines, currency, total, paidAt } = bill
  return html`<section class="card">
    <h2>The bill</h2>
    <table class="bill">
      <thead><tr><th scope="col">What</th><th scope="col">Each</th><th scope="col">Together</th></tr></thead>
      <tbody>${lines.map(
        ({ name, quantity, amount }) =>
          html`<tr><td>${quantity} × ${name}</td><td>${money(amount, currency)}</td><td>${money(quantity * amount, currency)}</td></tr>`,
      )}</tbody>
      <tfoot><tr><th scope="row">In all</th><td></td><td>${money(total, currency)}</td></tr></tfoot>
    </table>
    ${
      paidAt
        ? html`<p class="quiet">Paid <time datetime="${paidAt.toISOString()}">${whenOf(paidAt, now, timeZone)}</time>.</p>`
        : html`<form class="actions" method="post" action="/bookings/${id}/pay">
            <button>Pay ${money(total, currency)}</button> <small>This is a demo: no money moves.</small></form>`
    }
  </section>`
}

/** The page on which people say when they can work. Each day has the rows that it has, and one more to fill in. */

import { WEEKDAYS } from '../calendar.ts'
import { type Html, html } from '../web/html.ts'
import type { Row } from './availability-rows.ts'

export function availabilityForm(o: {
  rows: readonly Row[]
  /** The day that has just got another row. */
  added?: number
  refused?: boolean
  flash?: Html
}): { title: string; body: Html } {
  const title = 'When can you work?'
  const wrong = o.rows.flatMap((row) => (row.wrong ? [row] : []))
  const body = html`<h1>${title}</h1>
    ${o.flash}
    <p>The rota is made from these times, week after week, until you change them. Leave a day empty when you cannot come; a time that ends before it begins goes on past midnight.</p>
    ${
      o.refused
        ? html`<div class="notice danger" role="alert" tabindex="-1" autofocus>
      <p><strong>Your times are not saved yet.</strong></p>
      <ul>${wrong.map(({ weekday, wrong }) => html`<li>${WEEKDAYS[weekday - 1]}: ${wrong}</li>`)}</ul></div>`
        : ''
    }
    <form method="post" action="/availability" novalidate>
      ${enterSaves}
      <div class="card days">${WEEKDAYS.map((name, index) => day(name, index + 1, o))}</div>
      <p class="actions save"><button>Save your times</button></p>
    </form>`
  return { title, body }
}

/** Enter in a field presses the first button of a form, which would be "Another time". */
const enterSaves = html`<button class="unseen" tabindex="-1" aria-hidden="true">Save</button>`

function day(name: string, weekday: number, { rows, added }: { rows: readonly Row[]; added?: number }): Html {
  const own = rows.filter((row) => row.weekday === weekday)
  const shown = own.length > 0 ? own : [{ weekday, from: '', to: '' }]
  return html`<fieldset class="day">
    <legend>${name}</legend>
    <div class="ranges">${shown.map((row, index) => range(row, name, index, added === weekday && index === shown.length - 1))}</div>
    <button class="slight" name="more" value="${weekday}">Another time<span class="unseen"> on ${name}</span></button>
  </fieldset>`
}

function range({ weekday, from, to, wrong }: Row, name: string, index: number, isNew: boolean): Html {
  const id = `${weekday}-${index}`
  const told = wrong ? html` aria-invalid="true" aria-describedby="wrong-${id}"` : ''
  const which = index === 0 ? name : `${name}, time ${index + 1}`
  return html`<div class="range">
    <input type="hidden" name="day" value="${weekday}">
    <div><label for="from-${id}"><span class="unseen">${which}, </span>from</label>
      <input class="input" type="time" id="from-${id}" name="from" value="${from}"${told}${isNew ? html` autofocus` : ''}></div>
    <div><label for="to-${id}"><span class="unseen">${which}, </span>to</label>
      <input class="input" type="time" id="to-${id}" name="to" value="${to}"${told}></div>
    ${wrong ? html`<p class="wrong" id="wrong-${id}">${wrong}</p>` : ''}
  </div>`
}

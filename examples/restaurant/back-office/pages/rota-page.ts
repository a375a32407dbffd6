/** One rota: how far it is while it is being made, and when it is there who takes which shift. */

import { dayOf, daysOfWeek } from '../../calendar.ts'
import { apiPath } from '../../web/api-client.ts'
import { type Html, html } from '../../web/html.ts'
import { weekTitle, whenOf } from '../../web/when.ts'
import { namesOf, readStaff } from './lookups.ts'
import type { OfficeVisit } from './office-visit.ts'
import { type Rota, rota, type Shift } from './records.ts'
import { dayCard, readWeek } from './week-of-shifts.ts'

/** Seconds after which a page that waits looks again. */
const LOOK_AGAIN = 3

export function stateOf({ status, acceptedAt }: Rota): Html {
  if (acceptedAt) return html`<span class="state good">Accepted</span>`
  if (status === 'done') return html`<span class="state due">To be looked at</span>`
  if (status === 'failed') return html`<span class="state bad">Given up</span>`
  return html`<span class="state">${status === 'working' ? 'Being made' : 'Waiting'}</span>`
}

/** @param wrong why it could not be accepted */
export async function rotaPage(visit: OfficeVisit, wrong?: string): Promise<void> {
  const one = await visit.api.get(apiPath`/rotas/${visit.part('id')}`, rota)
  if (one.status === 'failed') return failedPage(visit, one)
  if (one.status === 'done') return resultPage(visit, one, wrong)
  return waitingPage(visit, one)
}

const titleOf = ({ week }: Rota) => `Rota of ${weekTitle(week)}`

const BACK = { href: '/rotas', label: 'All rotas' }

const askedAt = (visit: OfficeVisit, { createdAt }: Rota) =>
  `Asked for ${whenOf(createdAt, visit.now, visit.timeZone)}`

function waitingPage(visit: OfficeVisit, one: Rota): void {
  const still = visit.ctx.URL.searchParams.has('still')
  // The header does what a `meta` in the page does, and whoever reads slowly can stop it.
  if (!still) visit.ctx.set('Refresh', String(LOOK_AGAIN))
  const step = one.status === 'waiting' ? 1 : 2
  const steps = [
    'Your question is noted',
    one.status === 'waiting' && one.attempts > 0 ? 'It waits for the next try' : 'It waits for its turn',
    `The kitchen rota works on it${one.attempts > 1 ? `, try ${one.attempts}` : ''}`,
    'The proposal is there',
  ]
  visit.page({
    title: titleOf(one),
    back: BACK,
    text: askedAt(visit, one),
    body: html`<section class="card" aria-labelledby="far">
      <h2 id="far">Step ${step + 1} of ${steps.length}</h2>
      <progress class="progress" value="${step}" max="${steps.length}" aria-labelledby="far"></progress>
      <ol class="steps">${steps.map(
        (text, index) =>
          html`<li${index < step ? html` class="done"` : index === step ? html` aria-current="step"` : ''}>${text}</li>`,
      )}</ol>
      ${one.problem ? html`<p class="notice warning">The last try did not work: ${one.problem} We try again by ourselves.</p>` : ''}
      <p>You need not wait here: you get a mail when it is done, and it stays in the list.</p>
      <p class="quiet">${
        still
          ? html`This page stands still. <a href="/rotas/${one.id}">Look again</a>`
          : html`This page looks again every ${LOOK_AGAIN} seconds. <a href="/rotas/${one.id}?still=true">Stop that</a>`
      }</p>
    </section>`,
  })
}

function failedPage(visit: OfficeVisit, one: Rota): void {
  visit.page({
    title: titleOf(one),
    back: BACK,
    text: askedAt(visit, one),
    body: html`<section class="card"><p class="notice danger"><strong>No rota came of it.</strong> ${one.problem ?? ''}</p>
      <p>After ${one.attempts} ${one.attempts === 1 ? 'try' : 'tries'} we gave up. The shifts are as they were. Ask once more, or fill them by hand.</p>
      <div class="actions"><a class="button" href="/rotas?week=${one.week}">Ask once more</a>
        <a class="button quiet" href="/shifts?week=${one.week}">See the week</a>
        ${visit.may('tasks.update') ? html`<a href="/stuck">Send the stuck task again</a>` : ''}</div></section>`,
  })
}

async function resultPage(visit: OfficeVisit, one: Rota, wrong?: string): Promise<void> {
  const [all, staff] = await Promise.all([readWeek(visit, one.week), readStaff(visit)])
  const { assignments = [], unfilled = [] } = one
  const workers = new Map(assignments.map(({ shift, staff }) => [shift, staff]))
  const proposed = all.map((shift): Shift => {
    const worker = workers.get(shift.id)
    return worker && !one.acceptedAt ? { ...shift, staff: worker } : shift
  })
  const names = namesOf(staff)
  visit.page({
    title: titleOf(one),
    back: BACK,
    text: askedAt(visit, one),
    status: wrong ? 409 : 200,
    ...(!one.acceptedAt && {
      actions: html`<form method="post" action="/rotas/${one.id}/accept"><button>Accept and fill the shifts</button></form>`,
    }),
    body: html`${wrong ? html`<p class="notice danger" role="alert">${wrong} <a href="/rotas?week=${one.week}">Have a new one made</a></p>` : ''}
      ${
        one.acceptedAt
          ? html`<p class="notice success" role="status">The shifts of that week have their people now. Accepted ${whenOf(one.acceptedAt, visit.now, visit.timeZone)}. <a href="/shifts?week=${one.week}">See the week</a></p>`
          : ''
      }
      ${
        // What is good and done is said once.
        one.acceptedAt && unfilled.length === 0
          ? ''
          : html`<p class="notice ${unfilled.length > 0 ? 'warning' : 'success'}">${assignments.length} ${assignments.length === 1 ? 'shift has' : 'shifts have'} somebody${unfilled.length > 0 ? `, ${unfilled.length} ${unfilled.length === 1 ? 'stays' : 'stay'} open: nobody of the job can work then` : '. None stays open'}.</p>`
      }
      ${fairness(assignments, names)}
      <ol class="week">${(daysOfWeek(one.week) ?? []).map((day) =>
        dayCard(visit, {
          day,
          today: dayOf(visit.now, visit.timeZone),
          shifts: proposed.filter((shift) => shift.day === day),
          names,
        }),
      )}</ol>`,
  })
}

/** How many shifts each would have: whether it is fair is seen here first. */
function fairness(assignments: readonly { staff: string }[], names: (id: string) => string): Html {
  const counts = new Map<string, number>()
  for (const { staff } of assignments) counts.set(staff, (counts.get(staff) ?? 0) + 1)
  if (counts.size === 0) return html``
  const most = [...counts].sort((a, b) => b[1] - a[1])
  return html`<section class="card"><h2>How many each</h2><ul class="counts">${most.map(
    ([id, count]) => html`<li>${names(id)} <strong>${count}</strong></li>`,
  )}</ul></section>`
}

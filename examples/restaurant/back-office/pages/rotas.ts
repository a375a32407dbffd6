/** Having a rota made: asking for it now or in the background, seeing how far it is, and putting it into the shifts. */

import { dayOf, daysOfWeek, weekOf } from '../../calendar.ts'
import { ApiDown, ApiProblem, apiPath } from '../../web/api-client.ts'
import { field } from '../../web/field.ts'
import { html } from '../../web/html.ts'
import { addWeeks, shortWeek, weekTitle, whenOf } from '../../web/when.ts'
import { cursorOf, listing } from './listing.ts'
import type { OfficeRoute, OfficeVisit } from './office-visit.ts'
import { listOf, type Rota, rota } from './records.ts'
import { rotaPage, stateOf } from './rota-page.ts'
import { readWeek, weekAsked } from './week-of-shifts.ts'

/** So many weeks can be asked for, from this one on. */
const WEEKS = 5

const NOTHING_TO_FILL = 'There is no shift to fill in that week'

const permission = 'rota.ask'

export const rotas: readonly OfficeRoute[] = [
  { method: 'get', path: '/rotas', permission, handle: (visit) => askPage(visit) },
  { method: 'post', path: '/rotas', permission, handle: ask },
  { method: 'get', path: '/rotas/:id', permission, handle: (visit) => rotaPage(visit) },
  { method: 'post', path: '/rotas/:id/accept', permission, handle: accept },
]

/** @param o what was asked for, and why it cannot be */
async function askPage(visit: OfficeVisit, o?: { week: string; wrong: string }): Promise<void> {
  const asked = o?.week ?? (visit.ctx.URL.searchParams.has('week') ? weekAsked(visit) : undefined)
  const url = visit.ctx.URL
  const today = dayOf(visit.now, visit.timeZone)
  const thisWeek = weekOf(today)
  const weeks = Array.from({ length: WEEKS }, (_, index) => addWeeks(thisWeek, index))
  if (asked && !weeks.includes(asked)) weeks.unshift(asked)
  const [{ items, next }, ...shifts] = await Promise.all([
    visit.api.get('/rotas', listOf(rota), { after: cursorOf(url), limit: 10 }),
    ...weeks.map((one) => readWeek(visit, one)),
  ])
  const open = shifts.map((all) => all.filter(({ staff, day }) => !staff && day >= today).length)
  const choices = weeks.map((value, index) => ({
    value,
    label: `${shortWeek(value)}: ${openShifts(open[index])}`,
  }))
  const week = asked ?? weeks.find((_, index) => (open[index] ?? 0) > 0) ?? thisWeek
  visit.page({
    title: 'Rota',
    text: 'The kitchen rota looks at who can work when, and proposes who takes which shift. Nothing changes before you accept it.',
    status: o ? 422 : 200,
    body: html`<form class="card" method="post" action="/rotas">
        ${field({ name: 'week', label: 'Week', choices, value: week, required: true, error: o?.wrong })}
        <div class="ways">
          <div><button name="do" value="now" aria-describedby="now">Ask now</button><p class="hint" id="now">You wait a few seconds for the answer.</p></div>
          <div><button class="quiet" name="do" value="later" aria-describedby="later">Ask in the background</button><p class="hint" id="later">Go on with something else: you get a mail when it is there.</p></div>
        </div>
      </form>
      <section class="within" aria-labelledby="earlier"><h2 id="earlier">Asked for so far</h2>
      ${listing({
        caption: 'Rotas that were asked for, the newest first',
        items,
        url,
        next,
        empty: html`<p class="quiet">Nobody has asked for one yet.</p>`,
        columns: [
          {
            title: 'Week',
            cell: ({ id, week }: Rota) => html`<a href="/rotas/${id}">${weekTitle(week)}</a>`,
          },
          { title: 'Asked', cell: ({ createdAt }) => whenOf(createdAt, visit.now, visit.timeZone) },
          { title: 'State', cell: stateOf },
        ],
      })}</section>`,
  })
}

function openShifts(count = 0): string {
  return count === 0 ? 'none open' : `${count} open ${count === 1 ? 'shift' : 'shifts'}`
}

async function ask(visit: OfficeVisit): Promise<void> {
  const typed = await visit.form()
  const week = typed.get('week') ?? ''
  const later = typed.get('do') === 'later'
  try {
    const answer = await visit.api.send('POST', '/rotas', {
      body: { week },
      ...(later && { headers: { prefer: 'respond-async' } }),
    })
    visit.go(`/rotas/${rota.parse(answer.body).id}`)
  } catch (error) {
    if (error instanceof ApiProblem && error.status === 422)
      return askPage(visit, { week: daysOfWeek(week) ? week : weekAsked(visit), wrong: NOTHING_TO_FILL })
    if (!(error instanceof ApiDown)) throw error
    visit.ctx.set('Retry-After', '10')
    downPage(visit, week, error.detail)
  }
}

/** The rota gave no answer that is of use: what is still true, and what can be done now. */
function downPage(visit: OfficeVisit, week: string, detail?: string): void {
  const form = (way: 'now' | 'later', look: string, text: string) =>
    html`<form method="post" action="/rotas"><input type="hidden" name="week" value="${week}"><button${look ? html` class="${look}"` : ''} name="do" value="${way}">${text}</button></form>`
  visit.page({
    title: 'No rota just now',
    status: 503,
    back: { href: `/rotas?week=${week}`, label: 'Rota' },
    text: 'Nothing was changed: the shifts are as they were.',
    body: html`<p class="notice warning" role="alert">${reasonOf(detail)}</p>
      <section class="card"><h2>What you can do</h2>
        <p>Have it asked in the background: we try again by ourselves until it answers, and send you a mail with the result.</p>
        <div class="actions">${form('later', '', 'Ask in the background')}${form('now', 'quiet', 'Try again now')}</div>
        <p>Or fill the shifts by hand: <a href="/shifts?week=${week}">see the week</a>.</p>
      </section>`,
  })
}

/** What the API says went wrong. What it says to do about it stands below, with the buttons for it. */
function reasonOf(detail = 'The kitchen rota does not answer.'): string {
  return detail.replace(/ Try again soon.*$/, '')
}

async function accept(visit: OfficeVisit): Promise<void> {
  try {
    await visit.api.send('POST', apiPath`/rotas/${visit.part('id')}/accept`)
    visit.go(`/rotas/${encodeURIComponent(visit.part('id'))}`)
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 409) throw error
    await rotaPage(visit, error.message)
  }
}

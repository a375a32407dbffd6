/** The time that a report is about: as the address has it, or the last 30 days; and the form to choose another. */

import { addDays, dayOf, daysBetween, isDay } from '../../../calendar.ts'
import { field } from '../../../web/field.ts'
import { type Html, html } from '../../../web/html.ts'
import { shortDay } from '../../../web/when.ts'
import type { OfficeVisit } from '../office-visit.ts'

export interface Period {
  from: string
  to: string
  /** The same number of days just before, to compare with. */
  before: { from: string; to: string }
  days: number
}

/** Two years and a leap day: further a report does not reach. */
const MOST_DAYS = 731

export function periodOf(visit: OfficeVisit): Period {
  const today = dayOf(visit.now, visit.timeZone)
  const [wantedFrom, wantedTo] = ['from', 'to'].map((name) => visit.ctx.URL.searchParams.get(name) ?? '')
  const to = isDay(wantedTo ?? '') ? (wantedTo ?? today) : today
  const wanted = isDay(wantedFrom ?? '') ? (wantedFrom ?? today) : addDays(to, -29)
  const earliest = addDays(to, 1 - MOST_DAYS)
  const from = wanted > to ? to : wanted < earliest ? earliest : wanted
  const days = daysBetween(from, to).length
  return { from, to, days, before: { from: addDays(from, -days), to: addDays(from, -1) } }
}

export const periodText = ({ from, to, days }: Period) =>
  `${shortDay(from)} ${from.slice(0, 4)} to ${shortDay(to)} ${to.slice(0, 4)}, ${days} ${days === 1 ? 'day' : 'days'}`

export function periodForm(visit: OfficeVisit, path: string, period: Period): Html {
  const today = dayOf(visit.now, visit.timeZone)
  const ready = [
    { label: '7 days', days: 7 },
    { label: '30 days', days: 30 },
    { label: '90 days', days: 90 },
    { label: 'A year', days: 365 },
  ]
  return html`<form class="filters" method="get" action="${path}">
    ${field({ name: 'from', label: 'From', type: 'date', value: period.from, required: true, max: today })}
    ${field({ name: 'to', label: 'To', type: 'date', value: period.to, required: true })}
    <div class="actions"><button class="quiet">Show</button></div>
    <ul class="ready" aria-label="Often asked for">${ready.map(
      ({ label, days }) =>
        html`<li><a href="${path}?from=${addDays(today, 1 - days)}&to=${today}"${period.to === today && period.days === days ? html` aria-current="true"` : ''}>${label}</a></li>`,
    )}</ul>
  </form>`
}

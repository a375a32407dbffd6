/** What the three reports have in common: the way from one to another, the time they are about, and the downloads. */
import { type Html, html } from '../../../web/html.ts'
import type { OfficeVisit } from '../office-visit.ts'
import { type Period, periodForm, periodText } from './period.ts'

const REPORTS = [
  { path: '/analytics', label: 'Sales trends' },
  { path: '/analytics/history', label: 'Transaction history' },
  { path: '/analytics/staff', label: 'Staff performance' },
]

export function reportPage(
  visit: OfficeVisit,
  o: { path: string; period: Period; actions?: Html; body: Html },
): void {
  const { path, period } = o
  const search = `from=${period.from}&to=${period.to}`
  visit.page({
    title: REPORTS.find((report) => report.path === path)?.label ?? 'Analytics',
    text: periodText(period),
    ...(o.actions && { actions: o.actions }),
    body: html`<nav class="tabs" aria-label="Reports"><ul>${REPORTS.map(
      (report) =>
        html`<li><a href="${report.path}?${search}"${report.path === path ? html` aria-current="page"` : ''}>${report.label}</a></li>`,
    )}</ul></nav>
    ${periodForm(visit, path, period)}
    ${o.body}`,
  })
}

/** In place of a report that has nothing to say. */
export const nothingSold = html`<h2>Nothing was sold in this time</h2><p>Choose another time above, or a longer one.</p>`

/** A link to the same numbers as a file. @param about which of several on the page */
export function csvLink(name: string, { from, to }: Period, about?: string): Html {
  const words = about ? html`CSV<span class="unseen"> ${about}</span>` : 'Download CSV'
  return html`<a class="button quiet" href="/analytics/${name}.csv?from=${from}&to=${to}">${words}</a>`
}

export interface Tile {
  label: string
  value: string
  /** What it is to be compared with. */
  beside?: string | undefined
}

export function tiles(list: readonly Tile[]): Html {
  return html`<div class="tiles">${list.map(
    ({ label, value, beside }) => html`<dl class="tile"><dt>${label}</dt><dd class="value">${value}</dd>
      ${beside ? html`<dd class="beside">${beside}</dd>` : ''}</dl>`,
  )}</div>`
}

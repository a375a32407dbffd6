/** The shifts of a week, day by day: who works, and what is still open. */

import { dayOf, daysOfWeek, weekOf } from '../../calendar.ts'
import { type Html, html } from '../../web/html.ts'
import { addWeeks, longDay, shortDay, weekTitle } from '../../web/when.ts'
import { type Names, namesOf, readAll, readStaff } from './lookups.ts'
import type { OfficeRoute, OfficeVisit } from './office-visit.ts'
import { type Shift, shift } from './records.ts'
import { times } from './shifts.ts'
import { jobTitle } from './staff.ts'

export const weekOfShifts: OfficeRoute = {
  method: 'get',
  path: '/shifts',
  permission: 'shifts.read',
  handle: show,
}

/** The week that the address asks for, or the one in which today lies. */
export function weekAsked(visit: OfficeVisit): string {
  const asked = visit.ctx.URL.searchParams.get('week') ?? ''
  return daysOfWeek(asked) ? asked : weekOf(dayOf(visit.now, visit.timeZone))
}

export function readWeek(visit: OfficeVisit, week: string, mine?: boolean): Promise<Shift[]> {
  return readAll(visit, '/shifts', shift, { week, ...(mine && { mine: 'true' }) })
}

async function show(visit: OfficeVisit): Promise<void> {
  const week = weekAsked(visit)
  const mine = visit.ctx.URL.searchParams.get('mine') === 'true'
  const [all, staff] = await Promise.all([readWeek(visit, week, mine), readStaff(visit)])
  const today = dayOf(visit.now, visit.timeZone)
  const open = all.filter(({ staff, day }) => !staff && day >= today).length
  const to = (other: string) => `/shifts?week=${other}${mine ? '&mine=true' : ''}`
  visit.page({
    title: 'Shifts',
    text: weekTitle(week),
    actions: html`${visit.may('rota.ask') && open > 0 && !mine ? html`<a class="button" href="/rotas?week=${week}">Fill ${open} open ${open === 1 ? 'shift' : 'shifts'}</a>` : ''}
      ${visit.may('shifts.update') ? html`<a class="button quiet" href="/shifts/new?day=${daysOfWeek(week)?.[0]}">Add a shift</a>` : ''}`,
    body: html`<nav class="between" aria-label="Weeks">
      <a class="button quiet" href="${to(addWeeks(week, -1))}">Week before</a>
      ${week === weekOf(today) ? '' : html`<a class="button quiet" href="${to(weekOf(today))}">This week</a>`}
      <a class="button quiet" href="${to(addWeeks(week, 1))}">Week after</a>
      <a href="${mine ? `/shifts?week=${week}` : `/shifts?week=${week}&mine=true`}">${mine ? 'Show everybody’s' : 'Only mine'}</a>
    </nav>
    <ol class="week">${(daysOfWeek(week) ?? []).map((day) =>
      dayCard(visit, { day, today, shifts: all.filter((one) => one.day === day), names: namesOf(staff) }),
    )}</ol>`,
  })
}

/** A day of a week, with its shifts. */
export function dayCard(
  visit: OfficeVisit,
  o: { day: string; today: string; shifts: readonly Shift[]; names: Names },
): Html {
  const { day, shifts } = o
  const [weekday, ...rest] = longDay(day).split(' ')
  const sorted = [...shifts].sort((a, b) => a.from.localeCompare(b.from) || a.job.localeCompare(b.job))
  return html`<li class="day${day === o.today ? ' today' : ''}">
    <h2><span>${weekday}<span class="unseen"> ${rest.join(' ')}</span></span><small aria-hidden="true">${day === o.today ? 'today' : shortDay(day)}</small></h2>
    ${sorted.length === 0 ? html`<p class="quiet small">No shift</p>` : ''}
    ${sorted.map((one) => shiftCard(visit, one, o.names))}
  </li>`
}

function shiftCard(visit: OfficeVisit, one: Shift, names: Names): Html {
  const inside = html`<strong>${one.staff ? names(one.staff) : 'Open'}</strong><span>${times(one)}</span><span class="quiet">${jobTitle(one.job)}</span>`
  const look = `shift ${one.staff ? 'filled' : 'open'}`
  return visit.may('shifts.update')
    ? html`<a class="${look}" href="/shifts/${one.id}">${inside}</a>`
    : html`<div class="${look}">${inside}</div>`
}

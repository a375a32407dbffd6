/** The first page: how today and this week go, and what needs doing. Each part is there for who may see it. */

import { addDays, dayOf, WEEKDAYS, weekdayOf, weekOf } from '../../calendar.ts'
import { ApiProblem } from '../../web/api-client.ts'
import { type Html, html } from '../../web/html.ts'
import { change, figure, money, shortMoney } from '../../web/money.ts'
import { addWeeks, longDay } from '../../web/when.ts'
import { type Tile, tiles } from './analytics/frame.ts'
import { type DaySales, salesByDay } from './analytics/readers.ts'
import { columnChart } from './chart/column-chart.ts'
import { readAll } from './lookups.ts'
import type { OfficeRoute, OfficeVisit } from './office-visit.ts'
import { booking, listOf, rota, task } from './records.ts'
import { readWeek } from './week-of-shifts.ts'

export const overview: OfficeRoute = { method: 'get', path: '/', permission: undefined, handle: show }

/** One thing that waits for somebody. */
interface Task {
  text: string
  href: string
  action: string
}

async function show(visit: OfficeVisit): Promise<void> {
  const today = dayOf(visit.now, visit.timeZone)
  const [sales, bookingsToday, todo] = await Promise.all([
    visit.may('reports.read') ? salesUntil(visit, today) : undefined,
    visit.may('bookings.read') ? readAll(visit, '/bookings', booking, { from: today, to: today }) : [],
    whatNeedsDoing(visit, today),
  ])
  const expected = bookingsToday.filter(({ status }) => status === 'booked')
  const guests = expected.reduce((sum, one) => sum + one.guests, 0)
  const list: Tile[] = sales ? salesTiles(visit, sales, today) : []
  if (visit.may('bookings.read')) {
    const beside = `${guests} ${guests === 1 ? 'guest' : 'guests'} expected`
    list.push({ label: 'Tables booked today', value: figure(expected.length), beside })
  }
  visit.page({
    title: `Good to see you, ${visit.me.staff?.firstName}`,
    text: `${longDay(today)}, ${visit.me.restaurant?.name}${cityOf(visit)}`,
    ...(visit.may('transactions.update') && {
      actions: html`<a class="button" href="/transactions/new">Add a transaction</a>`,
    }),
    body: html`${list.length > 0 ? tiles(list) : ''}
      ${needsDoing(todo)}
      ${sales ? weekChart(visit, sales, today) : ''}`,
  })
}

function cityOf(visit: OfficeVisit): string {
  const { name = '', city = '' } = visit.me.restaurant ?? {}
  return name.includes(city) ? '' : `, ${city}`
}

/** Two weeks and a day: this week, the one before, and today a week ago. */
async function salesUntil(visit: OfficeVisit, today: string): Promise<Map<string, DaySales>> {
  const report = await visit.api.get('/reports/sales', salesByDay, {
    by: 'day',
    from: addDays(today, -13),
    to: today,
  })
  return new Map(report.items.map((day) => [day.day, day]))
}

function salesTiles(visit: OfficeVisit, sales: ReadonlyMap<string, DaySales>, today: string): Tile[] {
  const format = (amount: number) => money(amount, visit.currency)
  const now = sales.get(today)?.total ?? 0
  const monday = addDays(today, 1 - weekdayOf(today))
  const sumFrom = (first: string) => {
    const days = Array.from({ length: weekdayOf(today) }, (_, index) => sales.get(addDays(first, index)))
    return days.reduce((sum, day) => sum + (day?.total ?? 0), 0)
  }
  const [week, weekBefore] = [sumFrom(monday), sumFrom(addDays(monday, -7))]
  const changed = change(week, weekBefore)
  return [
    {
      label: 'Sales today',
      value: format(now),
      beside: `${format(sales.get(addDays(today, -7))?.total ?? 0)} all of last ${WEEKDAYS[weekdayOf(today) - 1]}`,
    },
    {
      label: 'Sales this week',
      value: format(week),
      beside: changed && `${changed} on last week${until(today)}`,
    },
    { label: 'Transactions today', value: figure(sales.get(today)?.count ?? 0) },
  ]
}

/** The days of the week before that this one is compared with. */
function until(today: string): string {
  const last = WEEKDAYS[weekdayOf(today) - 1]
  if (last === 'Sunday') return ''
  return last === 'Monday' ? ', Monday' : `, Monday to ${last}`
}

function weekChart(visit: OfficeVisit, sales: ReadonlyMap<string, DaySales>, today: string): Html {
  const days = Array.from({ length: 7 }, (_, index) => addDays(today, index - 6))
  const sum = days.reduce((all, day) => all + (sales.get(day)?.total ?? 0), 0)
  return columnChart({
    id: 'week',
    title: 'The last seven days',
    description: `Sales of each of the last seven days, ${money(sum, visit.currency)} in all.`,
    points: days.map((day) => ({
      label: day === today ? 'Today' : (WEEKDAYS[weekdayOf(day) - 1] ?? '').slice(0, 3),
      name: longDay(day),
      value: sales.get(day)?.total ?? 0,
    })),
    format: (amount) => money(amount, visit.currency),
    formatShort: (amount) => shortMoney(amount, visit.currency),
    columns: ['Day', 'Sales'],
    action: html`<a class="button quiet" href="/analytics">More<span class="unseen"> about sales</span></a>`,
  })
}

async function whatNeedsDoing(visit: OfficeVisit, today: string): Promise<Task[]> {
  const thisWeek = weekOf(today)
  const weeks = [thisWeek, addWeeks(thisWeek, 1)]
  const [open, rotas, stuck] = await Promise.all([
    visit.may('shifts.update') ? Promise.all(weeks.map((week) => readWeek(visit, week))) : [],
    visit.may('rota.ask') ? visit.api.get('/rotas', listOf(rota), { limit: 20 }).catch(noneHere) : NONE,
    visit.may('tasks.read')
      ? visit.api.get('/tasks', listOf(task), { status: 'dead' }).catch(noneHere)
      : NONE,
  ])
  const shifts = open.flatMap((all, index): Task[] => {
    const count = all.filter(({ staff, day }) => !staff && day >= today).length
    const when = index === 0 ? 'this week' : 'next week'
    if (count === 0) return []
    const text = `${count} open ${count === 1 ? 'shift' : 'shifts'} ${when}`
    return [{ text, href: `/shifts?week=${weeks[index]}`, action: 'See the week' }]
  })
  const asked = rotas.items.flatMap(({ id, week, status }): Task[] => {
    if (status === 'waiting' || status === 'working')
      return [{ text: `The rota for ${week} is being made`, href: `/rotas/${id}`, action: 'See how far' }]
    return []
  })
  const waiting = stuck.items.length
  return [
    ...shifts,
    ...asked,
    ...(waiting > 0
      ? [
          {
            text: `${waiting} ${waiting === 1 ? 'task is' : 'tasks are'} stuck`,
            href: '/stuck',
            action: 'See why',
          },
        ]
      : []),
  ]
}

const NONE = { items: [] }

/** A back office without a rota has none of them. */
function noneHere(error: unknown): typeof NONE {
  if (error instanceof ApiProblem && error.status === 404) return NONE
  throw error
}

function needsDoing(todo: readonly Task[]): Html {
  return html`<section class="card"><h2>What needs doing</h2>
    ${
      todo.length === 0
        ? html`<p class="quiet">Nothing waits for you.</p>`
        : html`<ul class="todo">${todo.map(({ text, href, action }) => html`<li><a href="${href}"><span>${text}</span><span>${action}</span></a></li>`)}</ul>`
    }</section>`
}

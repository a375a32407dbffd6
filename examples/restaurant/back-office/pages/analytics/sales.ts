/** Sales trends: what came in by day, by weekday and by product, beside the same time before. */

import { WEEKDAYS, weekOf } from '../../../calendar.ts'
import { html } from '../../../web/html.ts'
import { change, figure, money, shortMoney } from '../../../web/money.ts'
import { longDay, shortDay } from '../../../web/when.ts'
import { columnChart } from '../chart/column-chart.ts'
import type { Point } from '../chart/figure.ts'
import { lineChart } from '../chart/line-chart.ts'
import { ranking } from '../chart/ranking.ts'
import type { OfficeVisit } from '../office-visit.ts'
import { csvLink, nothingSold, reportPage, tiles } from './frame.ts'
import { periodOf } from './period.ts'
import { type DaySales, salesByDay, salesByProduct, salesByWeekday } from './readers.ts'

const MOST_PRODUCTS = 10
/** A longer time is drawn by weeks: more points than that nobody tells apart. */
const MOST_POINTS = 120

export async function salesPage(visit: OfficeVisit): Promise<void> {
  const period = periodOf(visit)
  const { from, to, before } = period
  const [byDay, earlier, byWeekday, byProduct] = await Promise.all([
    visit.api.get('/reports/sales', salesByDay, { by: 'day', from, to }),
    visit.api.get('/reports/sales', salesByDay, { by: 'day', ...before }),
    visit.api.get('/reports/sales', salesByWeekday, { by: 'weekday', from, to }),
    visit.api.get('/reports/sales', salesByProduct, { by: 'product', from, to }),
  ])
  const { currency } = byDay
  const format = (amount: number) => money(amount, currency)
  const formatShort = (amount: number) => shortMoney(amount, currency)
  const [now, then] = [sumOf(byDay.items), sumOf(earlier.items)]
  const isLong = byDay.items.length > MOST_POINTS
  const best = byDay.items.reduce((one, other) => (other.total > one.total ? other : one), NO_DAY)
  const compare = (one: number, other: number) => {
    const changed = change(one, other)
    return changed && `${changed} on the ${period.days} days before`
  }
  if (now.count === 0) {
    const body = html`<div class="card empty">${nothingSold}</div>`
    return reportPage(visit, { path: '/analytics', period, body })
  }
  reportPage(visit, {
    path: '/analytics',
    period,
    body: html`${tiles([
      { label: 'Sales', value: format(now.total), beside: compare(now.total, then.total) },
      { label: 'Transactions', value: figure(now.count), beside: compare(now.count, then.count) },
      {
        label: 'On average',
        value: format(average(now)),
        beside: compare(average(now), average(then)) ?? 'each transaction',
      },
      {
        label: 'Best day',
        value: best.total > 0 ? format(best.total) : '–',
        beside: best.total > 0 ? longDay(best.day) : undefined,
      },
    ])}
    ${lineChart({
      id: 'by-day',
      title: isLong ? 'Sales by week' : 'Sales by day',
      description: `Sales of ${period.days} days, ${format(now.total)} in all.${best.total > 0 ? ` The best day was ${longDay(best.day)} with ${format(best.total)}.` : ''}`,
      points: isLong ? weekPoints(byDay.items) : byDay.items.map(dayPoint),
      format,
      formatShort,
      columns: [isLong ? 'Week' : 'Day', 'Sales'],
      action: csvLink('sales-by-day', period, 'by day'),
    })}
    <div class="halves">
      ${columnChart({
        id: 'by-weekday',
        title: 'Average by weekday',
        description: 'What came in on average on each day of the week, from Monday to Sunday.',
        points: byWeekday.items.map(({ weekday, averagePerDay }) => {
          const name = WEEKDAYS[weekday - 1] ?? ''
          return { label: name.slice(0, 3), name, value: averagePerDay }
        }),
        format,
        formatShort,
        columns: ['Weekday', 'On average'],
        action: csvLink('sales-by-weekday', period, 'by weekday'),
      })}
      ${ranking({
        id: 'by-product',
        title: 'What sold best',
        columns: ['Product', 'Sales', 'Sold'],
        rows: byProduct.items
          .slice(0, MOST_PRODUCTS)
          .map(({ name, amount, quantity }) => ({ name, value: amount, more: [figure(quantity)] })),
        format,
        rest: Math.max(0, byProduct.items.length - MOST_PRODUCTS),
        action: csvLink('sales-by-product', period, 'by product'),
      })}
    </div>`,
  })
}

const NO_DAY: DaySales = { day: '', count: 0, total: 0 }

function dayPoint({ day, total }: DaySales): Point {
  return { label: shortDay(day), name: longDay(day), value: total }
}

/** The first and the last week may be shorter than the others: their names say from when to when. */
function weekPoints(days: readonly DaySales[]): Point[] {
  const weeks = Map.groupBy(days, ({ day }) => weekOf(day))
  return [...weeks.values()].map((week) => {
    const [first = '', last = first] = [week[0]?.day, week.at(-1)?.day]
    return {
      label: shortDay(first),
      name: `${shortDay(first)} to ${shortDay(last)}`,
      value: sumOf(week).total,
    }
  })
}

function sumOf(days: readonly DaySales[]): DaySales {
  const add = (sum: DaySales, { count, total }: DaySales) => ({
    ...sum,
    count: sum.count + count,
    total: sum.total + total,
  })
  return days.reduce(add, NO_DAY)
}

function average({ total, count }: DaySales): number {
  return count === 0 ? 0 : Math.round(total / count)
}

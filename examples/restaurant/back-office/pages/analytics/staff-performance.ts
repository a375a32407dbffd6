/** Staff performance: what each of the staff sold, how often, and how much at a time. */
import { html } from '../../../web/html.ts'
import { figure, money } from '../../../web/money.ts'
import { ranking } from '../chart/ranking.ts'
import type { OfficeVisit } from '../office-visit.ts'
import { csvLink, nothingSold, reportPage, tiles } from './frame.ts'
import { periodOf } from './period.ts'
import { staffPerformance } from './readers.ts'

export async function staffPage(visit: OfficeVisit): Promise<void> {
  const period = periodOf(visit)
  const { from, to } = period
  const { items, currency } = await visit.api.get('/reports/staff', staffPerformance, { from, to })
  const total = items.reduce((sum, { amount }) => sum + amount, 0)
  const format = (amount: number) => money(amount, currency)
  const share = (amount: number) => `${total === 0 ? 0 : Math.round((100 * amount) / total)} %`
  const [best] = items
  const largest = [...items].sort((a, b) => b.averagePerTransaction - a.averagePerTransaction)[0]
  reportPage(visit, {
    path: '/analytics/staff',
    period,
    actions: csvLink('staff', period),
    body:
      items.length === 0
        ? html`<div class="card empty">${nothingSold}</div>`
        : html`${tiles([
            { label: 'People who served', value: figure(items.length) },
            { label: 'Sold the most', value: best?.name ?? '–', beside: best && format(best.amount) },
            {
              label: 'Largest bills on average',
              value: largest?.name ?? '–',
              beside: largest && format(largest.averagePerTransaction),
            },
          ])}
        ${ranking({
          id: 'staff',
          title: 'Sales by person',
          columns: ['Name', 'Sales', 'Share', 'Transactions', 'On average'],
          rows: items.map(({ staff, name, amount, count, averagePerTransaction }) => ({
            name: html`<a href="/staff/${staff}">${name || 'somebody who left'}</a>`,
            value: amount,
            more: [share(amount), figure(count), format(averagePerTransaction)],
          })),
          format,
        })}`,
  })
}

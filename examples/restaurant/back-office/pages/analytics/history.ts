/** The history of transactions with the names in them, page by page, and as a file in one piece. */
import { html } from '../../../web/html.ts'
import { money } from '../../../web/money.ts'
import { whenOf } from '../../../web/when.ts'
import { cursorOf, listing } from '../listing.ts'
import type { OfficeVisit } from '../office-visit.ts'
import { csvLink, nothingSold, reportPage } from './frame.ts'
import { periodOf } from './period.ts'
import { history } from './readers.ts'

export async function historyPage(visit: OfficeVisit): Promise<void> {
  const period = periodOf(visit)
  const { from, to } = period
  const url = visit.ctx.URL
  const { items, next } = await visit.api.get('/reports/transactions', history, {
    from,
    to,
    limit: 50,
    after: cursorOf(url),
  })
  reportPage(visit, {
    path: '/analytics/history',
    period,
    actions: csvLink('history', period),
    body: listing({
      caption: 'Transactions, the latest first',
      items,
      url,
      next,
      empty: nothingSold,
      columns: [
        {
          title: 'When',
          short: true,
          cell: ({ id, at }) =>
            html`<a href="/transactions/${id}">${whenOf(at, visit.now, visit.timeZone)}</a>`,
        },
        { title: 'Customer', cell: ({ customerName }) => customerName },
        { title: 'Served by', cell: ({ staffName }) => staffName },
        {
          title: 'What',
          cell: ({ lines }) => lines.map(({ quantity, name }) => `${quantity} × ${name}`).join(', '),
        },
        {
          title: 'Total',
          cell: ({ total, currency }) => money(total, currency),
          number: true,
          beside: true,
        },
      ],
    }),
  })
}

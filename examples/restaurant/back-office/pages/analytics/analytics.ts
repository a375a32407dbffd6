/** The pages of the reports, and the same reports as files: those come from the API as they are. */
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { Query } from '../../../web/api-client.ts'
import type { OfficeRoute, OfficeVisit } from '../office-visit.ts'
import { historyPage } from './history.ts'
import { periodOf } from './period.ts'
import { salesPage } from './sales.ts'
import { staffPage } from './staff-performance.ts'

/** The name of a file to the report it has. */
const FILES: readonly { name: string; path: string; query?: Query }[] = [
  { name: 'sales-by-day', path: '/reports/sales', query: { by: 'day' } },
  { name: 'sales-by-weekday', path: '/reports/sales', query: { by: 'weekday' } },
  { name: 'sales-by-product', path: '/reports/sales', query: { by: 'product' } },
  { name: 'history', path: '/reports/transactions' },
  { name: 'staff', path: '/reports/staff' },
]

export const analytics: readonly OfficeRoute[] = [
  { method: 'get', path: '/analytics', permission: 'reports.read', handle: salesPage },
  { method: 'get', path: '/analytics/history', permission: 'reports.read', handle: historyPage },
  { method: 'get', path: '/analytics/staff', permission: 'reports.read', handle: staffPage },
  ...FILES.map(
    ({ name, path, query }): OfficeRoute => ({
      method: 'get',
      path: `/analytics/${name}.csv`,
      permission: 'reports.read',
      handle: (visit) => download(visit, path, query),
    }),
  ),
]

async function download(visit: OfficeVisit, path: string, query: Query = {}): Promise<void> {
  const { api, ctx } = visit
  const { from, to } = periodOf(visit)
  const answer = await api.download(path, { ...query, from, to, format: 'csv' }, { accept: 'text/csv' })
  ctx.set('Content-Disposition', answer.headers.get('content-disposition') ?? 'attachment')
  ctx.type = 'text/csv; charset=utf-8'
  ctx.body = answer.body ? Readable.fromWeb(answer.body as ReadableStream) : ''
}

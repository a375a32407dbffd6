/** `/reports/transactions`: what was sold to whom by whom, the latest first, with names. */
import type { FindOptions, Match } from 'maitred/storage'
import { z } from 'zod'
import { localTime } from '../../calendar.ts'
import { customers, staff, type Transaction, transactions } from '../documents.ts'
import { type CsvRow, decimal } from './csv.ts'
import { idField, momentAnswer, pageFields } from './fields.ts'
import { alsoCsv, longCsvAnswer, type ReportRange, rangeOf, reportFields, wantsCsv } from './report.ts'
import { pageOf, pageSchema } from './resource.ts'
import { type Kit, type Route, type StaffCall, staffRoute } from './route.ts'

const pageSize = 500
const sort = { field: 'at', order: 'desc', moments: true } as const

const entry = z
  .object({
    id: z.string(),
    at: momentAnswer,
    day: z.string(),
    customer: z.string(),
    customerName: z.string(),
    staff: z.string(),
    staffName: z.string(),
    lines: z.array(z.object({ product: z.string(), name: z.string(), quantity: z.int(), amount: z.int() })),
    currency: z.string(),
    total: z.int(),
    paidAt: momentAnswer.optional(),
  })
  .meta({ id: 'HistoryEntry', description: 'Amounts in minor units; that of a line is for one' })

type Names = (transaction: Transaction) => { customerName: string; staffName: string }

export function historyRoutes({ store, now }: Kit): Route[] {
  return [
    staffRoute({
      method: 'get',
      path: '/reports/transactions',
      permission: 'reports.read',
      summary: 'The history of transactions, the latest first',
      description: 'JSON comes in pages, CSV whole.',
      query: z.strictObject({
        ...pageFields,
        ...reportFields,
        customer: idField.optional(),
        staff: idField.optional(),
      }),
      ...alsoCsv,
      answer: pageSchema(entry),
      async handle(call) {
        const { own, query } = call
        const range = await rangeOf(store, now(), call)
        const match = {
          day: { $gte: range.from, $lte: range.to },
          ...(query.customer !== undefined && { customer: query.customer }),
          ...(query.staff !== undefined && { staff: query.staff }),
        }
        if (wantsCsv(call)) {
          const parts = rowsOf(call, match, range)
          // Read before anything is said: what is wrong with the store must not come as half a table.
          const first = await parts.next()
          return longCsvAnswer('transactions', range, { head, parts: withFirst(first, parts) })
        }
        let names: Names
        // The names of a page are read with it, since nobody knows before whose they are.
        const collection = {
          async find(match: Match, options?: FindOptions) {
            const page = await own(transactions).find(match, options)
            names = await namesFor(call, page)
            return page
          },
        }
        return pageOf(collection, match, {
          query,
          sort,
          view: (transaction) => view(transaction, names(transaction)),
        })
      },
    }),
  ]
}

/** The rows of the table, page by page. */
async function* rowsOf(call: StaffCall, match: Match, range: ReportRange): AsyncGenerator<CsvRow[]> {
  let page: Transaction[] = []
  do {
    const last = page.at(-1)
    const after: FindOptions = last ? { after: { value: last.at, id: last._id } } : {}
    page = await call.own(transactions).find(match, { sort, limit: pageSize, ...after })
    const names = await namesFor(call, page)
    yield page.map((transaction) => row(transaction, names(transaction), range))
  } while (page.length === pageSize)
}

async function* withFirst<T>(first: IteratorResult<T>, rest: AsyncIterable<T>): AsyncGenerator<T> {
  if (!first.done) yield first.value
  yield* rest
}

async function namesFor({ own }: StaffCall, page: readonly Transaction[]): Promise<Names> {
  const ids = [...new Set(page.map(({ customer }) => customer))]
  const [guests, members] = await Promise.all([
    ids.length > 0 ? own(customers).find({ _id: { $in: ids } }) : [],
    own(staff).find({}),
  ])
  const names = new Map(
    [...guests, ...members].map(({ _id, firstName, lastName }) => [_id, `${firstName} ${lastName}`.trim()]),
  )
  return ({ customer, staff }) => ({
    customerName: names.get(customer) ?? '',
    staffName: names.get(staff) ?? '',
  })
}

function view(transaction: Transaction, names: ReturnType<Names>): z.infer<typeof entry> {
  const { _id, at, day, customer, staff, lines, currency, total, paidAt } = transaction
  return {
    id: _id,
    at: at.toISOString(),
    day,
    customer,
    staff,
    ...names,
    lines,
    currency,
    total,
    ...(paidAt && { paidAt: paidAt.toISOString() }),
  }
}

const head = ['Id', 'Time', 'Customer', 'Staff', 'Products', 'Total', 'Currency', 'Paid']

function row(
  { _id, at, lines, total, currency, paidAt }: Transaction,
  { customerName, staffName }: ReturnType<Names>,
  { timeZone }: ReportRange,
): CsvRow {
  const products = lines.map(({ quantity, name }) => `${quantity} × ${name}`).join('; ')
  const paid = paidAt && localTime(paidAt, timeZone)
  const money = decimal(total, currency)
  return [_id, localTime(at, timeZone), customerName, staffName, products, money, currency, paid]
}

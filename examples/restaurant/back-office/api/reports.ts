/** `/reports/sales` and `/reports/staff`: what the daily summaries of one's own restaurant say. They read no transaction. */
import { z } from 'zod'
import { WEEKDAYS } from '../../calendar.ts'
import { staff } from '../documents.ts'
import { readSummaries } from '../summaries.ts'
import { decimal } from './csv.ts'
import { alsoCsv, csvAnswer, jsonAnswer, rangeFields, rangeOf, reportFields, wantsCsv } from './report.ts'
import { type Kit, type Route, staffRoute } from './route.ts'
import { salesByDay, salesByProduct, salesByStaff, salesByWeekday } from './sales.ts'

const byDay = z.object({ day: z.string(), weekday: z.int(), count: z.int(), total: z.int() })
const byWeekday = z.object({
  weekday: z.int().meta({ description: '1 is Monday' }),
  days: z.int().meta({ description: 'How many such days there were' }),
  count: z.int(),
  total: z.int(),
  averagePerDay: z.int(),
})
const byProduct = z.object({ product: z.string(), name: z.string(), quantity: z.int(), amount: z.int() })

const salesAnswer = z
  .discriminatedUnion('by', [
    z.object({ ...rangeFields, by: z.literal('day'), items: z.array(byDay) }),
    z.object({ ...rangeFields, by: z.literal('weekday'), items: z.array(byWeekday) }),
    z.object({ ...rangeFields, by: z.literal('product'), items: z.array(byProduct) }),
  ])
  .meta({ id: 'SalesReport', description: 'Amounts in minor units of the currency' })

const staffReport = z
  .object({
    ...rangeFields,
    items: z.array(
      z.object({
        staff: z.string(),
        name: z.string(),
        count: z.int().meta({ description: 'Of transactions' }),
        amount: z.int(),
        averagePerTransaction: z.int(),
      }),
    ),
  })
  .meta({ id: 'StaffReport', description: 'Amounts in minor units of the currency' })

export function reportRoutes({ store, now }: Kit): Route[] {
  return [
    staffRoute({
      method: 'get',
      path: '/reports/sales',
      permission: 'reports.read',
      summary: 'Sales by day, by weekday or by product',
      query: z.strictObject({ ...reportFields, by: z.enum(['day', 'weekday', 'product']).default('day') }),
      ...alsoCsv,
      answer: salesAnswer,
      async handle(call) {
        const { restaurant, query } = call
        const range = await rangeOf(store, now(), call)
        const { from, to, currency } = range
        const summaries = await readSummaries(store, { restaurant, from, to })
        const money = (amount: number) => decimal(amount, currency)
        const about = { from, to, currency }
        if (query.by === 'product') {
          const items = salesByProduct(summaries)
          if (!wantsCsv(call)) return jsonAnswer({ ...about, by: query.by, items })
          const rows = items.map(({ name, quantity, amount }) => [name, quantity, money(amount), currency])
          return csvAnswer('sales-by-product', range, [['Product', 'Quantity', 'Sales', 'Currency'], ...rows])
        }
        if (query.by === 'weekday') {
          const items = salesByWeekday(summaries, from, to)
          if (!wantsCsv(call)) return jsonAnswer({ ...about, by: query.by, items })
          const head = ['Weekday', 'Days', 'Transactions', 'Sales', 'Sales per day', 'Currency']
          const rows = items.map(({ weekday, days, count, total, averagePerDay }) => {
            return [WEEKDAYS[weekday - 1], days, count, money(total), money(averagePerDay), currency]
          })
          return csvAnswer('sales-by-weekday', range, [head, ...rows])
        }
        const items = salesByDay(summaries, from, to)
        if (!wantsCsv(call)) return jsonAnswer({ ...about, by: query.by, items })
        const rows = items.map(({ day, weekday, count, total }) => {
          return [day, WEEKDAYS[weekday - 1], count, money(total), currency]
        })
        return csvAnswer('sales-by-day', range, [
          ['Day', 'Weekday', 'Transactions', 'Sales', 'Currency'],
          ...rows,
        ])
      },
    }),
    staffRoute({
      method: 'get',
      path: '/reports/staff',
      permission: 'reports.read',
      summary: 'What each of the staff sold, the best first',
      query: z.strictObject(reportFields),
      ...alsoCsv,
      answer: staffReport,
      async handle(call) {
        const range = await rangeOf(store, now(), call)
        const { from, to, currency } = range
        const summaries = await readSummaries(store, { restaurant: call.restaurant, from, to })
        const members = new Map((await call.own(staff).find({})).map((member) => [member._id, member]))
        const items = salesByStaff(summaries).map((sales) => {
          const { firstName = '', lastName = '' } = members.get(sales.staff) ?? {}
          return { ...sales, name: `${firstName} ${lastName}`.trim() }
        })
        if (!wantsCsv(call)) return jsonAnswer({ from, to, currency, items })
        const head = ['Name', 'Transactions', 'Sales', 'Sales per transaction', 'Currency']
        const rows = items.map(({ name, count, amount, averagePerTransaction }) => {
          return [name, count, decimal(amount, currency), decimal(averagePerTransaction, currency), currency]
        })
        return csvAnswer('staff', range, [head, ...rows])
      },
    }),
  ]
}

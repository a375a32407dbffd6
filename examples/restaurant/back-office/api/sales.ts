/** What the daily summaries say: sales by day, weekday and product, and what each of the staff did. Sums alone. */
import { daysBetween, weekdayOf } from '../../calendar.ts'
import type { Day } from '../documents.ts'

/** Amounts are in minor units of the restaurant's currency. */
export interface DaySales {
  day: string
  weekday: number
  count: number
  total: number
}

/** `days` is how many such days the time has, open or not, so that averages of unequal times compare. */
export interface WeekdaySales {
  weekday: number
  days: number
  count: number
  total: number
  averagePerDay: number
}

export interface ProductSales {
  product: string
  name: string
  quantity: number
  amount: number
}

export interface StaffSales {
  staff: string
  count: number
  amount: number
  averagePerTransaction: number
}

/** One for each day of the time, also when nothing was sold: a chart must not skip it. */
export function salesByDay(summaries: readonly Day[], from: string, to: string): DaySales[] {
  const known = new Map(summaries.map((summary) => [summary.day, summary]))
  return daysBetween(from, to).map((day) => {
    const { count = 0, total = 0 } = known.get(day) ?? {}
    return { day, weekday: weekdayOf(day), count, total }
  })
}

/** Monday to Sunday. */
export function salesByWeekday(summaries: readonly Day[], from: string, to: string): WeekdaySales[] {
  const byDay = salesByDay(summaries, from, to)
  return [1, 2, 3, 4, 5, 6, 7].map((weekday) => {
    const some = byDay.filter((day) => day.weekday === weekday)
    const total = sum(some.map((day) => day.total))
    const count = sum(some.map((day) => day.count))
    return { weekday, days: some.length, count, total, averagePerDay: average(total, some.length) }
  })
}

/** The best first. A product is called as on the last day that it was sold. */
export function salesByProduct(summaries: readonly Day[]): ProductSales[] {
  const sales = new Map<string, ProductSales>()
  for (const { products } of summaries)
    for (const [product, { name, quantity, amount }] of Object.entries(products)) {
      const before = sales.get(product) ?? { quantity: 0, amount: 0 }
      sales.set(product, {
        product,
        name,
        quantity: before.quantity + quantity,
        amount: before.amount + amount,
      })
    }
  return [...sales.values()].sort((a, b) => b.amount - a.amount || compare(a.product, b.product))
}

/** The best first. */
export function salesByStaff(summaries: readonly Day[]): StaffSales[] {
  const sales = new Map<string, { count: number; amount: number }>()
  for (const { staff } of summaries)
    for (const [id, { count, amount }] of Object.entries(staff)) {
      const before = sales.get(id) ?? { count: 0, amount: 0 }
      sales.set(id, { count: before.count + count, amount: before.amount + amount })
    }
  return [...sales]
    .map(([staff, { count, amount }]) => ({
      staff,
      count,
      amount,
      averagePerTransaction: average(amount, count),
    }))
    .sort((a, b) => b.amount - a.amount || compare(a.staff, b.staff))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0)
}

/** To a whole minor unit. */
function average(total: number, count: number): number {
  return count === 0 ? 0 : Math.round(total / count)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : 1
}

/**
 * The daily summaries: what a restaurant took in on a day, by product and by staff member. They change in the batch
 * that changes the transaction, so that reports read no transactions and are never behind them. This file owns every
 * write to `days`, and no transaction.
 *
 * A write only says by how much a summary changes, so that many people can write at once without reading it first.
 * What has fallen to nothing therefore stays, as zeros, and reading passes over it.
 */
import type { Store, Write } from 'maitred/storage'
import { weekdayOf } from '../calendar.ts'
import { type Day, days, type Transaction } from './documents.ts'

type Sums = Pick<Day, 'count' | 'total' | 'products' | 'staff'>

/**
 * What to write beside a transaction so that the summaries follow it: `before` as it is stored, absent when it is
 * made; `after` as it will be, absent when it goes. The batch must also guard the transaction against a change since
 * `before` was read.
 */
export function summaryWrites(before: Transaction | undefined, after: Transaction | undefined): Write[] {
  if (before && after && summaryId(before) === summaryId(after)) return changeDay(before, after)
  return [...changeDay(before, undefined), ...changeDay(undefined, after)]
}

/** The summary of a day, made from all its transactions. */
export function summarise(restaurant: string, day: string, transactions: readonly Transaction[]): Day {
  const sums: Sums = { count: 0, total: 0, products: {}, staff: {} }
  for (const transaction of transactions) add(sums, transaction, 1)
  const weekday = weekdayOf(day)
  return { _id: summaryId({ restaurant, day }), restaurant, day, weekday, ...sums, version: 1 }
}

/** The summaries of the days on which something was sold, in order. At most 1,000. */
export async function readSummaries(
  store: Store,
  { restaurant, from, to }: { restaurant: string; from: string; to: string },
): Promise<Day[]> {
  const range = { restaurant, day: { $gte: from, $lte: to } }
  const found = await store.collection(days).find(range, { sort: { field: 'day', order: 'asc' } })
  return found.filter(({ count }) => count > 0).map((day) => ({ ...day, ...withoutZeros(day) }))
}

/** Without the entries that have fallen to nothing. */
export function withoutZeros({ count, total, products, staff }: Sums): Sums {
  const sold = Object.entries(products).filter(([, { quantity }]) => quantity !== 0)
  const served = Object.entries(staff).filter(([, member]) => member.count !== 0)
  return { count, total, products: Object.fromEntries(sold), staff: Object.fromEntries(served) }
}

export function summaryId({ restaurant, day }: { restaurant: string; day: string }): string {
  return `${restaurant}:${day}`
}

function changeDay(before: Transaction | undefined, after: Transaction | undefined): Write[] {
  const transaction = after ?? before
  if (!transaction) return []
  const sums: Sums = { count: 0, total: 0, products: {}, staff: {} }
  if (before) add(sums, before, -1)
  if (after) add(sums, after, 1)

  const $inc: Record<string, number> = { count: sums.count, total: sums.total, version: 1 }
  const $set: Record<string, string> = {}
  for (const [id, { name, quantity, amount }] of Object.entries(sums.products)) {
    // By zero too: the fields of an entry come all at once.
    $inc[`products.${id}.quantity`] = quantity
    $inc[`products.${id}.amount`] = amount
    // What goes does not bring an old name back.
    if (after?.lines.some(({ product }) => product === id)) $set[`products.${id}.name`] = name
  }
  for (const [id, { count, amount }] of Object.entries(sums.staff)) {
    $inc[`staff.${id}.count`] = count
    $inc[`staff.${id}.amount`] = amount
  }
  const write = { in: days, update: { _id: summaryId(transaction) }, change: { $inc, $set } }
  // A day that something is taken from must be there already; without it the batch fails and nothing is half done.
  return before
    ? [write]
    : [{ ...write, insert: summarise(transaction.restaurant, transaction.day, [transaction]) }]
}

function add(sums: Sums, { lines, staff, total }: Transaction, sign: 1 | -1): void {
  sums.count += sign
  sums.total += sign * total
  for (const { product, name, quantity, amount } of lines) {
    const entry = sums.products[product] ?? { quantity: 0, amount: 0 }
    sums.products[product] = {
      name,
      quantity: entry.quantity + sign * quantity,
      amount: entry.amount + sign * quantity * amount,
    }
  }
  const member = sums.staff[staff] ?? { count: 0, amount: 0 }
  sums.staff[staff] = { count: member.count + sign, amount: member.amount + sign * total }
}

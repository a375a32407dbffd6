/**
 * Lets time go by for a restaurant that was made up on an earlier day, so that its charts end today and its next
 * week can be planned. It only adds what nobody can have touched yet: days after the last sale, weeks without a shift.
 */
import type { AnyCollectionSpec, Document, Store, Write } from 'maitred/storage'
import { availability, bookings, customers, shifts, staff, transactions } from '../back-office/documents.ts'
import { summaryWrites } from '../back-office/summaries.ts'
import { addDays, dayOf, daysBetween, weekOf } from '../calendar.ts'
import { bookingsToCome } from './bookings.ts'
import { type House, salesOfDay } from './sales.ts'
import { shiftsAround } from './shifts.ts'

/** Nobody sells nothing for so long; what lies farther back is not made up any more. */
const mostDays = 365
const batchWrites = 250

/** @param o.average how many transactions a usual day has */
export async function catchUp(
  store: Store,
  { seed, restaurant, now, average }: Pick<House, 'seed' | 'restaurant'> & { now: Date; average: number },
): Promise<void> {
  const here = { restaurant: restaurant._id }
  const today = dayOf(now, restaurant.timeZone)
  const newest = { sort: { field: 'at', order: 'desc' }, limit: 1 } as const
  const [last] = await store.collection(transactions).find(here, newest)
  if (last && last.day >= addDays(today, -1)) return

  const house: House = {
    seed,
    restaurant,
    staff: await store.collection(staff).find({ ...here, active: true }),
    customers: await store.collection(customers).find(here),
  }
  if (house.customers.length === 0 || !house.staff.some(({ job }) => job === 'waiter')) return
  const earliest = addDays(today, -mostDays)
  const next = last ? addDays(last.day, 1) : earliest
  const sales = daysBetween(next > earliest ? next : earliest, today)
    .flatMap((day) => salesOfDay(house, day, average))
    .filter(({ at }) => at <= now)
  await write(store, [
    ...sales.map((sale) => [{ in: transactions, insert: sale }, ...summaryWrites(undefined, sale)]),
    ...(await missing(store, bookings, bookingsToCome(house, today, now))),
    ...(await missing(store, shifts, await shiftsOfEmptyWeeks(store, house, today))),
  ])
}

async function shiftsOfEmptyWeeks(store: Store, house: House, today: string) {
  const free = await store.collection(availability).find({ restaurant: house.restaurant._id })
  const planned = shiftsAround(house, free, today)
  const days = planned.map(({ day }) => day)
  const [first = today, last = today] = [days.at(0), days.at(-1)]
  const there = await store
    .collection(shifts)
    .find({ restaurant: house.restaurant._id, day: { $gte: first, $lte: last } })
  const weeks = new Set(there.map(({ day }) => weekOf(day)))
  return planned.filter(({ day }) => !weeks.has(weekOf(day)))
}

async function missing<T extends Document>(
  store: Store,
  spec: AnyCollectionSpec,
  documents: readonly T[],
): Promise<Write[][]> {
  const there = await Promise.all(documents.map(({ _id }) => store.collection(spec).get(_id)))
  return documents.filter((_, index) => !there[index]).map((insert) => [{ in: spec, insert }])
}

/** What belongs together is written together. */
async function write(store: Store, groups: readonly Write[][]): Promise<void> {
  let batch: Write[] = []
  for (const group of groups) {
    batch.push(...group)
    if (batch.length < batchWrites) continue
    await store.batch(batch)
    batch = []
  }
  if (batch.length > 0) await store.batch(batch)
}

/**
 * Makes the daily summaries anew from the transactions: for data that came in past the API, and after a change of
 * what a summary holds. It may run while people work.
 */
import { isDeepStrictEqual } from 'node:util'
import { DuplicateKeyError, type Store } from 'maitred/storage'
import { type Day, days, type Transaction, transactions } from './documents.ts'
import { summarise, summaryId, withoutZeros } from './summaries.ts'

type Place = Pick<Day, 'restaurant' | 'day'>

const pageSize = 1000

/** How many days were looked at, and in how many the summary was wrong. */
export async function rebuildSummaries(store: Store): Promise<{ days: number; changed: number }> {
  const places = await placesOf(store)
  let changed = 0
  for (const place of places) if (await rebuildDay(store, place)) changed += 1
  return { days: places.length, changed }
}

/** Every day of every restaurant that has a transaction or a summary. */
async function placesOf(store: Store): Promise<Place[]> {
  const places = new Map<string, Place>()
  for (const collection of [store.collection(transactions), store.collection(days)]) {
    let page: (Place & { _id: string })[] = []
    do {
      const last = page.at(-1)?._id
      page = await collection.find(last === undefined ? {} : { _id: { $gt: last } }, { limit: pageSize })
      for (const { restaurant, day } of page) places.set(summaryId({ restaurant, day }), { restaurant, day })
    } while (page.length === pageSize)
  }
  return [...places.values()]
}

/** Whether the summary had to be changed. */
async function rebuildDay(store: Store, { restaurant, day }: Place): Promise<boolean> {
  const summaries = store.collection(days)
  for (;;) {
    // Read before the transactions: whoever changes one of them from here on also changes the version.
    const before = await summaries.get(summaryId({ restaurant, day }))
    const after = summarise(restaurant, day, await transactionsOf(store, { restaurant, day }))
    const sums = withoutZeros(after)
    if (isDeepStrictEqual(sums, withoutZeros(before ?? { count: 0, total: 0, products: {}, staff: {} })))
      return false
    if (before) {
      const match = { _id: before._id, version: before.version }
      // It stays even when nothing was sold, since a new one would begin with a version that was there before.
      if (await summaries.update(match, { $set: { ...sums }, $inc: { version: 1 } })) return true
    } else if (await insertedFirst(summaries.insert(after))) return true
  }
}

/** In the order of their last change, so that a product is called as it was last. */
async function transactionsOf(store: Store, place: Place): Promise<Transaction[]> {
  const all: Transaction[] = []
  let page: Transaction[] = []
  do {
    const last = page.at(-1)?._id
    const match = last === undefined ? { ...place } : { ...place, _id: { $gt: last } }
    page = await store.collection(transactions).find(match, { limit: pageSize })
    all.push(...page)
  } while (page.length === pageSize)
  return all.sort((a, b) => a.updatedAt.getTime() - b.updatedAt.getTime())
}

async function insertedFirst(insert: Promise<void>): Promise<boolean> {
  try {
    await insert
    return true
  } catch (error) {
    if (error instanceof DuplicateKeyError) return false
    throw error
  }
}

/** Counts in the store: they survive restarts and are shared by all processes. */
import { z } from 'zod'
import { BatchError, defineCollection, type Store, type Write } from '../storage/storage.ts'
import type { Count, Raise, Tally } from './tally.ts'

/** `_id` is a hash of the key: keys hold addresses and names. */
export const attempts = defineCollection({
  name: 'attempts',
  schema: z.strictObject({ _id: z.string(), count: z.int(), expires: z.date() }),
  expires: 'expires',
})

export function createStoreTally({ store, now }: { store: Store; now: () => Date }): Tally {
  const counters = store.collection(attempts)

  return {
    async raise(list) {
      try {
        // Each for itself, at half the cost: who dies in the middle has counted an attempt that was not made.
        await store.batch(
          list.map((one) => raiseWrite(one, now())),
          { whole: false },
        )
        return undefined
      } catch (error) {
        if (!(error instanceof BatchError) || error.cause !== undefined) throw error
        const ids = list.map(({ id }) => id)
        await store.batch(
          ids.slice(0, error.index).map((id) => lowerWrite(id, now())),
          { whole: false },
        )
        const id = ids[error.index] ?? ''
        return { id, expires: (await counters.get(id))?.expires.getTime() ?? now().getTime() }
      }
    },
    async read(ids) {
      const found = await counters.find({ _id: { $in: ids } })
      return new Map(
        found.map(({ _id, count, expires }): [string, Count] => [_id, { count, expires: expires.getTime() }]),
      )
    },
    // Both are updates, so that a batch makes them in one command. What they put down where nothing is (the
    // window may be over by now) is over, too.
    reset(_id) {
      const insert = { _id, count: 0, expires: now() }
      return [{ in: attempts, update: { _id }, change: { $set: { count: 0 } }, insert }]
    },
    giveBack: (id) => [lowerWrite(id, now())],
  }
}

/** The guard keeps a counter at its maximum: a refused attempt writes nothing and prolongs nothing. */
function raiseWrite({ id: _id, windowSeconds, below }: Raise, now: Date): Write {
  const first = { _id, count: 1, expires: new Date(now.getTime() + windowSeconds * 1_000) }
  const guard = { _id, count: { $lt: below } }
  return { in: attempts, update: guard, change: { $inc: { count: 1 } }, insert: first }
}

function lowerWrite(_id: string, expires: Date): Write {
  const insert = { _id, count: -1, expires }
  return { in: attempts, update: { _id }, change: { $inc: { count: -1 } }, insert }
}

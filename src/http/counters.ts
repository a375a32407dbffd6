/**
 * The counters of attempts. They lie in the store, so that they survive restarts and are shared; memory only spares
 * looks at what is refused anyway, and knows where to be wary.
 */
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { MaitredError } from '../errors.ts'
import { BatchError, defineCollection, type Store, type Write } from '../storage/storage.ts'
import { createTurns } from '../turns.ts'

/** `_id` is a hash of the key: keys hold addresses and names. */
export const attempts = defineCollection({
  name: 'attempts',
  schema: z.strictObject({ _id: z.string(), count: z.int(), expires: z.date() }),
  expires: 'expires',
})

/** For so long one process believes that a counter still stands where it stood, in milliseconds. */
const remembered = 1_000

export interface Counter {
  readonly id: string
  readonly max: number
  readonly windowSeconds: number
}

export interface Counters {
  /**
   * Counts one attempt under all counters, or under none of them: what a refused one has counted is given back.
   * Attempts that share a counter wait for each other, so that one that all of them share is a narrow door.
   * @param kept how many of a counter's attempts are kept for others; 'own' where one of them is this one's
   * @throws MaitredError `too_many_requests`
   */
  raise(list: readonly Counter[], kept?: 'own' | ((id: string) => number)): Promise<void>
  /** How many attempts each of them has counted. @throws MaitredError `too_many_requests` where one is at its maximum */
  read(list: readonly Counter[]): Promise<number[]>
  /** Half of one's attempts or more were seen to be used up, in the window that runs. */
  isWorn(id: string): boolean
  /** Forgets what was counted, for a batch. */
  resetWrite(id: string): Write
  /** Takes one attempt back, for a batch. */
  giveBackWrite(id: string): Write
}

interface Seen {
  isFull: boolean
  expires: number
  at: number
}

export function createCounters({ store, now }: { store: Store; now: () => Date }): Counters {
  const counters = store.collection(attempts)
  const inTurn = createTurns()
  // A flood of attempts that are refused anyway costs the store one look a second.
  const worn = new LRUCache<string, Seen>({ max: 10_000 })

  function refusal(expires: number): MaitredError {
    const seconds = Math.ceil((expires - now().getTime()) / 1_000)
    return new MaitredError('too_many_requests', { retryAfter: Math.max(1, seconds) })
  }

  function refuseFull(ids: readonly string[]): void {
    const time = now().getTime()
    for (const id of ids) {
      const seen = worn.get(id)
      if (seen?.isFull && time < seen.at + remembered && time < seen.expires) throw refusal(seen.expires)
    }
  }

  async function lookAtFull(id: string): Promise<number> {
    const at = now().getTime()
    const expires = (await counters.get(id))?.expires.getTime() ?? at
    worn.set(id, { isFull: true, expires, at })
    return expires
  }

  async function raise(list: readonly Counter[], kept: Parameters<Counters['raise']>[1]): Promise<void> {
    const ids = list.map(({ id }) => id)
    // Others may have been refused because of it.
    if (kept !== 'own') refuseFull(ids)
    const left = ({ id, max }: Counter): number => (typeof kept === 'function' ? max - kept(id) : max)
    try {
      // Each for itself, at half the cost: who dies in the middle has counted an attempt that was not made.
      await store.batch(
        list.map((counter) => raiseWrite(counter, left(counter), now())),
        { whole: false },
      )
    } catch (error) {
      if (!(error instanceof BatchError) || error.cause !== undefined) throw error
      await store.batch(ids.slice(0, error.index).map(lowerWrite), { whole: false })
      throw refusal(await lookAtFull(ids[error.index] ?? ''))
    }
  }

  async function read(list: readonly Counter[]): Promise<number[]> {
    const at = now().getTime()
    const found = await counters.find({ _id: { $in: list.map(({ id }) => id) } })
    const counted = new Map(found.map((document) => [document._id, document]))
    const counts = list.map(({ id, max }) => {
      const { count = 0, expires } = counted.get(id) ?? {}
      if (expires && count >= max / 2) worn.set(id, { isFull: count >= max, expires: expires.getTime(), at })
      else worn.delete(id)
      return count
    })
    refuseFull(list.map(({ id }) => id))
    return counts
  }

  function lowerWrite(_id: string): Write {
    const insert = { _id, count: -1, expires: now() }
    return { in: attempts, update: { _id }, change: { $inc: { count: -1 } }, insert }
  }

  return {
    // Whoever is refused in front tells those behind, who then need not ask.
    raise: (list, kept) =>
      inTurn(
        list.map(({ id }) => id),
        () => raise(list, kept),
      ),
    read,
    isWorn(id) {
      const seen = worn.get(id)
      return seen !== undefined && now().getTime() < seen.expires
    },
    // Both are updates, so that a batch makes them in one command. What they put down where nothing is (the
    // window may be over by now) is over, too.
    resetWrite(_id) {
      worn.delete(_id)
      const insert = { _id, count: 0, expires: now() }
      return { in: attempts, update: { _id }, change: { $set: { count: 0 } }, insert }
    },
    giveBackWrite(_id) {
      worn.delete(_id)
      return lowerWrite(_id)
    },
  }
}

export function counterId(key: string): string {
  return hash('sha256', key, 'base64url')
}

/** The guard keeps a counter at its maximum: a refused attempt writes nothing and prolongs nothing. */
function raiseWrite({ id: _id, windowSeconds }: Counter, below: number, now: Date): Write {
  const first = { _id, count: 1, expires: new Date(now.getTime() + windowSeconds * 1_000) }
  const guard = { _id, count: { $lt: below } }
  return { in: attempts, update: guard, change: { $inc: { count: 1 } }, insert: first }
}

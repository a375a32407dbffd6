/**
 * Counted attempts: guesses, mails, sign-ups. A counter is raised before the attempt is looked at, so that
 * attempts in parallel cannot slip past it; it lies in the store, so that it survives restarts and is shared.
 */
import { hash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { MaitredError } from '../errors.ts'
import { BatchError, defineCollection, type Store, type Write } from '../storage/storage.ts'
import { createTurns } from '../turns.ts'

export interface Limit {
  /** How many attempts one window has. */
  max: number
  /** From the first attempt on. */
  windowSeconds: number
}

export interface Limits {
  /** Counts one attempt. @throws MaitredError `too_many_requests`, and then it is not counted */
  take(key: string, limit: Limit): Promise<void>
  /**
   * Counts one attempt under several keys, or under none of them: what a refused one has counted is given back.
   * Attempts that share a key wait for each other, so that a key that all of them share is a narrow door.
   * @throws MaitredError `too_many_requests`
   */
  takeAll(list: readonly ({ key: string } & Limit)[]): Promise<void>
  /** Forgets a key's attempts, for a batch; it never fails one. */
  resetWrite(key: string): Write
  /** Takes one counted attempt back, for a batch; it never fails one. */
  giveBackWrite(key: string): Write
}

/** `_id` is a hash of the key: keys hold addresses and names. */
export const attempts = defineCollection({
  name: 'attempts',
  schema: z.strictObject({ _id: z.string(), count: z.int(), expires: z.date() }),
  expires: 'expires',
})

/** For so long one process believes that a counter still stands where it stood, in milliseconds. */
const remembered = 1_000

export function createLimits({ store, now }: { store: Store; now: () => Date }): Limits {
  const counters = store.collection(attempts)
  const inTurn = createTurns()
  // A flood of attempts that are refused anyway costs the store one look a second.
  const exhausted = new LRUCache<string, { expires: number; seen: number }>({ max: 10_000 })

  function remember(id: string): number | undefined {
    const time = now().getTime()
    const known = exhausted.get(id)
    return known && time < known.seen + remembered && time < known.expires ? known.expires : undefined
  }

  async function look(id: string): Promise<number> {
    const seen = now().getTime()
    const expires = (await counters.get(id))?.expires.getTime() ?? seen
    exhausted.set(id, { expires, seen })
    return expires
  }

  function refusal(expires: number): MaitredError {
    const seconds = Math.ceil((expires - now().getTime()) / 1_000)
    return new MaitredError('too_many_requests', { retryAfter: Math.max(1, seconds) })
  }

  async function count(ids: readonly string[], list: readonly Limit[]): Promise<void> {
    for (const id of ids) {
      const expires = remember(id)
      if (expires !== undefined) throw refusal(expires)
    }
    try {
      // Each for itself, at half the cost: who dies in the middle has counted an attempt that was not made.
      await store.batch(
        list.map((limit, at) => raise(ids[at] ?? '', limit, now())),
        { whole: false },
      )
    } catch (error) {
      if (!(error instanceof BatchError) || error.cause !== undefined) throw error
      await store.batch(ids.slice(0, error.index).map(giveBack), { whole: false })
      throw refusal(await look(ids[error.index] ?? ''))
    }
  }

  function takeAll(list: readonly ({ key: string } & Limit)[]): Promise<void> {
    const ids = list.map(({ key }) => idOf(key))
    // Whoever is refused in front tells those behind, who then need not ask.
    return inTurn(ids, () => count(ids, list))
  }

  function giveBack(_id: string): Write {
    const insert = { _id, count: -1, expires: now() }
    return { in: attempts, update: { _id }, change: { $inc: { count: -1 } }, insert }
  }

  function forgotten(key: string): string {
    const id = idOf(key)
    exhausted.delete(id)
    return id
  }

  return {
    take: (key, limit) => takeAll([{ key, ...limit }]),
    takeAll,
    // Both are updates, so that a batch makes them in one command. What they put down where nothing is (the
    // window may be over by now) is over, too.
    resetWrite(key) {
      const _id = forgotten(key)
      const insert = { _id, count: 0, expires: now() }
      return { in: attempts, update: { _id }, change: { $set: { count: 0 } }, insert }
    },
    giveBackWrite: (key) => giveBack(forgotten(key)),
  }
}

/** The guard keeps a counter at its maximum: a refused attempt writes nothing and prolongs nothing. */
function raise(_id: string, { max, windowSeconds }: Limit, now: Date): Write {
  const first = { _id, count: 1, expires: new Date(now.getTime() + windowSeconds * 1_000) }
  const guard = { _id, count: { $lt: max } }
  return { in: attempts, update: guard, change: { $inc: { count: 1 } }, insert: first }
}

function idOf(key: string): string {
  return hash('sha256', key, 'base64url')
}

/**
 * What of an address is counted: IPv4 whole, of IPv6 the /64, which is the least that one customer has
 * (RFC 6177). Two spellings of one network give one key.
 */
export function addressKey(ip: string): string {
  if (!isIPv6(ip)) return ip
  const [head = '', tail = ''] = ip.toLowerCase().split('%', 1).join('').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === '' ? [] : tail.split(':')
  // A dotted tail stands for two groups.
  const width = right.length + (right.at(-1)?.includes('.') ? 1 : 0)
  const groups = ip.includes('::')
    ? [...left, ...Array(Math.max(0, 8 - left.length - width)).fill('0'), ...right]
    : left
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

/**
 * Counted attempts: guesses, mails, sign-ups. A counter is raised before the attempt is looked at, so that
 * attempts in parallel cannot slip past it; it lies in the store, so that it survives restarts and is shared.
 */
import { hash } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { z } from 'zod'
import { MaitredError } from '../errors.ts'
import { BatchError, defineCollection, type Store, type Write } from '../storage/storage.ts'

export interface Limit {
  /** How many attempts one window has. */
  max: number
  /** From the first attempt on. */
  windowSeconds: number
}

export interface Limits {
  /** Counts one attempt. @throws MaitredError `too_many_requests`, and then it is not counted */
  take(key: string, limit: Limit): Promise<void>
  /** Counts one attempt under several keys, or under none of them. @throws MaitredError `too_many_requests` */
  takeAll(list: readonly ({ key: string } & Limit)[]): Promise<void>
  /** Forgets a key's attempts. */
  reset(key: string): Promise<void>
}

/** `_id` is a hash of the key: keys hold addresses and names. */
export const attempts = defineCollection({
  name: 'attempts',
  schema: z.strictObject({ _id: z.string(), count: z.int(), expires: z.date() }),
  expires: 'expires',
})

export function createLimits({ store, now }: { store: Store; now: () => Date }): Limits {
  const counters = store.collection(attempts)

  /** The guard keeps a counter at its maximum: a refused attempt costs no write and prolongs nothing. */
  function raise(key: string, { max, windowSeconds }: Limit) {
    const _id = idOf(key)
    const expires = new Date(now().getTime() + windowSeconds * 1_000)
    return {
      update: { _id, count: { $lt: max } },
      change: { $inc: { count: 1 } },
      insert: { _id, count: 1, expires },
    }
  }

  async function refusal(key: string): Promise<MaitredError> {
    const counter = await counters.get(idOf(key))
    const left = counter ? (counter.expires.getTime() - now().getTime()) / 1_000 : 0
    return new MaitredError('too_many_requests', { retryAfter: Math.max(1, Math.ceil(left)) })
  }

  return {
    async take(key, limit) {
      const { update, change, insert } = raise(key, limit)
      if (!(await counters.update(update, change, { insert }))) throw await refusal(key)
    },
    async takeAll(list) {
      const writes = list.map((item): Write => ({ in: attempts, ...raise(item.key, item) }))
      try {
        await store.batch(writes)
      } catch (error) {
        const refused = error instanceof BatchError ? list[error.index] : undefined
        throw refused ? await refusal(refused.key) : error
      }
    },
    async reset(key) {
      await counters.remove({ _id: idOf(key) })
    },
  }
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

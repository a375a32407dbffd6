/**
 * The counters of attempts: a tally that all processes share decides; memory only spares looks at what is refused
 * anyway, and knows where to be wary.
 */
import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { MaitredError } from '../errors.ts'
import type { Write } from '../storage/storage.ts'
import { createTurns } from '../turns.ts'
import type { Tally } from './tally.ts'

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
  reset(id: string): Write[]
  /** Takes one attempt back, for a batch. */
  giveBack(id: string): Write[]
}

interface Seen {
  isFull: boolean
  expires: number
  at: number
}

export function createCounters({ tally, now }: { tally: Tally; now: () => Date }): Counters {
  const inTurn = createTurns()
  // A flood of attempts that are refused anyway costs the tally one look a second.
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

  async function raise(list: readonly Counter[], kept: Parameters<Counters['raise']>[1]): Promise<void> {
    // Others may have been refused because of it.
    if (kept !== 'own') refuseFull(list.map(({ id }) => id))
    const below = ({ id, max }: Counter): number => (typeof kept === 'function' ? max - kept(id) : max)
    const full = await tally.raise(
      list.map((one) => ({ id: one.id, windowSeconds: one.windowSeconds, below: below(one) })),
    )
    if (!full) return
    worn.set(full.id, { isFull: true, expires: full.expires, at: now().getTime() })
    throw refusal(full.expires)
  }

  async function read(list: readonly Counter[]): Promise<number[]> {
    const at = now().getTime()
    const counted = await tally.read(list.map(({ id }) => id))
    const counts = list.map(({ id, max }) => {
      const { count = 0, expires } = counted.get(id) ?? {}
      if (expires && count >= max / 2) worn.set(id, { isFull: count >= max, expires, at })
      else worn.delete(id)
      return count
    })
    refuseFull(list.map(({ id }) => id))
    return counts
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
    reset(id) {
      worn.delete(id)
      return tally.reset(id)
    },
    giveBack(id) {
      worn.delete(id)
      return tally.giveBack(id)
    },
  }
}

export function counterId(key: string): string {
  return hash('sha256', key, 'base64url')
}

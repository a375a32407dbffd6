/**
 * Counted attempts: guesses, mails, sign-ups. Those that are counted at all are counted before they are looked at, so
 * that attempts in parallel cannot slip past the counter; those of which nearly all succeed, where they fail.
 */
import type { Write } from '../storage/storage.ts'
import { createAttempt, type Settle } from './attempt.ts'
import { type Counter, counterId, createCounters } from './counters.ts'
import type { Tally } from './tally.ts'

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
   * Counts one attempt under several keys, or under none of them. Attempts that share a key wait for each other, so
   * that a key that all of them share is a narrow door.
   * @throws MaitredError `too_many_requests`
   */
  takeAll(list: readonly ({ key: string } & Limit)[]): Promise<void>
  /**
   * Makes an attempt under several keys, which counts where it fails.
   * @param list a key is `shared` where others fail under it, too: a success leaves their attempts counted
   * @returns what a success has to write, often nothing; `undefined` when it failed, and then it is counted already
   * @throws MaitredError `too_many_requests`: then nobody learns whether it has succeeded
   */
  attempt(
    list: readonly ({ key: string; shared?: boolean } & Limit)[],
    succeeds: () => Promise<boolean>,
  ): Promise<Settle | undefined>
  /** Forgets a key's attempts, for a batch; it never fails one. */
  reset(key: string): Write[]
}

export function createLimits(options: { tally: Tally; now: () => Date }): Limits {
  const counters = createCounters(options)
  const attempt = createAttempt(counters)
  return {
    take: (key, limit) => counters.raise([counterOf({ key, ...limit })]),
    takeAll: (list) => counters.raise(list.map(counterOf)),
    attempt: (list, succeeds) =>
      attempt(
        list.map((one) => ({ ...counterOf(one), shared: one.shared })),
        succeeds,
      ),
    reset: (key) => counters.reset(counterId(key)),
  }
}

function counterOf({ key, max, windowSeconds }: { key: string } & Limit): Counter {
  return { id: counterId(key), max, windowSeconds }
}

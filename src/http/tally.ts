/** The port of counted attempts: where the counts lie. `test/http/limits.test.ts` and `attempt.test.ts` are the proof. */
import type { Write } from '../storage/storage.ts'

export interface Raise {
  readonly id: string
  /** From the first count on; then it begins at nothing. */
  readonly windowSeconds: number
  /** It is raised while it has counted less. */
  readonly below: number
}

export interface Count {
  readonly count: number
  /** When its window is over, in milliseconds since the epoch. */
  readonly expires: number
}

export interface Tally {
  /**
   * Raises all by one, or none, whoever else does so at the same time.
   * @returns the first that must not be raised, and when its window is over; nothing when all were
   * @throws StoreUnavailableError
   */
  raise(list: readonly Raise[]): Promise<{ id: string; expires: number } | undefined>
  /** What has counted; what has not, or whose window is over, is absent. @throws StoreUnavailableError */
  read(ids: readonly string[]): Promise<ReadonlyMap<string, Count>>
  /** Forgets what was counted: what that writes in a batch of the store, nothing where it is done elsewhere. */
  reset(id: string): Write[]
  /** Takes one back, likewise. */
  giveBack(id: string): Write[]
}

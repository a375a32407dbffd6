/** What the store refuses, and how its absence is told. */
import { MaitredError } from '../errors.ts'

/** `_id` or a unique key is taken already. */
export class DuplicateKeyError extends MaitredError {
  readonly collection: string

  constructor(collection: string, cause?: unknown) {
    super('conflict', { cause })
    this.name = 'DuplicateKeyError'
    this.collection = collection
  }
}

/** A batch was rolled back whole; `index` names the write that failed, `cause` is a DuplicateKeyError or absent (a guard that matched nothing). */
export class BatchError extends MaitredError {
  readonly index: number

  constructor(index: number, cause?: unknown) {
    super('conflict', { cause })
    this.name = 'BatchError'
    this.index = index
  }
}

/** The store did not answer in time; nothing is known of the write's fate. */
export class StoreUnavailableError extends MaitredError {
  constructor(cause?: unknown) {
    super('store_unavailable', { cause, retryAfter: 2 })
    this.name = 'StoreUnavailableError'
  }
}

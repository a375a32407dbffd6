/** Runs reads, and tries one again for a while when another process holds the file for a moment. */
import { setTimeout as wait } from 'node:timers/promises'
import { StoreUnavailableError } from '../errors.ts'
import { failureOf } from './failure.ts'

export interface Reader {
  /** @throws StoreUnavailableError when the file does not answer within 5 s. */
  <T>(work: () => T): Promise<T>
  /** Refuses everything from now on. */
  close(): void
}

const pausesMs = [1, 5, 10, ...Array.from({ length: 100 }, () => 50)]

export function createReader(): Reader {
  let closed = false

  async function read<T>(work: () => T): Promise<T> {
    let last: unknown
    for (const pause of [0, ...pausesMs]) {
      if (pause > 0) await wait(pause)
      if (closed) throw new StoreUnavailableError(new Error('The store is closed'))
      try {
        return work()
      } catch (error) {
        const failure = failureOf(error)
        if (failure === 'broken') throw new StoreUnavailableError(error)
        if (failure !== 'busy') throw error
        last = error
      }
    }
    throw new StoreUnavailableError(last)
  }

  return Object.assign(read, {
    close() {
      closed = true
    },
  })
}

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

const pausesMs = [1, 5, 10, ...Array.from({ length: 79 }, () => 50)]

export function createReader(): Reader {
  let closed = false

  function attempt<T>(work: () => T): { value: T } | { busy: unknown } {
    if (closed) throw new StoreUnavailableError(new Error('The store is closed'))
    try {
      return { value: work() }
    } catch (error) {
      const failure = failureOf(error)
      if (failure === 'broken') throw new StoreUnavailableError(error)
      if (failure !== 'busy') throw error
      return { busy: error }
    }
  }

  async function read<T>(work: () => T): Promise<T> {
    let outcome = attempt(work)
    for (const pause of 'value' in outcome ? [] : pausesMs) {
      await wait(pause)
      outcome = attempt(work)
      if ('value' in outcome) break
    }
    if ('value' in outcome) return outcome.value
    throw new StoreUnavailableError(outcome.busy)
  }

  return Object.assign(read, {
    close() {
      closed = true
    },
  })
}

/**
 * Every call of the store passes here: it is answered within four seconds or the store counts as
 * unavailable, errors become the port's, and closing waits for what is under way. (The driver's own
 * `timeoutMS` does nothing any more.)
 */
import { StoreUnavailableError } from '../errors.ts'
import { storeError } from './failure.ts'

export const TIMEOUT_MS = 4_000

/** Asked between the steps of a call: true once its caller has been told that the store is unavailable. */
export type Late = () => boolean

export interface Calls {
  /** @throws StoreUnavailableError when the time is over or the store is closed; DuplicateKeyError naming the collection. */
  run<T>(collection: string, work: (late: Late) => Promise<T>): Promise<T>
  /** Refuses new calls and waits for those under way. */
  close(): Promise<void>
}

/** `onLate` hears of each call that ran out of its time. */
export function createCalls(onLate: () => void): Calls {
  const running = new Set<Promise<unknown>>()
  let closed = false

  async function run<T>(collection: string, work: (late: Late) => Promise<T>): Promise<T> {
    if (closed) throw new StoreUnavailableError(new Error('The store is closed'))
    let late = false
    const working = work(() => late)
    let timer: NodeJS.Timeout | undefined
    const end = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        late = true
        onLate()
        reject(new StoreUnavailableError(new Error(`No answer within ${TIMEOUT_MS} ms`)))
      }, TIMEOUT_MS)
    })
    const answer = Promise.race([working, end])
    running.add(answer)
    try {
      return await answer
    } catch (error) {
      throw storeError(error, collection)
    } finally {
      clearTimeout(timer)
      running.delete(answer)
    }
  }

  return {
    run,
    async close() {
      closed = true
      await Promise.allSettled(running)
    },
  }
}

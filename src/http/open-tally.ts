/** Chooses where attempts are counted: in Redis where there is one, else in the store. */
import type { Store } from '../storage/storage.ts'
import { createStoreTally } from './store-tally.ts'
import type { Tally } from './tally.ts'

export interface OpenTally extends Tally {
  /** Resolves when what it has beside the store answers. @throws StoreUnavailableError */
  ping(): Promise<void>
  close(): Promise<void>
}

/** The client is loaded where it is needed. @throws StoreUnavailableError when the Redis at `redisUrl` does not answer */
export async function openTally(o: {
  redisUrl?: string | undefined
  store: Store
  now: () => Date
  log: { warn(o: object, text: string): void }
}): Promise<OpenTally> {
  if (o.redisUrl === undefined) return { ...createStoreTally(o), ping: async () => {}, close: async () => {} }
  const { openRedisTally } = await import('./redis-tally.ts')
  return openRedisTally({ url: o.redisUrl, now: o.now, log: o.log })
}

/**
 * Counts in Redis (`REDIS_URL`), shared by all processes at a fraction of what they cost in the store. They last as
 * long as that server keeps them; whatever else must last lies in the store.
 */
import { Redis } from 'ioredis'
import { StoreUnavailableError, type Write } from '../storage/storage.ts'
import type { OpenTally } from './open-tally.ts'
import type { Count } from './tally.ts'

/** One slot of a cluster for all, because a script touches several. */
const PREFIX = '{maitred:attempts}:'
const TIMEOUT_MS = 2_000
/** Clocks of processes may differ; by ours a count is over when its window is. */
const KEPT_LONGER_MS = 300_000

/** KEYS: counters. ARGV: the time, then for each its bound and its window. Returns the first that is full, and its end. */
const RAISE = `
local now = tonumber(ARGV[1])
local function ends(key) return tonumber(redis.call('HGET', key, 'ends') or '0') end
for i, key in ipairs(KEYS) do
  if ends(key) > now and tonumber(redis.call('HGET', key, 'count')) >= tonumber(ARGV[2 * i]) then
    return {i, ends(key)}
  end
end
for i, key in ipairs(KEYS) do
  if ends(key) > now then
    redis.call('HINCRBY', key, 'count', 1)
  else
    local window = tonumber(ARGV[2 * i + 1])
    redis.call('HSET', key, 'count', 1, 'ends', now + window)
    redis.call('PEXPIRE', key, window + ${KEPT_LONGER_MS})
  end
end
return {0, 0}`

const GIVE_BACK = `
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HINCRBY', KEYS[1], 'count', -1) end`

interface Log {
  warn(o: object, text: string): void
}

/** @throws StoreUnavailableError when nobody answers, or says no to us */
export async function openRedisTally(o: { url: string; now: () => Date; log: Log }): Promise<OpenTally> {
  const redis = new Redis(o.url, {
    lazyConnect: true,
    connectTimeout: TIMEOUT_MS,
    commandTimeout: TIMEOUT_MS,
    // Whoever waits is told at once that the server is away; who asks again finds it when it is back.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (times) => Math.min(times * 100, 1_000),
  })
  let told = false
  redis.on('ready', () => {
    told = false
  })
  redis.on('error', (error) => {
    if (!told) o.log.warn({ err: error }, 'Redis does not answer')
    told = true
  })

  async function asked<R>(answer: Promise<R>): Promise<R> {
    try {
      return await answer
    } catch (error) {
      throw new StoreUnavailableError(error)
    }
  }

  /** A count that is not taken back errs on the safe side. */
  function beside(work: Promise<unknown>): Write[] {
    work.catch((error: unknown) => o.log.warn({ err: error }, 'attempts could not be taken back'))
    return []
  }

  try {
    await redis.connect()
  } catch (cause) {
    redis.disconnect()
    throw new StoreUnavailableError(new Error('the Redis that REDIS_URL names does not answer', { cause }))
  }

  return {
    async raise(list) {
      const keys = list.map(({ id }) => PREFIX + id)
      const args = list.flatMap(({ below, windowSeconds }) => [below, windowSeconds * 1_000])
      const answer = redis.eval(RAISE, keys.length, ...keys, o.now().getTime(), ...args)
      const [at, expires] = (await asked(answer)) as [number, number]
      const full = list[at - 1]
      return full && { id: full.id, expires }
    },
    async read(ids) {
      const pipeline = redis.pipeline()
      for (const id of ids) pipeline.hmget(PREFIX + id, 'count', 'ends')
      const found = new Map<string, Count>()
      for (const [index, [error, values]] of ((await asked(pipeline.exec())) ?? []).entries()) {
        if (error) throw new StoreUnavailableError(error)
        const [count, expires] = (values as (string | null)[]).map(Number)
        if (count && expires && expires > o.now().getTime()) found.set(ids[index] ?? '', { count, expires })
      }
      return found
    },
    reset: (id) => beside(redis.del(PREFIX + id)),
    giveBack: (id) => beside(redis.eval(GIVE_BACK, 1, PREFIX + id)),
    ping: async () => void (await asked(redis.ping())),
    async close() {
      await redis.quit().catch(() => redis.disconnect())
    },
  }
}

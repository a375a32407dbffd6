import { pino } from 'pino'
import { collections } from '../../src/http/http.ts'
import { openTally } from '../../src/http/open-tally.ts'
import { openRedisTally } from '../../src/http/redis-tally.ts'
import type { Store } from '../../src/storage/storage.ts'
import { tallyContract } from '../contracts/tally.ts'
import { engines, type Place } from '../support/engines.ts'
import { sharedRedis, withoutRedis } from '../support/redis.ts'

for (const engine of engines()) {
  describe(`counts in the store (${engine.name})`, () => {
    // The embedded store belongs to one process: whoever opens it again shares it.
    const opened = new Map<string, { store: Store; place: Place; users: number }>()

    tallyContract(async (now, name) => {
      const known = opened.get(name)
      const place = known?.place ?? (await engine.place())
      const entry = known ?? { store: await engine.open({ collections, now }, place), place, users: 0 }
      entry.users += 1
      opened.set(name, entry)
      return {
        tally: await openTally({ store: entry.store, now, log: pino({ level: 'silent' }) }),
        batch: (writes) => entry.store.batch(writes),
        async close() {
          entry.users -= 1
          if (entry.users > 0) return
          await entry.store.close()
          await entry.place.remove()
        },
      }
    })
  })
}

describe('counts in Redis', () => {
  const reason = withoutRedis()
  if (reason) it(`are left out: ${reason}`)
  else
    tallyContract(async (now, name) => {
      const redis = await sharedRedis()
      // A database of its own for each test: its number is the name's.
      const url = `${redis.url}/${name.replace(/\D/g, '')}`
      const tally = await openRedisTally({ url, now, log: pino({ level: 'silent' }) })
      return { tally, batch: async (writes) => void writes, close: tally.close }
    })
})

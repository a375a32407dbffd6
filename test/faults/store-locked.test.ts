import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { StoreUnavailableError } from '../../src/storage/storage.ts'
import { failure } from '../contracts/store-bench.ts'
import { contractCollections, things } from '../contracts/store-collections.ts'
import { engines } from '../support/engines.ts'

describe('F03 the embedded store while another process keeps it locked', () => {
  for (const engine of engines().filter(({ name }) => name === 'sqlite'))
    it('refuses a write within five seconds, has not made it, and works again by itself', async () => {
      const place = await engine.place()
      const store = await engine.open({ collections: contractCollections }, place)
      const stranger = new DatabaseSync(join(place.dataDir, 'maitred.db'), { timeout: 0 })
      try {
        stranger.exec('BEGIN IMMEDIATE')
        const begin = performance.now()
        const first = failure(store.collection(things).insert({ _id: 'a' }), StoreUnavailableError)
        const later = failure(store.batch([{ in: things, insert: { _id: 'b' } }]), StoreUnavailableError)
        expect(await store.collection(things).get('a')).to.equal(undefined)
        expect((await first).retryAfter).to.be.above(0)
        await later
        expect(performance.now() - begin).to.be.within(3_000, 5_000)

        const waiting = store.collection(things).insert({ _id: 'c' })
        stranger.exec('ROLLBACK')
        await waiting
        expect(await store.collection(things).count({})).to.equal(1)
      } finally {
        stranger.close()
        await store.close()
        await place.remove()
      }
    })
})

import { expect } from 'chai'
import {
  BatchError,
  DuplicateKeyError,
  type Store,
  StoreUnavailableError,
  type WatchEvent,
} from '../../src/storage/storage.ts'
import { eventually } from '../contracts/store-bench.ts'
import { contractCollections, passes, type Signal, signals, things } from '../contracts/store-collections.ts'
import { engines, type Place } from '../support/engines.ts'
import { type Mongod, startMongod } from '../support/mongod.ts'
import { until } from '../support/until.ts'

const engine = engines().find(({ name }) => name === 'mongodb')

;(engine ? describe : describe.skip)('F04 the store when mongod is killed', () => {
  if (!engine) return
  let mongod: Mongod
  let place: Place
  let store: Store

  before(async () => {
    mongod = await startMongod()
    place = { ...(await engine.place()), mongodbUri: mongod.freshUri() }
    store = await engine.open({ collections: contractCollections }, place)
  })
  after(async () => {
    await store.close()
    await mongod.stop()
    await place.remove()
  })

  it('loses no write that it acknowledged, and no half of a batch', async () => {
    const kept: string[] = []
    const paired: string[] = []
    let ending = false
    const write = async (worker: number) => {
      for (let n = 0; !ending; n += 1) {
        const _id = `w ${worker} ${n}`
        try {
          if (n % 2 === 0) {
            await store.collection(things).insert({ _id, set: 'kept' })
            kept.push(_id)
          } else {
            const [one, other] = [
              { in: things, insert: { _id } },
              { in: passes, insert: { _id } },
            ]
            await store.batch([one, other])
            paired.push(_id)
          }
        } catch (error) {
          // A write repeated after a restart may find what it wrote before.
          const cause = error instanceof BatchError ? error.cause : error
          if (!(cause instanceof DuplicateKeyError)) expect(error).to.be.instanceOf(StoreUnavailableError)
        }
      }
    }
    const workers = [1, 2, 3, 4, 5, 6, 7, 8].map(write)
    for (let round = 1; round <= 3; round += 1) {
      const before = kept.length
      await until(() => expect(kept.length).to.be.above(before + 50), 20_000)
      await mongod.kill()
      await mongod.start()
    }
    await until(() => store.ping(), 20_000)
    ending = true
    await Promise.all(workers)

    for (const _id of [...kept, ...paired])
      expect(await store.collection(things).get(_id), _id).to.have.property('_id')
    for (const _id of paired) expect(await store.collection(passes).get(_id), _id).to.have.property('_id')
    const all = await store.collection(passes).count({})
    expect(await store.collection(things).count({ set: { $exists: false } })).to.equal(all)
  })

  it('goes on watching where it was', async () => {
    const events: WatchEvent<Signal>[] = []
    const told = (id: string) => events.filter((event) => event.kind === 'change' && event.id === id)
    const watching = await store.watch(signals, undefined, (event) => events.push(event))
    await store.collection(signals).insert({ _id: 'before', n: 1 })
    await eventually(() => told('before').length > 0)
    await mongod.kill()
    await mongod.start()
    await until(() => store.collection(signals).put({ _id: 'after', n: 1 }), 20_000)
    await eventually(() => told('after').length > 0, 20_000)
    expect(events.some((event) => event.kind === 'lost')).to.equal(false)
    await watching.stop()
  })
})

import { expect } from 'chai'
import { type Store, StoreUnavailableError, type WatchEvent } from '../../src/storage/storage.ts'
import { eventually, failure } from '../contracts/store-bench.ts'
import { contractCollections, type Signal, signals, things } from '../contracts/store-collections.ts'
import { engines, type Place } from '../support/engines.ts'
import { type Mongod, startMongod } from '../support/mongod.ts'
import { until } from '../support/until.ts'
import { share } from './share.ts'

const engine = engines().find(({ name }) => name === 'mongodb')

;(engine ? describe : describe.skip)('F03 the store while mongod is frozen', () => {
  if (!engine) return
  let mongod: Mongod
  let place: Place
  let store: Store
  const events: WatchEvent<Signal>[] = []

  before(async () => {
    mongod = await startMongod()
    place = { ...(await engine.place()), mongodbUri: mongod.freshUri() }
    store = await engine.open({ collections: contractCollections }, place)
    await store.collection(things).insert({ _id: 'known', n: 1 })
    await store.watch(signals, undefined, (event) => events.push(event))
  })
  after(async () => {
    await mongod.signal('SIGCONT')
    await store.close()
    await mongod.stop()
    await place.remove()
  })

  it('answers every verb within five seconds that it is unavailable, and works again by itself', async () => {
    const collection = store.collection(things)
    const verbs: (() => Promise<unknown>)[] = [
      () => collection.get('known'),
      () => collection.find({ n: 1 }),
      () => collection.count({}),
      () => collection.insert({ _id: 'fresh' }),
      () => collection.put({ _id: 'put' }),
      () => collection.update({ _id: 'known' }, { $inc: { n: 1 } }),
      () => collection.update({ _id: 'new' }, { $inc: { n: 1 } }, { insert: { _id: 'new', n: 5 } }),
      () => collection.take({ _id: 'nobody' }),
      () => collection.remove({ _id: 'nobody' }),
      () =>
        store.batch([
          { in: things, insert: { _id: 'batch 1' } },
          { in: things, insert: { _id: 'batch 2' } },
        ]),
      () => store.watch(signals, 'some point', () => undefined),
      () => store.ping(),
    ]
    const answers = async () => {
      const began = performance.now()
      await Promise.all(
        verbs.map(async (verb) => {
          const error = await failure(verb(), StoreUnavailableError)
          expect(error.retryAfter).to.be.a('number')
          // Four seconds of waiting, and some work.
          expect(performance.now() - began).to.be.lessThan(4_000 + 1_000 * share())
        }),
      )
    }
    for (let round = 0; round < 3; round += 1) {
      await mongod.signal('SIGSTOP')
      // Once before the driver has noticed, and once after.
      await answers()
      await answers()
      await mongod.signal('SIGCONT')
      await until(() => store.ping(), 20_000)
      await collection.update({ _id: 'known' }, { $set: { title: `round ${round}` } })
      expect((await collection.get('known'))?.title).to.equal(`round ${round}`)

      const id = `signal ${round}`
      await store.collection(signals).insert({ _id: id, n: round })
      await eventually(() => events.some((event) => event.kind === 'change' && event.id === id), 20_000)
    }
    expect(events.some((event) => event.kind === 'lost')).to.equal(false)
  })

  it('tells of no success that is not kept when it freezes under load', async () => {
    const collection = store.collection(things)
    let acknowledged: string[] = []
    const write = async (_id: string) => {
      await collection.insert({ _id, set: 'load' })
      acknowledged.push(_id)
      if (acknowledged.length === 50) await mongod.signal('SIGSTOP')
    }
    const outcomes = await Promise.allSettled(
      Array.from({ length: 400 }, (_, index) => write(`load ${index}`)),
    )
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).to.be.instanceOf(StoreUnavailableError)
    expect(acknowledged.length).to.be.within(50, 399)
    await mongod.signal('SIGCONT')
    await until(() => store.ping(), 20_000)
    const kept = new Set((await collection.find({ set: 'load' })).map(({ _id }) => _id))
    acknowledged = acknowledged.filter((_id) => !kept.has(_id))
    expect(acknowledged).to.deep.equal([])
  })
})

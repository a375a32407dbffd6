import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import mongoose, { type mongo } from 'mongoose'
import { type Store, StoreUnavailableError } from '../../src/storage/storage.ts'
import { failure } from '../contracts/store-bench.ts'
import { contractCollections, passes, things } from '../contracts/store-collections.ts'
import { engines, type Place } from '../support/engines.ts'
import { type Mongod, startMongod } from '../support/mongod.ts'
import { until } from '../support/until.ts'

const engine = engines().find(({ name }) => name === 'mongodb')

// Left to itself the server keeps such a transaction open for 60 to 90 seconds.
;(engine ? describe : describe.skip)('F04 a transaction whose process was killed in the middle', function () {
  if (!engine) return
  this.timeout(60_000)
  let mongod: Mongod
  let place: Place
  let uri: string
  let outsider: mongo.MongoClient
  let stores: Store[]
  let documents = 0
  const held = () => `held ${documents}`

  before(async () => {
    mongod = await startMongod()
    uri = mongod.freshUri()
    place = { ...(await engine.place()), mongodbUri: uri }
    outsider = await new mongoose.mongo.MongoClient(uri).connect()
    await (await engine.open({ collections: contractCollections }, place)).close()
  })
  beforeEach(async () => {
    stores = []
    documents += 1
    await outsider.db().collection<{ _id: string }>('things').insertOne({ _id: held() })
  })
  afterEach(async () => {
    for (const store of stores) await store.close()
  })
  after(async () => {
    await outsider?.close()
    await mongod?.stop()
    await place?.remove()
  })

  async function open(log?: { info(o: object, text: string): void; warn(o: object, text: string): void }) {
    const store = await engine?.open({ collections: contractCollections, ...(log && { log }) }, place)
    if (!store) throw new Error('no store')
    stores.push(store)
    return store
  }

  /** Lets a process change the document in a transaction, and kills it there. */
  async function abandon(): Promise<void> {
    const file = join(import.meta.dirname, 'store-mongodb-holder.ts')
    const child = spawn(process.execPath, [file, uri, held()], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'close')
    await Promise.race([once(child.stdout, 'data'), ended])
    child.kill('SIGKILL')
    expect(await ended).to.deep.equal([null, 'SIGKILL'])
    expect(await inactive()).to.equal(1)
  }

  /** How many transactions are open that nobody is at work on. */
  async function inactive(): Promise<number> {
    const pipeline = [{ $currentOp: { idleSessions: true } }, { $match: { type: 'idleSession' } }]
    return (await outsider.db('admin').aggregate(pipeline).toArray()).length
  }

  /** Lets the server fail commands of the store. */
  const fail = (mode: 'alwaysOn' | 'off' | { times: number }, data: object) =>
    outsider.db('admin').command({
      configureFailPoint: 'failCommand',
      mode,
      data: { appName: 'maitred', ...data },
    })

  /** How often the server was asked for what is going on. */
  async function looks(): Promise<number> {
    const { metrics } = await outsider.db('admin').command({ serverStatus: 1 })
    return Number(metrics.aggStageCounters.$currentOp)
  }

  const gone = () => until(async () => expect(await inactive()).to.equal(0), 20_000)
  const change = (store: Store) => store.collection(things).update({ _id: held() }, { $set: { n: 3 } })

  it('is ended by a store that runs into it, which then works again within seconds', async () => {
    const before = await looks()
    const store = await open()
    await until(async () => expect(await looks()).to.be.above(before), 20_000)

    await abandon()
    const began = performance.now()
    await failure(change(store), StoreUnavailableError)
    await gone()
    expect(await change(store)).to.have.property('n', 3)
    await store.batch([
      { in: things, update: { _id: held(), n: 3 }, change: { $set: { n: 4 } } },
      { in: passes, insert: { _id: held() } },
    ])
    expect(performance.now() - began).to.be.below(30_000)
  })

  it('is ended by a store that is opened afterwards, before anybody runs into it; young ones are left', async () => {
    await abandon()
    const began = performance.now()
    const store = await open()
    const other = new mongoose.mongo.MongoClient(uri, { appName: 'maitred' })
    const begin = async () => {
      const session = other.startSession()
      session.startTransaction()
      const young = other.db().collection<{ _id: string }>('things')
      await young.insertOne({ _id: `young ${performance.now()}` }, { session })
      return session
    }
    // One begins before the last is over: there is always one that is young.
    let young = await begin()
    for (let others = 1; others > 0; await wait(20)) {
      const next = await begin()
      others = (await inactive()) - 2
      await young.commitTransaction()
      young = next
      expect(performance.now() - began).to.be.below(30_000)
    }
    await young.commitTransaction()
    await other.close()
    expect(await change(store)).to.have.property('n', 3)
  })

  it('may be one of a process that lives and stalled: all of its batch is made then, or nothing', async () => {
    const stalled = await open()
    await fail({ times: 1 }, { failCommands: ['update'], blockConnection: true, blockTimeMS: 20_000 })
    const batch = stalled.batch([
      { in: passes, insert: { _id: held() } },
      { in: things, update: { _id: held() }, change: { $set: { n: 3 } } },
    ])
    const outcome = batch.then(
      () => undefined,
      (error: unknown) => error,
    )
    await open()
    const refused = await outcome
    if (refused) expect(refused).to.be.instanceOf(StoreUnavailableError)
    await until(() => change(stalled), 20_000)
    const pass = await stalled.collection(passes).get(held())
    expect(pass === undefined).to.equal(refused !== undefined)
  })

  it('is told of once when the server does not let it be ended, and fails nothing else', async () => {
    const refuse = (mode: 'alwaysOn' | 'off') => fail(mode, { failCommands: ['killSessions'], errorCode: 13 })
    const said: string[] = []
    const warned: string[] = []
    const log = {
      info: (_: object, text: string) => void said.push(text),
      warn: (_: object, text: string) => void warned.push(text),
    }
    await refuse('alwaysOn')
    try {
      await abandon()
      const store = await open(log)
      await until(() => expect(warned).to.have.length(1), 20_000)
      await failure(change(store), StoreUnavailableError)
      await store.ping()
      await refuse('off')
      await until(() => change(store), 20_000)
      await until(() => expect(said).to.have.length(1))
      expect(warned).to.have.length(1)
    } finally {
      await refuse('off')
    }
  })
})

import { expect } from 'chai'
import mongoose, { type mongo } from 'mongoose'
import { createModel } from '../../src/storage/mongodb/model.ts'
import { BatchError, type Store, type Write } from '../../src/storage/storage.ts'
import { storeContract } from '../contracts/store.ts'
import { eventually, failure } from '../contracts/store-bench.ts'
import { contractCollections, passes, signals, things } from '../contracts/store-collections.ts'
import { engines, type Place } from '../support/engines.ts'
import { type Mongod, startMongod } from '../support/mongod.ts'

const engine = engines().find(({ name }) => name === 'mongodb')

;(engine ? describe : describe.skip)('DC-3 the store on MongoDB', () => {
  if (!engine) return
  describe('keeps the contract', () => storeContract(engine))

  let place: Place
  let store: Store
  let client: mongo.MongoClient
  let db: mongo.Db

  before(async () => {
    place = await engine.place()
    store = await engine.open({ collections: contractCollections }, place)
    client = await new mongoose.mongo.MongoClient(place.mongodbUri ?? '').connect()
    db = client.db()
  })
  after(async () => {
    await store.close()
    await client.close()
    await place.remove()
  })

  /** Lets the server fail commands of the store. */
  const failing = (times: number, data: object) =>
    client.db('admin').command({
      configureFailPoint: 'failCommand',
      mode: { times },
      data: { appName: 'maitred', ...data },
    })

  describe('as somebody sees it who opens the database', () => {
    it('holds documents of real types', async () => {
      const at = new Date(1e12)
      await store.collection(things).insert({
        ...{ _id: 'typed', n: 3, on: true, at, place: { since: at }, dates: [at], tags: ['a'] },
        free: { _bsontype: 'ObjectId', 'a.b': 1 },
      })
      await store.collection(things).update({ _id: 'typed' }, { $set: { 'visits.mo': at } })
      const raw = await db.collection<{ _id: string }>('things').findOne({ _id: 'typed' })
      expect(raw).to.deep.equal({
        ...{ _id: 'typed', n: 3, on: true, at, place: { since: at }, dates: [at], tags: ['a'] },
        free: { _bsontype: 'ObjectId', 'a.b': 1 },
        visits: { mo: at },
      })
      const kinds = await db
        .collection<{ _id: string }>('things')
        .aggregate([
          { $match: { _id: 'typed' } },
          { $project: { _id: 0, at: { $type: '$at' }, n: { $type: '$n' } } },
        ])
        .toArray()
      expect(kinds).to.deep.equal([{ at: 'date', n: 'int' }])
    })

    it('has a mongoose model for each collection', () => {
      const model = createModel(mongoose.createConnection(), things)
      const types = ['_id', 'n', 'on', 'at', 'remark', 'place.since', 'tags', 'visits', 'proof', 'free'].map(
        (path) => [path, model.schema.path(path)?.instance],
      )
      expect(Object.fromEntries(types)).to.deep.equal({
        ...{ _id: 'String', n: 'Number', on: 'Boolean', at: 'Date', remark: 'String' },
        ...{ 'place.since': 'Date', tags: 'Array', visits: 'Mixed', proof: 'Mixed', free: 'Mixed' },
      })
      const hydrated = model.hydrate({ _id: 'a', at: new Date(1e12) })
      expect(hydrated.toObject()).to.deep.include({ _id: 'a', at: new Date(1e12) })
    })

    it('finds by its indexes, and nothing by the index of expiry', async () => {
      const stages = async (name: string, filter: object, sort: Record<string, 1 | -1> = {}) => {
        const plan = await db.collection(name).find(filter).sort(sort).explain('queryPlanner')
        return JSON.stringify(plan.queryPlanner.winningPlan)
      }
      expect(await stages('things', { email: 'x' })).to.contain('unique_email')
      expect(await stages('things', { realm: 'x', slot: 1 })).to.contain('unique_realm_slot')
      const sorted = await stages('things', { set: 'x', n: 1 }, { _id: -1 })
      expect(sorted).to.contain('index_set_n__id').and.not.to.contain('"SORT"')
      const alive = { until: { $not: { $lte: new Date() } } }
      expect(await stages('passes', { set: 'x', ...alive })).to.contain('index_set__id')
      expect(await stages('passes', alive)).to.contain('COLLSCAN')
    })

    it('opens again without making anything anew', async () => {
      const names = async () =>
        (await db.collection('things').indexes()).map((index) => index.name ?? '').sort()
      const before = await names()
      const again = await engine.open({ collections: contractCollections }, place)
      await again.close()
      expect(await names()).to.deep.equal(before)
    })
  })

  it('finds more than one answer of the server holds', async () => {
    const free = { text: 'x'.repeat(1_000_000) }
    const names = Array.from({ length: 18 }, (_, at) => `large ${10 + at}`)
    for (const _id of names) await store.collection(things).put({ _id, free })
    const sort = { field: '_id', order: 'desc' } as const
    const found = await store.collection(things).find({ _id: { $in: names } }, { sort })
    expect(found.map(({ _id }) => _id)).to.deep.equal(names.toReversed())
    for (const _id of names) await store.collection(things).remove({ _id })
  })

  describe('on a network that fails', () => {
    it('repeats a write whose connection broke, and writes it once', async () => {
      await store.collection(things).insert({ _id: 'counted', n: 0 })
      await failing(1, { failCommands: ['findAndModify'], closeConnection: true })
      const changed = await store.collection(things).update({ _id: 'counted' }, { $inc: { n: 1 } })
      expect(changed?.n).to.equal(1)
    })

    it('repeats a read whose connection broke', async () => {
      await store.collection(things).put({ _id: 'read', n: 1 })
      await failing(1, { failCommands: ['find'], closeConnection: true })
      expect((await store.collection(things).get('read'))?.n).to.equal(1)
      await failing(1, { failCommands: ['find'], errorCode: 11602 })
      expect(await store.collection(things).find({ _id: 'read' })).to.have.length(1)
    })

    it('repeats a batch that met a conflict, and a commit of which nothing is known', async () => {
      await store.collection(things).put({ _id: 'batched', n: 0 })
      const batch = () =>
        store.batch([
          { in: things, update: { _id: 'batched' }, change: { $inc: { n: 1 } } },
          { in: passes, put: { _id: 'batched' } },
        ])
      const label = (name: string) => ({ errorLabels: [name] })
      await failing(2, { failCommands: ['update'], errorCode: 112, ...label('TransientTransactionError') })
      await batch()
      await failing(2, { failCommands: ['commitTransaction'], closeConnection: true })
      await batch()
      await failing(1, {
        failCommands: ['commitTransaction'],
        errorCode: 251,
        ...label('TransientTransactionError'),
      })
      await batch()
      expect((await store.collection(things).get('batched'))?.n).to.equal(3)
    })

    it('goes on watching behind what it told, and says when that is lost', async () => {
      const events: { kind: string; id?: string }[] = []
      const watching = await store.watch(signals, undefined, (event) => events.push(event))
      const told = (id: string) => events.filter((event) => event.id === id).length
      await store.collection(signals).insert({ _id: 'first', n: 1 })
      await eventually(() => told('first') === 1)
      await failing(1, { failCommands: ['getMore'], closeConnection: true })
      for (const _id of ['second', 'third']) {
        await store.collection(signals).insert({ _id, n: 1 })
        await eventually(() => told(_id) === 1)
      }
      expect(told('first')).to.equal(1)

      await failing(2, { failCommands: ['getMore', 'aggregate'], errorCode: 286 })
      await store.collection(signals).insert({ _id: 'fourth', n: 1 })
      await eventually(() => events.some((event) => event.kind === 'lost'))
      await store.collection(signals).insert({ _id: 'fifth', n: 1 })
      await eventually(() => told('fifth') === 1)
      await watching.stop()
    })
  })

  describe('in few round trips', () => {
    const commands = async () => {
      const { metrics } = await client.db('admin').command({ serverStatus: 1 })
      const names = ['insert', 'update', 'delete', 'findAndModify', 'commitTransaction']
      return Object.fromEntries(names.map((name) => [name, Number(metrics.commands[name]?.total ?? 0)]))
    }
    const spent = async (work: () => Promise<unknown>) => {
      const before = await commands()
      await work()
      const after = await commands()
      return Object.fromEntries(
        Object.entries(after)
          .map(([name, count]) => [name, count - (before[name] ?? 0)] as const)
          .filter(([, count]) => count > 0),
      )
    }

    it('merges the writes of a batch', async () => {
      const counter = (name: string) => ({
        in: passes,
        update: { _id: name },
        change: { $inc: { n: 1 } },
        insert: { _id: name, n: 1, until: new Date(Date.now() + 60_000) } as { _id: string },
      })
      const batch = [
        ...['m1', 'm2', 'm3'].map((_id) => ({ in: things, insert: { _id } })),
        ...['c1', 'c2', 'c3'].map(counter),
        ...['m1', 'm2'].map((_id) => ({ in: things, take: { _id } })),
      ]
      expect(await spent(() => store.batch(batch))).to.deep.equal({
        ...{ insert: 1, update: 1, delete: 1, commitTransaction: 1 },
      })
      expect((await store.collection(passes).get('c3'))?.n).to.equal(1)
    })

    it('takes, inserts and counts in one command where documents expire', async () => {
      const documents = store.collection(passes)
      const until = new Date(Date.now() + 60_000)
      await documents.insert({ _id: 'spent', until } as { _id: string })
      const again = { in: passes, insert: { _id: 'spent', n: 2, until } as { _id: string } }
      const batch: Write[] = [
        { in: things, insert: { _id: 'beside' } },
        { in: passes, take: { _id: 'spent' } },
        { in: passes, insert: { _id: 'made', until } as { _id: string } },
        {
          in: passes,
          update: { _id: 'tally' },
          change: { $inc: { n: 1 } },
          insert: { _id: 'tally', n: 1 } as { _id: string },
        },
      ]
      expect(await spent(() => store.batch(batch))).to.deep.equal({
        insert: 1,
        update: 1,
        commitTransaction: 1,
      })
      expect(await documents.get('spent')).to.equal(undefined)
      expect(await documents.find({ _id: { $in: ['spent', 'made'] } })).to.deep.equal([
        { _id: 'made', until },
      ])
      expect(await documents.take({ _id: 'spent' })).to.equal(undefined)
      for (const wrong of batch.slice(0, 3)) {
        const error = await failure(store.batch([{ in: passes, put: { _id: 'other' } }, wrong]), BatchError)
        expect(error.index).to.equal(1)
      }
      expect(await documents.get('other')).to.equal(undefined)
      await store.batch([again, { in: passes, take: { _id: 'made' } }])
      expect(await documents.get('spent')).to.deep.equal(again.insert)
    })

    it('writes one thing without a transaction, and a counter in one call', async () => {
      const insert = { _id: 'alone', n: 1 }
      const count = { in: passes, update: { _id: 'alone' }, change: { $inc: { n: 1 } }, insert }
      for (const expected of [1, 2]) {
        expect(await spent(() => store.batch([count]))).to.deep.equal({ findAndModify: 1 })
        expect((await store.collection(passes).get('alone'))?.n).to.equal(expected)
      }
    })

    it('raises counters that stand each for themselves in one call', async () => {
      const raise = (_id: string) => ({
        in: passes,
        update: { _id, n: { $lt: 9 } },
        change: { $inc: { n: 1 } },
        insert: { _id, n: 1 },
      })
      const writes = [raise('one'), raise('two'), raise('three')]
      for (const _ of [1, 2])
        expect(await spent(() => store.batch(writes, { whole: false }))).to.deep.equal({ update: 1 })
      expect((await store.collection(passes).get('three'))?.n).to.equal(2)
    })
  })

  it('keeps a guard that changes nothing against whoever changes the same document', async () => {
    const [people, sessions] = [store.collection(things), store.collection(passes)]
    for (let round = 0; round < 30; round += 1) {
      const [_id, session] = [`person ${round}`, `session ${round}`]
      await people.insert({ _id, title: 'active' })
      await Promise.allSettled([
        store.batch([
          { in: things, put: { _id: `${_id}, too` } },
          { in: things, update: { _id, title: 'active' }, change: { $set: { title: 'active' } } },
          { in: passes, insert: { _id: session, set: _id } as { _id: string } },
        ]),
        store.batch([
          { in: things, update: { _id }, change: { $set: { title: 'disabled' } } },
          { in: passes, remove: { set: _id } },
        ]),
      ])
      expect((await people.get(_id))?.title).to.equal('disabled')
      expect(await sessions.get(session), `round ${round}`).to.equal(undefined)
    }
  })

  describe('with a server of its own', () => {
    let mongod: Mongod | undefined
    afterEach(() => mongod?.stop())

    it('refuses a standalone server with the command that mends it', async () => {
      mongod = await startMongod('none')
      for (const query of ['', '?replicaSet=rs0']) {
        const opened = engine.open({ collections: [] }, { ...place, mongodbUri: mongod.freshUri() + query })
        const error = await failure(opened, Error)
        expect(error.message).to.contain('mongod --replSet rs0').and.to.contain('rs.initiate()')
      }
    })

    it('lets the server sweep what has expired', async () => {
      mongod = await startMongod('ready', { ttlMonitorEnabled: true, ttlMonitorSleepSecs: 1 })
      const mongodbUri = mongod.freshUri()
      const own = await new mongoose.mongo.MongoClient(mongodbUri).connect()
      const swept = await engine.open({ collections: contractCollections }, { ...place, mongodbUri })
      try {
        const until = (seconds: number) => new Date(Date.now() + seconds * 1_000)
        await swept.collection(passes).insert({ _id: 'old', until: until(-120) })
        await swept.collection(passes).insert({ _id: 'kept', until: until(120) })
        await swept.collection(passes).insert({ _id: 'endless' })
        let ids: string[] = []
        do {
          const rows = await own.db().collection<{ _id: string }>('passes').find().toArray()
          ids = rows.map(({ _id }) => _id).sort()
        } while (ids.includes('old'))
        expect(ids).to.deep.equal(['endless', 'kept'])
      } finally {
        await swept.close()
        await own.close()
      }
    })
  })
})

import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { z } from 'zod'
import { readMatch } from '../../src/storage/match.ts'
import { createShape } from '../../src/storage/shape.ts'
import { createKeys } from '../../src/storage/sqlite/keys.ts'
import { where } from '../../src/storage/sqlite/where.ts'
import {
  type AnyCollectionSpec,
  DuplicateKeyError,
  defineCollection,
  type Match,
  StoreUnavailableError,
  type WatchEvent,
} from '../../src/storage/storage.ts'
import { storeContract } from '../contracts/store.ts'
import { eventually, failure } from '../contracts/store-bench.ts'
import { contractCollections, type Signal, signals, things } from '../contracts/store-collections.ts'
import { engines, type Place } from '../support/engines.ts'

for (const engine of engines().filter(({ name }) => name === 'sqlite')) {
  describe('DC-3 the embedded store keeps the contract of the port', () => storeContract(engine))

  describe('the embedded store', () => {
    let place: Place
    const closing: { close(): unknown }[] = []

    beforeEach(async () => {
      place = await engine.place()
    })
    afterEach(async () => {
      for (const one of closing.splice(0)) await one.close()
      await place.remove()
    })

    const open = async (
      collections: readonly AnyCollectionSpec[] = contractCollections,
      now?: () => Date,
    ) => {
      const store = await engine.open({ collections, ...(now && { now }) }, place)
      closing.unshift(store)
      return store
    }
    const stranger = () => {
      const db = new DatabaseSync(join(place.dataDir, 'maitred.db'), { timeout: 0 })
      closing.unshift(db)
      return db
    }

    it('commits the writes of one turn together, and answers when all are there', async () => {
      const store = await open()
      const db = stranger()
      const count = () => db.prepare('SELECT count(*) AS n FROM things').get()?.n
      const writes = Array.from({ length: 100 }, (_, n) =>
        store.collection(things).insert({ _id: `${n}`, n }),
      )
      expect(count()).to.equal(0)
      await Promise.race(writes)
      expect(count()).to.equal(100)
      await Promise.all(writes)
    })

    it('waits for the lock of another process without holding up the loop or reads', async () => {
      const store = await open()
      await store.collection(things).insert({ _id: 'a' })
      const db = stranger()
      db.exec('BEGIN IMMEDIATE')
      let done = false
      const write = store
        .collection(things)
        .insert({ _id: 'b' })
        .then(() => {
          done = true
        })
      const begin = performance.now()
      for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setTimeout(resolve, 4))
      expect(performance.now() - begin).to.be.below(2_000)
      expect(await store.collection(things).get('a')).to.deep.equal({ _id: 'a' })
      expect(done).to.equal(false)
      db.exec('COMMIT')
      await write
      expect(await store.collection(things).get('b')).to.deep.equal({ _id: 'b' })
    })

    it('keeps its files from other users of the machine', async () => {
      const store = await open()
      await store.collection(things).insert({ _id: 'a' })
      for (const name of ['maitred.db', 'maitred.db-wal'])
        expect((await stat(join(place.dataDir, name))).mode & 0o777, name).to.equal(0o600)
    })

    it('says which file is no database, and changes nothing in it', async () => {
      const file = join(place.dataDir, 'maitred.db')
      await writeFile(file, 'a letter '.repeat(1_000))
      const error = await failure(open(), StoreUnavailableError)
      expect(String((error.cause as Error).message)).to.contain(file)
      expect((await stat(file)).size).to.equal(9_000)
    })

    it('lets a resume point go after ten thousand changes', async () => {
      const store = await open()
      const { seq, stop } = await store.watch(signals, undefined, () => undefined)
      await stop()
      for (let round = 0; round < 12; round += 1)
        await store.batch(
          Array.from({ length: 1_000 }, (_, n) => ({
            in: signals,
            put: { _id: `${n}`, n: round } as Signal,
          })),
        )
      const events: WatchEvent<Signal>[] = []
      const watching = await store.watch(signals, seq, (event) => events.push(event))
      await eventually(() => events.length > 0)
      expect(events).to.deep.equal([{ kind: 'lost', seq: watching.seq }])
      const rows = stranger().prepare('SELECT count(*) AS n FROM _changes').get()?.n
      expect(Number(rows)).to.be.within(10_000, 11_100)
      await watching.stop()
    })

    it('tells of many changes of one document by its last state', async () => {
      const store = await open()
      const events: WatchEvent<Signal>[] = []
      const watching = await store.watch(signals, undefined, (event) => events.push(event))
      await store.batch(
        Array.from({ length: 1_000 }, (_, n) => ({ in: signals, put: { _id: 'a', n } as Signal })),
      )
      await eventually(() => events.length > 0)
      expect(events.map((event) => event.kind === 'change' && event.document?.n)).to.deep.equal([999])
      await watching.stop()
    })

    describe('indexes', () => {
      const base = {
        name: 'people',
        schema: z.object({
          _id: z.string(),
          name: z.string().optional(),
          realm: z.string().optional(),
          roles: z.array(z.object({ id: z.string() })).optional(),
          until: z.date().optional(),
        }),
        expires: 'until',
      }
      const names = (db: DatabaseSync) =>
        db
          .prepare("SELECT name FROM sqlite_master WHERE name LIKE 'people %' ORDER BY name")
          .all()
          .map((row) => row.name)

      it('are made for what is there already, and go when they are no longer declared', async () => {
        const plain = defineCollection(base)
        const first = await open([plain])
        await first
          .collection(plain)
          .insert({ _id: 'a', name: 'x', roles: [{ id: 'r' }, { id: 'r' }, { id: 's' }] })
        const indexed = defineCollection({ ...base, unique: [['name']], index: [['roles.id'], ['realm']] })
        const second = await open([indexed])
        const db = stranger()
        expect(names(db)).to.deep.equal([
          'people expires',
          'people index realm',
          'people roles.id',
          'people roles.id deleted',
          'people roles.id ids',
          'people roles.id inserted',
          'people roles.id updated',
          'people unique name',
        ])
        const collection = second.collection(indexed)
        expect(await collection.count({ 'roles.id': 's' })).to.equal(1)
        await failure(collection.insert({ _id: 'b', name: 'x' }), DuplicateKeyError)
        await collection.update({ _id: 'a' }, { $pull: { roles: { id: 's' } } })
        expect(await collection.count({ 'roles.id': 's' })).to.equal(0)
        expect(await collection.count({ 'roles.id': { $prefix: 'r' } })).to.equal(1)
        await collection.take({ _id: 'a' })
        expect(db.prepare('SELECT count(*) AS n FROM "people roles.id"').get()).to.deep.include({ n: 0 })
        await open([plain])
        expect(names(db)).to.deep.equal(['people expires'])
      })

      it('stop a program whose tables another version has changed', async () => {
        const plain = defineCollection(base)
        const first = await open([plain])
        const second = await open([defineCollection({ ...base, unique: [['name']] })])
        const error = await failure(
          first.collection(plain).insert({ _id: 'a', name: 'x' }),
          StoreUnavailableError,
        )
        expect(String((error.cause as Error).message)).to.contain('another version')
        await second.collection(plain).insert({ _id: 'a', name: 'x' })
        await open([signals])
        await second.collection(plain).insert({ _id: 'b', name: 'y' })
      })

      it('are left alone by a program that does not declare their collection', async () => {
        await open([defineCollection({ ...base, unique: [['name']] })])
        await open([signals])
        expect(names(stranger())).to.deep.equal(['people expires', 'people unique name'])
      })

      it('become unique over duplicates that have expired', async () => {
        const plain = defineCollection(base)
        const first = await open([plain])
        await first.collection(plain).insert({ _id: 'a', name: 'x', until: new Date(Date.now() - 1) })
        await first.collection(plain).insert({ _id: 'b', name: 'x' })
        const unique = defineCollection({ ...base, unique: [['name']] })
        const second = await open([unique])
        expect(await second.collection(unique).find({ name: 'x' })).to.have.length(1)
      })

      const served: [Match, string][] = [
        [{ _id: 'a' }, 'sqlite_autoindex'],
        [{ _id: { $prefix: 'a' } }, 'sqlite_autoindex'],
        [{ _id: { $in: ['a', 'b'] } }, 'sqlite_autoindex'],
        [{ name: 'a' }, 'people unique name'],
        [{ name: { $in: ['a'] } }, 'people unique name'],
        [{ realm: { $prefix: 'a' } }, 'people index realm, name'],
        [{ realm: 'a', name: { $gt: 'b' } }, 'people index realm, name'],
        [{ 'roles.id': 'a' }, 'sqlite_autoindex'],
      ]
      it('serve the matches that they are made for', async () => {
        const spec = defineCollection({
          ...base,
          unique: [['name']],
          index: [['realm', 'name'], ['roles.id']],
        })
        const shape = createShape(spec)
        await open([spec])
        const db = stranger()
        for (const [match, index] of served) {
          const { text, values } = where(readMatch(shape, match), createKeys(spec, shape))
          const plan = db
            .prepare(`EXPLAIN QUERY PLAN SELECT doc FROM people WHERE ${text} AND ifnull(expires, 9e18) > 1`)
            .all(...values)
          expect(JSON.stringify(plan), text).to.contain('SEARCH people').and.to.contain(index)
        }
      })
    })

    it('refuses a declaration that its schema cannot carry', async () => {
      const fields = {
        _id: z.string(),
        list: z.array(z.string()),
        gap: z.string().nullable(),
        free: z.unknown(),
      }
      const schema = z.object({ ...fields, either: z.union([z.string(), z.number()]), at: z.date() })
      for (const wrong of [
        { index: [['nothing']] },
        { index: [['gap']] },
        { index: [['free']] },
        { index: [['either']] },
        { unique: [['list']] },
        { expires: 'gap' },
        { name: 'no name' },
        { name: '_changes' },
      ])
        await failure(open([{ name: 'odd', schema, ...wrong }]), TypeError)
      const never = z.object({ _id: z.string(), map: z.map(z.string(), z.string()) })
      await failure(open([{ name: 'odd', schema: never }]), TypeError)
    })
  })
}

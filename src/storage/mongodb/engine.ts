/**
 * The store on a MongoDB replica set. It owns the connection, the models and their indexes; the verbs, the
 * batch and the feed of changes are next door. Nothing outside this folder imports mongoose or the driver.
 */
import type { Connection, mongo } from 'mongoose'
import { migrationMarks } from '../migrate.ts'
import type { AnyCollectionSpec, Collection, Document, Store, StoreOptions } from '../storage.ts'
import { type Abandoned, endAbandoned } from './abandoned.ts'
import { createBatch } from './batch.ts'
import { createCalls } from './calls.ts'
import { createCollection } from './collection.ts'
import { connect } from './connect.ts'
import type { Listener } from './feed.ts'
import { createShelf, type Shelf } from './shelf.ts'
import { createWatching } from './watch.ts'

/** @throws Error when the URI leads to no replica set. @throws StoreUnavailableError when nobody answers. */
export async function openMongodb(options: StoreOptions, uri: string): Promise<Store> {
  const connection = await connect(uri)
  // Before the collections are prepared: a new index waits for every transaction on its collection.
  const abandoned = endAbandoned({ client: connection.getClient(), log: options.log })
  try {
    return await open(connection, options, abandoned)
  } catch (error) {
    abandoned.close()
    await connection.close()
    throw error
  }
}

async function open(connection: Connection, options: StoreOptions, abandoned: Abandoned): Promise<Store> {
  const { db } = connection
  if (!db) throw new Error('mongoose has no database')
  const calls = createCalls(abandoned.look)
  const shelves = new Map<string, Shelf>()
  const collections = new Map<string, Collection<Document>>()
  for (const spec of [...options.collections, migrationMarks]) {
    const shelf = createShelf(connection, db, spec, options.now)
    shelves.set(spec.name, shelf)
    collections.set(spec.name, createCollection(shelf, calls))
  }
  await prepare(db, [...shelves.values()])
  const watched = [...shelves.values()].filter(({ spec }) => spec.watched).map(({ spec }) => spec.name)
  const client = connection.getClient()
  const watching = createWatching({ client, db, names: watched, calls, log: options.log })

  function declared<V>(kept: ReadonlyMap<string, V>, spec: AnyCollectionSpec | undefined): V {
    const found = kept.get(spec?.name ?? '')
    if (!found) throw new TypeError(`The store was opened without the collection "${spec?.name}"`)
    return found
  }

  return {
    engine: 'mongodb',
    collection: <T extends Document>(spec: AnyCollectionSpec) =>
      declared(collections, spec) as unknown as Collection<T>,
    batch: createBatch({
      client,
      calls,
      shelf: (spec) => declared(shelves, spec),
      collection: (spec) => declared(collections, spec),
    }),
    watch: async (spec, after, listener) =>
      watching.watch(declared(shelves, spec), after, listener as Listener),
    sweep: async () => 0,
    ping: () => calls.run('store', async () => void (await db.command({ ping: 1 }))),
    async close() {
      watching.close()
      abandoned.close()
      await calls.close()
      await connection.close()
    },
  }
}

/** Where nothing is missing, so few ask at once, because a connection more costs longer than the questions. */
const ASKERS = 2

/** Makes what is missing of the collections and their indexes. */
async function prepare(db: mongo.Db, shelves: readonly Shelf[]): Promise<void> {
  const listed = await db.listCollections({}, { nameOnly: true, authorizedCollections: true }).toArray()
  const there = new Set(listed.map(({ name }) => name))
  const missing = shelves.filter(({ spec }) => !there.has(spec.name))
  const others = shelves.filter(({ spec, indexes }) => indexes.length > 0 && there.has(spec.name))
  // To make one takes the server a while, which it may do with many at once.
  await Promise.all(missing.map(make))
  await Promise.all(
    Array.from({ length: ASKERS }, async () => {
      for (let shelf = others.pop(); shelf; shelf = others.pop()) await make(shelf)
    }),
  )
}

/** Makes the collection and its indexes in one command; where they are there already it does nothing. */
async function make({ db, spec, indexes }: Shelf): Promise<void> {
  if (indexes.length > 0) {
    await db.command({ createIndexes: spec.name, indexes, writeConcern: { w: 'majority' } })
    return
  }
  await db.createCollection(spec.name).catch((error: { codeName?: string }) => {
    if (error.codeName !== 'NamespaceExists') throw error
  })
}

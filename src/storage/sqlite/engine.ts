/**
 * The embedded engine: one SQLite file in the data folder, written through, no server. It owns the
 * connection and what runs beside the verbs; a second process may open the same file, one at a time writes.
 */
import { mkdir, open } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreUnavailableError } from '../errors.ts'
import { createShape } from '../shape.ts'
import type { AnyCollectionSpec, Collection, Store, StoreOptions, WatchEvent } from '../storage.ts'
import { batchWork } from './batch.ts'
import { createKeys } from './keys.ts'
import { createReader } from './reader.ts'
import { createStatements } from './statements.ts'
import { createTable, type Table } from './table.ts'
import { type Declared, missing } from './tables.ts'
import { createWatches, type Listener } from './watches.ts'
import { createWriter } from './writer.ts'

const sweepEveryMs = 60_000

/** @throws StoreUnavailableError when the file cannot be opened or another process keeps it locked. */
export async function openSqlite(options: StoreOptions): Promise<Store> {
  const declared = options.collections.map(declare)
  const file = join(options.dataDir, 'maitred.db')
  const db = await openDatabase(file)
  const read = createReader()
  const nowMs = () => options.now().getTime()
  const warn = (error: unknown) => options.log?.warn({ err: error }, 'The embedded store')
  try {
    await read(() => prepareFile(db, declared, nowMs()))
  } catch (error) {
    db.close()
    throw error instanceof StoreUnavailableError ? unusable(file, error.cause) : error
  }

  const prepare = createStatements(db)
  const watches = createWatches(prepare, warn)
  const writer = createWriter(db, createGuard(db, declared), watches.committed)
  const tables = new Map<string, Table>()
  for (const one of declared) {
    const record = (id: string) => watches.record(one.spec.name, id)
    tables.set(one.spec.name, createTable(one, prepare, nowMs, record))
  }
  const tableOf = (spec: AnyCollectionSpec): Table => {
    const table = tables.get(spec?.name)
    if (!table) throw new TypeError(`The collection ${spec?.name} was not declared when the store was opened`)
    return table
  }
  const collections = new Map([...tables].map(([name, table]) => [name, collectionOf(table)]))

  function collectionOf(table: Table): Collection<never> {
    return {
      insert: async (document) => writer.write(table.insert(document)),
      put: async (document) => writer.write(table.put(document)),
      get: (id) => read(() => table.get(id)) as Promise<undefined>,
      find: (match, find = {}) => read(() => table.find(match, find)) as Promise<never[]>,
      count: (match) => read(() => table.count(match)),
      update: async (match, change, { insert } = {}) =>
        (await writer.write(table.update(match, change, insert)))?.() as undefined,
      take: async (match) => (await writer.write(table.take(match)))?.() as undefined,
      remove: async (match) => writer.write(table.remove(match)),
    }
  }

  async function sweep(): Promise<number> {
    let swept = 0
    for (const table of tables.values()) {
      let some = -1
      while (some !== 0) {
        some = await writer.write(table.sweep)
        swept += some
      }
    }
    return swept
  }
  const sweeping = setInterval(() => sweep().catch(warn), sweepEveryMs).unref()

  let closing: Promise<void> | undefined
  async function close(): Promise<void> {
    clearInterval(sweeping)
    watches.stop()
    await writer.close()
    read.close()
    db.close()
  }

  return {
    engine: 'sqlite',
    collection(spec) {
      tableOf(spec)
      return collections.get(spec.name) as never
    },
    async batch(writes, { whole = true } = {}) {
      if (writes.length === 0) return
      await writer[whole ? 'writeAll' : 'write'](batchWork(writes, tableOf), writes.length)
    },
    watch(spec, after, listener) {
      return read(() => {
        const table = tableOf(spec)
        if (!spec.watched) throw new TypeError(`The collection ${spec.name} is not watched`)
        const watch = watches.watch(
          spec.name,
          table,
          after,
          listener as (event: WatchEvent<never>) => void as Listener,
        )
        return { seq: watch.seq, stop: async () => watch.stop() }
      })
    },
    sweep,
    async ping() {
      await read(() => prepare('SELECT count(*) FROM sqlite_master').get())
    },
    close() {
      closing ??= close()
      return closing
    },
  }
}

async function openDatabase(file: string): Promise<DatabaseSync> {
  try {
    await mkdir(join(file, '..'), { recursive: true, mode: 0o700 })
    // SQLite gives its other files the mode of this one.
    await (await open(file, 'a', 0o600)).close()
    return new DatabaseSync(file, { timeout: 0, allowExtension: false, enableForeignKeyConstraints: false })
  } catch (cause) {
    throw unusable(file, cause)
  }
}

function unusable(file: string, cause: unknown): StoreUnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new StoreUnavailableError(new Error(`${file} cannot be used: ${reason}`, { cause }))
}

function declare(spec: AnyCollectionSpec): Declared {
  const shape = createShape(spec)
  return { spec, shape, keys: createKeys(spec, shape) }
}

function prepareFile(db: DatabaseSync, declared: readonly Declared[], nowMs: number): void {
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
  // Fewer checkpoints write a page once that was changed often: a third less CPU for each write (measured).
  db.exec('PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 33554432; PRAGMA cache_size = -8000')
  // What a batch may have to undo is soon more than the 64 KB that SQLite keeps before it makes a file for it.
  db.exec('PRAGMA temp_store = MEMORY')
  if (missing(db, declared, nowMs).length === 0) return
  db.exec('BEGIN IMMEDIATE')
  try {
    // Again, because another process may have done it in between.
    for (const step of missing(db, declared, nowMs)) step()
    db.exec('COMMIT')
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}

/** Looks, at the begin of each block, whether a program of another version has changed the tables since. */
function createGuard(db: DatabaseSync, declared: readonly Declared[]): () => void {
  const version = db.prepare('PRAGMA schema_version')
  const read = () => version.get()?.schema_version
  let known = read()
  return () => {
    const now = read()
    if (now === known) return
    // Writing on would leave the new columns empty, and what they index would not be found.
    if (missing(db, declared, 0).length > 0)
      throw new Error('A program of another version has changed the tables of this store')
    known = now
  }
}

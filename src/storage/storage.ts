/**
 * The one door to what Maitred remembers: declared collections, seven verbs, atomic batches, a resumable watch and
 * a cache that follows it. It knows nothing of people or tokens. Both engines keep every promise made here;
 * `test/contracts/store.ts` is the proof.
 */
import type { z } from 'zod'
import { migrate, migrationMarks } from './migrate.ts'

export { type CachedCollection, cacheCollection } from './cached-collection.ts'
export { BatchError, DuplicateKeyError, StoreUnavailableError } from './errors.ts'

/** A document: JSON values and `Date`s under string keys, identified by `_id`. */
export interface Document {
  _id: string
}

/**
 * Declares a collection once for both engines.
 *
 * `unique` and `index` list keys of dotted paths; a document that lacks a path of a unique key is not
 * constrained by it. `expires` names a `Date` field: past it the document is never returned and never
 * blocks an insert, even before it is swept. Only a `watched` collection can be watched; it pays for it
 * with one more row per write on the embedded engine.
 */
export interface CollectionSpec<T extends Document> {
  readonly name: string
  readonly schema: z.ZodType<T>
  readonly unique?: readonly (readonly string[])[]
  readonly index?: readonly (readonly string[])[]
  readonly expires?: string
  readonly watched?: boolean
}

/** A collection of any document type, for lists of specs. */
// biome-ignore lint/suspicious/noExplicitAny: a list of specs of different documents has no common T
export type AnyCollectionSpec = CollectionSpec<any>

/** Declares a collection; the document type follows from the schema. */
export function defineCollection<T extends Document>(spec: CollectionSpec<T>): CollectionSpec<T> {
  return Object.freeze(spec)
}

export type Scalar = string | number | boolean | Date

/** Conditions on one field, MongoDB's meaning. `$prefix` matches a normalised string's beginning. */
export interface FieldCondition {
  $in?: readonly Scalar[]
  $ne?: Scalar
  $gt?: Scalar
  $gte?: Scalar
  $lt?: Scalar
  $lte?: Scalar
  $exists?: boolean
  $prefix?: string
}

/**
 * Which documents: every field condition must hold; keys are dotted paths. A plain value is equality,
 * and on an array field "contains", as in MongoDB.
 */
export interface Match {
  [path: string]: Scalar | FieldCondition
}

/** What changes in one document; keys are dotted paths. `$push` keeps only the last `limit` elements. */
export interface Change {
  $set?: Record<string, unknown>
  $unset?: Record<string, true>
  $inc?: Record<string, number>
  $push?: Record<string, { value: unknown; limit: number }>
  /** Removes every element equal to the value, or, for an object, every element whose fields equal its fields. */
  $pull?: Record<string, Scalar | Record<string, Scalar>>
}

export interface FindOptions {
  /** One field and a direction; ties are broken by `_id` in the same direction. Default: `_id` ascending. */
  sort?: { field: string; order: 'asc' | 'desc' }
  /** Starts behind the document with this sort value and `_id` (keyset paging). */
  after?: { value: Scalar; id: string }
  /** At most this many; default and upper bound 1,000. */
  limit?: number
}

export interface Collection<T extends Document> {
  /** @throws DuplicateKeyError when `_id` or a unique key is taken. */
  insert(document: T): Promise<void>
  /** Writes the document whether or not its `_id` exists. @throws DuplicateKeyError on another unique key. */
  put(document: T): Promise<void>
  get(id: string): Promise<T | undefined>
  find(match: Match, options?: FindOptions): Promise<T[]>
  count(match: Match): Promise<number>
  /**
   * Compare-and-set: changes one document only while `match` holds and returns it changed, else
   * `undefined`. With `insert`, that document is inserted and returned when no document with its `_id` exists.
   * Of any number of racers each successful change is seen by the next.
   */
  update(match: Match, change: Change, options?: { insert?: T }): Promise<T | undefined>
  /** Deletes one matching document and returns it to exactly one caller. */
  take(match: Match): Promise<T | undefined>
  /** Deletes all matching documents; returns how many. */
  remove(match: Match): Promise<number>
}

/** One write of a batch, as data. `update` and `take` are guards: matching nothing fails the batch. */
export type Write =
  | { in: AnyCollectionSpec; insert: Document }
  | { in: AnyCollectionSpec; put: Document }
  | { in: AnyCollectionSpec; update: Match; change: Change; insert?: Document }
  | { in: AnyCollectionSpec; take: Match }
  | { in: AnyCollectionSpec; remove: Match }

/** A change seen by `watch`; `document` is absent when it was deleted. `seq` resumes behind it. */
export type WatchEvent<T extends Document> =
  | { kind: 'change'; seq: string; id: string; document?: T }
  /** The resume point is gone: start again from what the collection holds now. */
  | { kind: 'lost'; seq: string }

export interface Store {
  readonly engine: 'sqlite' | 'mongodb'
  collection<T extends Document>(spec: CollectionSpec<T>): Collection<T>
  /**
   * Makes all writes (at most 1,000) or none. With `whole: false` they only share their way: each is made for itself,
   * in order, and those before one that fails stay made; it costs less.
   * @throws BatchError naming the index of the write that failed.
   */
  batch(writes: readonly Write[], options?: { whole?: boolean }): Promise<void>
  /**
   * Tells of changes at least once, in order per document, at most 500 ms late, from every process.
   * `after` is a `seq`, or `undefined` for "from now". Resolves once it is listening.
   */
  watch<T extends Document>(
    spec: CollectionSpec<T>,
    after: string | undefined,
    listener: (event: WatchEvent<T>) => void,
  ): Promise<{ seq: string; stop(): Promise<void> }>
  /** Deletes what has expired; the engines also do it by themselves. Returns how many (0 where the server does it). */
  sweep(): Promise<number>
  /** Resolves when the store answers. @throws StoreUnavailableError */
  ping(): Promise<void>
  close(): Promise<void>
}

/** A numbered change of existing data; safe to run twice and by two processes at once. */
export interface Migration {
  /** Consecutive, from 1. */
  readonly id: number
  readonly title: string
  run(store: Store): Promise<void>
}

export interface StoreOptions {
  collections: readonly AnyCollectionSpec[]
  /** All that the program knows; absent, the data is taken as it is. */
  migrations?: readonly Migration[]
  now: () => Date
  /** A replica set's URI; absent, the embedded engine. */
  mongodbUri?: string | undefined
  /** Folder of the embedded engine's file `maitred.db`. */
  dataDir: string
  log?: { info(o: object, text: string): void; warn(o: object, text: string): void }
}

/** Opens the store, creates what is missing and runs pending migrations. The engine is loaded lazily. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const all = { ...options, collections: [...options.collections, migrationMarks] }
  const store = options.mongodbUri
    ? await (await import('./mongodb/engine.ts')).openMongodb(all, options.mongodbUri)
    : await (await import('./sqlite/engine.ts')).openSqlite(all)
  try {
    if (options.migrations) await migrate(store, options.migrations, options.now)
  } catch (error) {
    await store.close()
    throw error
  }
  return store
}

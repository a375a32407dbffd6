/** One collection as this engine holds it: what was declared of it, and the driver's hand on it. */
import type { Connection, mongo } from 'mongoose'
import { type Edit, readChange } from '../change.ts'
import { readMatch } from '../match.ts'
import { createShape, type Shape } from '../shape.ts'
import type { AnyCollectionSpec, Change, Document, Match } from '../storage.ts'
import type { Taken } from './failure.ts'
import { type Filter, toFilter, toStored } from './filter.ts'
import { createModel } from './model.ts'

export interface Shelf {
  readonly spec: AnyCollectionSpec
  readonly shape: Shape
  readonly db: mongo.Db
  /** The driver's collection under the mongoose model: on documents that the schema has checked it costs least. */
  readonly native: mongo.Collection<Document>
  readonly indexes: readonly mongo.IndexDescription[]
  /** @throws TypeError */
  toDocument(document: Document): Document
  /** Matches documents that have not expired. @throws TypeError */
  toFilter(match: Match): Filter
  /** @throws TypeError */
  toEdits(change: Change): Edit[]
  isExpired(document: Document): boolean
  /** Makes room where an expired document holds a key; false when one does that has not expired. */
  free(taken: Taken): Promise<boolean>
  /** Whether what holds the `_id` is there and not expired, and does not match. Makes room where it has expired. */
  isHeld(taken: Taken, filter: Filter): Promise<boolean>
}

export function createShelf(
  connection: Connection,
  db: mongo.Db,
  spec: AnyCollectionSpec,
  now: () => Date,
): Shelf {
  const shape = createShape(spec)
  const model = createModel(connection, spec)
  const native = db.collection<Document>(spec.name)
  const { expires } = spec
  const expiry = expires === undefined ? undefined : expires.split('.')

  function isExpired(document: Document): boolean {
    if (!expiry) return false
    const until = expiry.reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], document)
    return until instanceof Date && until.getTime() <= now().getTime()
  }

  async function free(taken: Taken): Promise<boolean> {
    if (expires === undefined) return false
    const holder = await native.findOne(taken.keyValue as Filter)
    if (holder && !isExpired(holder)) return false
    if (holder) await native.deleteOne({ _id: holder._id, [expires]: { $lte: now() } } as Filter)
    return true
  }

  return {
    spec,
    shape,
    db,
    native,
    indexes: model.schema.indexes().map(([key, options]) => ({ ...options, key }) as mongo.IndexDescription),
    toDocument: (document) => toStored(shape.parse(document)) as Document,
    toFilter: (match) =>
      toFilter(readMatch(shape, match), expires, expires === undefined ? undefined : now()),
    toEdits: (change) => readChange(shape, change),
    isExpired,
    free,
    async isHeld(taken, filter) {
      // One look tells both that the document is there and that it does not match; two could be of two moments.
      const other = await native.findOne({ ...taken.keyValue, $nor: [filter] } as Filter)
      if (!other || !isExpired(other)) return other !== null
      await free(taken)
      return false
    },
  }
}

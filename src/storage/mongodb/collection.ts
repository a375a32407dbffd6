/** The seven verbs on one MongoDB collection; each is one call of the driver wherever nobody raced it. */
import type { Edit } from '../change.ts'
import { readMatch, readOrder } from '../match.ts'
import type { Collection, Document, Match } from '../storage.ts'
import { type Calls, type Late, TIMEOUT_MS } from './calls.ts'
import { isAbsence, isTaken } from './failure.ts'
import { toFilter, toPage, toUpdate } from './filter.ts'
import type { Shelf } from './shelf.ts'
import { toUpsert } from './upsert.ts'

type Sort = Record<string, 1 | -1>

export function createCollection<T extends Document>(shelf: Shelf, calls: Calls): Collection<T> {
  const { native, shape } = shelf
  const { name } = shelf.spec
  const run = <R>(work: (late: Late) => Promise<R>) => calls.run(name, work)

  /** Writes again where only an expired document held a key. */
  async function freeing<R>(late: Late, write: () => Promise<R>): Promise<R> {
    for (;;) {
      try {
        return await write()
      } catch (error) {
        if (late() || !isTaken(error) || !(await shelf.free(error))) throw error
      }
    }
  }

  /** As a command, which costs a quarter less than a cursor; what the driver would repeat, we do. */
  async function page(filter: object, sort: Sort | undefined, limit: number): Promise<T[]> {
    // One more than can come: else the server may keep a cursor open to see whether there is more.
    const most = { limit, batchSize: limit + 1, maxTimeMS: TIMEOUT_MS }
    const find = { find: name, filter, ...(sort && { sort }), ...most }
    const reply = await shelf.db.command(find).catch((error: unknown) => {
      if (isAbsence(error)) return shelf.db.command(find)
      throw error
    })
    const { id, firstBatch } = reply.cursor
    // More than the 16 MB of one answer; the server forgets by itself where it stood.
    if (String(id) !== '0')
      return native.find(filter, { ...(sort && { sort }), ...most }).toArray() as Promise<T[]>
    return firstBatch
  }

  async function read(id: string): Promise<T | undefined> {
    if (typeof id !== 'string') throw new TypeError(`${name}: an _id is a string`)
    const [found] = await page({ _id: id }, undefined, 1)
    return found && !shelf.isExpired(found) ? found : undefined
  }

  async function change(late: Late, match: Match, edits: Edit[]): Promise<T | undefined> {
    const options = { returnDocument: 'after' } as const
    const changed = await freeing(late, () =>
      native.findOneAndUpdate(shelf.toFilter(match), toUpdate(edits), options),
    )
    return (changed as T | null) ?? undefined
  }

  async function changeOrInsert(late: Late, match: Match, edits: Edit[], insert: T): Promise<T | undefined> {
    const upsert = toUpsert(match, edits, insert)
    const options = { returnDocument: 'after', upsert: true } as const
    while (!late()) {
      try {
        if (upsert) return (await native.findOneAndUpdate(shelf.toFilter(match), upsert, options)) as T
        const changed = await change(late, match, edits)
        if (changed) return changed
        await native.insertOne(insert)
        return insert
      } catch (error) {
        if (!isTaken(error)) throw error
        if ('_id' in error.keyPattern) {
          if (await shelf.isHeld(error, shelf.toFilter(match))) return undefined
        } else if (!(await shelf.free(error))) throw error
      }
    }
    return undefined
  }

  async function put(late: Late, document: T): Promise<void> {
    try {
      await freeing(late, () => native.replaceOne({ _id: document._id }, document, { upsert: true }))
    } catch (error) {
      // Of two who put the same new document at once, one finds the other's.
      if (!isTaken(error) || !('_id' in error.keyPattern)) throw error
      await put(late, document)
    }
  }

  return {
    async insert(document) {
      const stored = shelf.toDocument(document)
      await run((late) => freeing(late, () => native.insertOne(stored)))
    },
    async put(document) {
      const stored = shelf.toDocument(document) as T
      await run((late) => put(late, stored))
    },
    async get(id) {
      return run(() => read(id))
    },
    async find(match, options = {}) {
      const order = readOrder(shape, options)
      const rest = toPage(order)
      const whole = shelf.toFilter(match)
      const filter = rest ? { $and: [whole, rest] } : whole
      const direction = order.descending ? -1 : 1
      const sort: Sort = { [order.path.name]: direction, _id: direction }
      return run(() => page(filter, sort, order.limit))
    },
    async count(match) {
      const filter = shelf.toFilter(match)
      return run(() => native.countDocuments(filter, { maxTimeMS: TIMEOUT_MS }))
    },
    async update(match, changes, { insert } = {}) {
      const edits = shelf.toEdits(changes)
      shelf.toFilter(match)
      const stored = insert && (shelf.toDocument(insert) as T)
      return run((late) => (stored ? changeOrInsert(late, match, edits, stored) : change(late, match, edits)))
    },
    async take(match) {
      // Deleting an expired document on the way does no harm, and a plain _id is found a shorter way.
      const plain = typeof match._id === 'string'
      const filter = plain ? toFilter(readMatch(shape, match)) : shelf.toFilter(match)
      const taken = (await run(() => native.findOneAndDelete(filter))) as T | null
      return taken && !shelf.isExpired(taken) ? taken : undefined
    },
    async remove(match) {
      const filter = shelf.toFilter(match)
      return run(async () => (await native.deleteMany(filter)).deletedCount)
    },
  }
}

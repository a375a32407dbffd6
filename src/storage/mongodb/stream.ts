/** One change stream over several collections, as bare commands: the driver's own hides when and where it resumes. */
import mongoose, { type mongo } from 'mongoose'
import type { Document } from '../storage.ts'
import { isAbsence } from './failure.ts'

/** How long the server holds a question when there is nothing to tell. */
const AWAIT_MS = 2_000

export interface StreamEvent {
  readonly _id: { readonly _data: string }
  readonly operationType: string
  readonly ns: { readonly coll: string }
  readonly documentKey?: { readonly _id: string }
  readonly fullDocument?: Document | null
}

export interface Stream {
  /** Behind everything that `next` has returned. */
  readonly position: string
  /** Waits for events; an empty list when there were none for a while. */
  next(): Promise<readonly StreamEvent[]>
  close(): Promise<void>
}

/** Opens the stream behind a position, or from now. */
export async function openStream(
  client: mongo.MongoClient,
  db: mongo.Db,
  names: readonly string[],
  after: string | undefined,
): Promise<Stream> {
  const session = client.startSession({ causalConsistency: false })
  const resume = after === undefined ? {} : { resumeAfter: { _data: after } }
  const pipeline = [
    { $changeStream: { fullDocument: 'updateLookup', ...resume } },
    { $match: { 'ns.coll': { $in: names } } },
  ]
  let cursor: mongo.Document
  try {
    const command = { aggregate: 1, pipeline, cursor: {}, readConcern: { level: 'majority' } }
    cursor = (await db.command(command, { session })).cursor
  } catch (error) {
    await session.endSession()
    throw error
  }
  const id = mongoose.mongo.Long.fromValue(cursor.id)
  let batch: readonly StreamEvent[] | undefined = cursor.firstBatch
  let open = true
  let position: string = cursor.postBatchResumeToken._data

  return {
    get position() {
      return position
    },
    async next() {
      if (batch && batch.length > 0) {
        const first = batch
        batch = undefined
        return first
      }
      if (!open) throw new mongoose.mongo.MongoServerError({ message: 'The change stream has ended' })
      const more = { getMore: id, collection: '$cmd.aggregate', maxTimeMS: AWAIT_MS }
      const reply = (await db.command(more, { session })).cursor
      open = Number(reply.id) !== 0
      position = reply.postBatchResumeToken._data
      return reply.nextBatch
    },
    async close() {
      const kill = { killCursors: '$cmd.aggregate', cursors: [id] }
      await db.command(kill, { session }).catch(() => undefined)
      await session.endSession()
    },
  }
}

/** Whether a stream that failed so can go on behind its position. */
export function isResumable(error: unknown): boolean {
  if (!(error instanceof mongoose.mongo.MongoError)) return false
  const cursorGone = error.code === 43
  return cursorGone || isAbsence(error) || error.hasErrorLabel('ResumableChangeStreamError')
}

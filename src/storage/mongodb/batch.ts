/**
 * A batch as one transaction: first with its writes merged into few commands, and when that fails, write by
 * write, to know which one it was. Conflicts with other transactions are tried again within the time of a call.
 */
import { setTimeout as wait } from 'node:timers/promises'
import mongoose, { type mongo } from 'mongoose'
import { createTurns } from '../../turns.ts'
import { BatchError, DuplicateKeyError } from '../errors.ts'
import type { AnyCollectionSpec, Collection, Document, Store, Write } from '../storage.ts'
import { sharing, updateApart } from './apart.ts'
import type { Calls, Late } from './calls.ts'
import { execute, type Refusal } from './execute.ts'
import { storeError, type Taken } from './failure.ts'
import type { Shelf } from './shelf.ts'
import { type Statement, toCommands, toStatement } from './statement.ts'

const MAX_WRITES = 1_000

export function createBatch(o: {
  client: mongo.MongoClient
  calls: Calls
  shelf: (spec: AnyCollectionSpec) => Shelf
  collection: (spec: AnyCollectionSpec) => Collection<Document>
}): Store['batch'] {
  let turns = 0
  const inTurn = createTurns()

  /** Racers must not come back all at once. */
  async function pause(attempt: number): Promise<void> {
    turns = (turns + 1) % 8
    await wait(Math.min(2 ** attempt, 64) * (turns / 8) + 1)
  }

  async function transact(commands: Statement[][], late: Late): Promise<Refusal | undefined> {
    const session = o.client.startSession({ causalConsistency: false })
    try {
      session.startTransaction({ readConcern: { level: 'local' } })
      const done: Statement[] = []
      for (const command of commands) {
        const refusal = await execute(command, done, session)
        if (refusal) return refusal
        done.push(...command)
      }
      if (!late()) await commit(session, late)
      return undefined
    } finally {
      await session.endSession()
    }
  }

  async function commit(session: mongo.ClientSession, late: Late): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await session.commitTransaction()
      } catch (error) {
        if (late() || !hasLabel(error, 'UnknownTransactionCommitResult')) throw error
        await pause(attempt)
      }
    }
  }

  async function run(statements: readonly Statement[], late: Late): Promise<void> {
    const documents = statements.flatMap(({ document }) => document ?? [])
    let merged = true
    for (let attempt = 0; !late(); attempt += 1) {
      try {
        const refusal = await inTurn(documents, async () =>
          late() ? undefined : transact(toCommands(statements, merged), late),
        )
        if (!refusal) return
        const { statement, taken, first } = refusal
        if (taken && (await statement?.shelf.free(taken))) continue
        if (statement && first) throw toBatchError(statement, taken)
        merged = false
      } catch (error) {
        if (!hasLabel(error, 'TransientTransactionError')) throw error
        await pause(attempt)
      }
    }
  }

  /** Each for itself, until one fails. */
  async function runApart(writes: readonly Write[], statements: readonly Statement[]): Promise<void> {
    for (let at = 0; at < writes.length; ) {
      const shared = sharing(statements, at)
      const [write] = writes.slice(at)
      if (shared.length > 1) await o.calls.run('batch', (late) => updateApart(shared, late, toBatchError))
      else if (write) await alone(write, o.collection(write.in), at)
      at += Math.max(shared.length, 1)
    }
  }

  return async (writes, { whole = true } = {}) => {
    if (writes.length > MAX_WRITES) throw new TypeError(`A batch has at most ${MAX_WRITES} writes`)
    const statements = writes.map((write, index) => toStatement(write, index, o.shelf(write.in)))
    const [only, ...others] = writes
    if (!only) return
    if (others.length === 0) await alone(only, o.collection(only.in), 0)
    else if (whole) await o.calls.run('batch', (late) => run(statements, late))
    else await runApart(writes, statements)
  }
}

/** A single write is atomic without a transaction, at less than half the cost. */
async function alone(write: Write, collection: Collection<Document>, index: number): Promise<void> {
  try {
    let found: Document | undefined
    if ('update' in write)
      found = await collection.update(write.update, write.change, write.insert && { insert: write.insert })
    else if ('take' in write) found = await collection.take(write.take)
    else if ('insert' in write) return await collection.insert(write.insert)
    else if ('put' in write) return await collection.put(write.put)
    else return void (await collection.remove(write.remove))
    if (!found) throw new BatchError(index)
  } catch (error) {
    throw error instanceof DuplicateKeyError ? new BatchError(index, error) : error
  }
}

function toBatchError({ index, shelf, guardsId }: Statement, taken: Taken | undefined): BatchError {
  if (!taken || (guardsId && '_id' in taken.keyPattern)) return new BatchError(index)
  return new BatchError(index, storeError(taken, shelf.spec.name))
}

function hasLabel(error: unknown, label: string): boolean {
  return error instanceof mongoose.mongo.MongoError && error.hasErrorLabel(label)
}

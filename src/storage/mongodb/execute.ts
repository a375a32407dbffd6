/** Sends statements that make one command, and reads from the reply which of them did not find what it has to. */
import mongoose, { type mongo } from 'mongoose'
import { isTaken, type Taken } from './failure.ts'
import type { Statement } from './statement.ts'

export interface Refusal {
  /** The write that failed, where the reply tells. */
  readonly statement: Statement | undefined
  readonly taken?: Taken
  /** No write before it in the batch is still to be tried. */
  readonly first: boolean
}

export async function execute(
  command: readonly Statement[],
  done: readonly Statement[],
  session: mongo.ClientSession,
): Promise<Refusal | undefined> {
  const [head] = command
  if (!head) return undefined
  const { db } = head.shelf
  const refuse = (statement: Statement | undefined, taken?: Taken): Refusal => {
    const before = [...done, ...command].filter((other) => other.index < (statement?.index ?? 0))
    return { statement, first: before.length === statement?.index, ...(taken && { taken }) }
  }

  const reply = await db.command(toCommand(command), { session })
  const [failed] = reply.writeErrors ?? []
  if (isTaken(failed)) return refuse(command[(failed as { index?: number }).index ?? 0], failed)
  if (failed) throw new mongoose.mongo.MongoServerError(failed)
  if (head.single && reply.n !== command.length) {
    if (!head.insert) return refuse(command.length === 1 ? head : undefined)
    const inserted = await db.command({ insert: head.shelf.spec.name, documents: [head.insert] }, { session })
    const [taken] = inserted.writeErrors ?? []
    if (isTaken(taken)) return refuse(head, taken)
    if (taken) throw new mongoose.mongo.MongoServerError(taken)
    return undefined
  }
  // MongoDB does not protect a document that a transaction has only looked at.
  const guards = command.some(({ guard }) => guard)
  if (!guards || reply.nModified + (reply.upserted?.length ?? 0) === command.length) return undefined
  if (command.length > 1) return refuse(undefined)
  return touch(head, session)
}

function toCommand(command: readonly Statement[]): object {
  const [head] = command
  const bodies = command.map(({ body }) => body)
  const name = head?.shelf.spec.name
  switch (head?.kind) {
    case 'insert':
      return { insert: name, documents: bodies }
    case 'update':
      return { update: name, updates: bodies }
    default:
      return { delete: name, deletes: bodies }
  }
}

// Never seen by anybody: it comes and goes inside the transaction.
const mark = '__touched'

/** Writes into a document that an update matched but left as it was, so that whoever changes it meanwhile conflicts. */
async function touch({ shelf, guard }: Statement, session: mongo.ClientSession): Promise<undefined> {
  const { db, spec } = shelf
  const update = { $set: { [mark]: true } }
  const found = await db.command(
    { findAndModify: spec.name, query: guard, update, fields: { _id: 1 } },
    { session },
  )
  const u = { $unset: { [mark]: true } }
  await db.command({ update: spec.name, updates: [{ q: { _id: found.value?._id }, u }] }, { session })
}

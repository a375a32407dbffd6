/**
 * Writes that only share their way, without a transaction: what updates or inserts in one collection goes in one
 * command, which ends at the first that fails; the rest goes one by one.
 */
import mongoose from 'mongoose'
import type { BatchError } from '../errors.ts'
import type { Late } from './calls.ts'
import { durable } from './connect.ts'
import { isTaken, type Taken } from './failure.ts'
import type { Statement } from './statement.ts'

const { MongoServerError } = mongoose.mongo

/** The statements from that place on that can share a command: of those, only a taken key fails one. */
export function sharing(statements: readonly Statement[], from: number): readonly Statement[] {
  const shelf = statements[from]?.shelf
  const rest = statements.slice(from)
  const end = rest.findIndex((each) => each.shelf !== shelf || !each.guardsId || each.insert)
  return end < 0 ? rest : rest.slice(0, end)
}

/** @param late when it says so, the caller has been told already */
export async function updateApart(
  statements: readonly Statement[],
  late: Late,
  refuse: (statement: Statement, taken: Taken) => BatchError,
): Promise<void> {
  let left = statements
  for (let [head] = left; head && !late(); [head] = left) {
    const { shelf } = head
    const updates = left.map(({ body }) => body)
    const command = { update: shelf.spec.name, updates, ordered: true, writeConcern: durable }
    const { writeErrors: [failed] = [], writeConcernError } = await shelf.db.command(command)
    if (writeConcernError) throw new MongoServerError(writeConcernError)
    if (!failed) return
    left = left.slice(failed.index)
    const [statement] = left
    if (!isTaken(failed) || !statement) throw new MongoServerError(failed)
    const isHeld =
      '_id' in failed.keyPattern
        ? await shelf.isHeld(failed, statement.guard ?? {})
        : !(await shelf.free(failed))
    if (isHeld) throw refuse(statement, failed)
  }
}

/** Prepared statements by their text. Texts come from the program, not from data, so that they stay few. */
import type { DatabaseSync, StatementSync } from 'node:sqlite'

export type Prepare = (text: string) => StatementSync

const most = 1_000

export function createStatements(db: DatabaseSync): Prepare {
  const known = new Map<string, StatementSync>()
  return (text) => {
    const found = known.get(text)
    if (found) return found
    const statement = db.prepare(text)
    statement.setReturnArrays(true)
    if (known.size >= most) known.clear()
    known.set(text, statement)
    return statement
  }
}

/**
 * Says "update, or else insert this document" as one upsert, where that means the same: one call for a
 * counter instead of two.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Edit } from '../change.ts'
import type { Document, Match } from '../storage.ts'
import { toUpdate, type Update } from './filter.ts'

/** Undefined where an upsert would insert anything else than `insert`. Both arguments are checked already. */
export function toUpsert(match: Match, edits: readonly Edit[], insert: Document): Update | undefined {
  if (match._id !== insert._id || !Object.entries(match).every(([name, value]) => addsNothing(name, value)))
    return undefined
  const { _id, ...rest }: Document & Record<string, unknown> = { ...insert }
  for (const edit of edits) {
    const { name } = edit.path
    if (name.includes('.') || !isDeepStrictEqual(made(edit), rest[name])) return undefined
    delete rest[name]
  }
  const update = toUpdate(edits)
  return Object.keys(rest).length === 0 ? update : { ...update, $setOnInsert: rest }
}

/** MongoDB puts the fields that a match asks to be equal into what it inserts. */
function addsNothing(name: string, value: Match[string]): boolean {
  return name === '_id' || (typeof value === 'object' && !(value instanceof Date) && !('$in' in value))
}

/** What the edit makes of nothing. */
function made(edit: Edit): unknown {
  switch (edit.operator) {
    case 'set':
    case 'inc':
      return edit.value
    case 'push':
      return [edit.value]
    default:
      return undefined
  }
}

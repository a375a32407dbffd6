/** How collections, paths and values are written in SQL. Only what `shape.ts` has let through comes here. */
import type { Path } from '../shape.ts'
import type { Scalar } from '../storage.ts'

/** What is bound to a statement. */
export type Value = string | number

/** A piece of SQL with the values for its question marks. */
export interface Sql {
  readonly text: string
  readonly values: readonly Value[]
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The path in SQLite's JSON functions. */
export function jsonPath(keys: readonly string[]): string {
  return `$${keys.map((key) => `."${key}"`).join('')}`
}

/**
 * A scalar outside of arrays as an expression: what indexes are made of, so that it must be written alike
 * everywhere. A path that holds a key out of data is bound, so that statements stay few.
 */
export function column(path: Path): Sql {
  if (path.name === '_id') return { text: '_id', values: [] }
  const json = jsonPath(path.groups[0] ?? [])
  if (path.dynamic) return { text: 'json_extract(doc, ?)', values: [json] }
  return { text: `json_extract(doc, '${json}')`, values: [] }
}

/** A scalar as SQLite's JSON functions give it out. */
export function bound(value: Scalar): Value {
  if (typeof value === 'boolean') return value ? 1 : 0
  return value instanceof Date ? value.toISOString() : value
}

/** The question mark for a value. A fraction is read by the reader that reads the documents, to be equal to the last bit. */
export function mark(value: Scalar): Sql {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    return { text: "json_extract(?, '$')", values: [JSON.stringify(value)] }
  return { text: '?', values: [bound(value)] }
}

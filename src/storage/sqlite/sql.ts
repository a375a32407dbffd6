/** How collections, paths and values are written in SQL. Only what `shape.ts` has let through comes here. */
import type { Path } from '../shape.ts'
import type { Scalar } from '../storage.ts'
import type { Keys } from './keys.ts'

/** What is bound to a statement. */
export type Value = string | number

/** A piece of SQL with the values for its question marks. */
export interface Sql {
  readonly text: string
  readonly values: readonly Value[]
}

/** A scalar outside of arrays. */
export interface Field extends Sql {
  /** It comes out of JSON as SQLite reads it, not out of a column. */
  readonly json: boolean
}

export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** The path in SQLite's JSON functions. */
export function jsonPath(keys: readonly string[]): string {
  return `$${keys.map((key) => `."${key}"`).join('')}`
}

/** The column of an index, or the JSON. A key out of data is bound, so that statements stay few. */
export function field(path: Path, keys: Keys): Field {
  if (path.name === '_id') return { text: '_id', values: [], json: false }
  const column = keys.column(path)
  if (column) return { text: column, values: [], json: false }
  const json = jsonPath(path.groups[0] ?? [])
  if (path.dynamic) return { text: 'json_extract(doc, ?)', values: [json], json: true }
  return { text: `json_extract(doc, '${json}')`, values: [], json: true }
}

/** A scalar as columns hold it and SQLite's JSON functions give it out. */
export function bound(value: Scalar): Value {
  if (typeof value === 'boolean') return value ? 1 : 0
  return value instanceof Date ? value.toISOString() : value
}

/** The question mark for a value. What is compared with JSON is read by the same reader, to be equal to the last bit. */
export function mark(value: Scalar, json: boolean): Sql {
  if (json && typeof value === 'number' && !Number.isSafeInteger(value))
    return { text: "json_extract(?, '$')", values: [JSON.stringify(value)] }
  return { text: '?', values: [bound(value)] }
}

/** A list of values to be in; one question mark for all, unless the JSON reader might read a fraction differently. */
export function list(values: readonly Scalar[], json: boolean): Sql {
  const exact = json || !values.some((value) => typeof value === 'number' && !Number.isSafeInteger(value))
  if (exact) return { text: '(SELECT value FROM json_each(?))', values: [JSON.stringify(values)] }
  return { text: `(${values.map(() => '?').join(', ')})`, values: values.map(bound) }
}

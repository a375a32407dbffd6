/**
 * The columns beside a document that indexes are made of. They are columns, not expressions over the JSON,
 * because SQLite writes every index on an expression anew whenever the document changes, and a column only
 * when it changes: that is more than half of what an update costs (measured).
 */
import type { Path, Shape } from '../shape.ts'
import type { AnyCollectionSpec } from '../storage.ts'
import type { Json } from './apply.ts'
import { quote, type Value } from './sql.ts'

export interface Key {
  readonly column: string
  /** Its value in a document as it is stored, with dates or with what JSON makes of them. */
  of(document: Json): Value | null
}

export interface Keys {
  /** `expires` first, where documents expire. */
  readonly all: readonly Key[]
  /** For each unique key the places of its columns in `all`. */
  readonly unique: readonly (readonly number[])[]
  /** The column that holds what lies at the path, quoted. */
  column(path: Path): string | undefined
  /** The table that holds what lies at the path in arrays, quoted. */
  elements(path: Path): string | undefined
}

export function createKeys(spec: AnyCollectionSpec, shape: Shape): Keys {
  const names = [...new Set([...(spec.unique ?? []), ...(spec.index ?? [])].flat())]
  const paths = names.map((name) => shape.path(name)).filter((path) => path.name !== '_id')
  const single = paths.filter((path) => path.groups.length === 1)
  const all = single.map((path) => ({ column: keyColumn(path.name), of: valueAt(path.name) }))
  if (spec.expires !== undefined) {
    const endAt = valueAt(spec.expires)
    const expiry = (document: Json) => {
      const end = endAt(document)
      return end === null ? null : Date.parse(String(end))
    }
    all.unshift({ column: 'expires', of: expiry })
  }
  const columns = new Map(single.map((path) => [path.name, quote(keyColumn(path.name))]))
  const places = new Map(all.map(({ column }, place) => [column, place]))
  const elements = new Map(
    paths
      .filter((path) => path.groups.length > 1)
      .map((path) => [path.name, quote(elementTable(spec.name, path.name))]),
  )
  return {
    all,
    unique: (spec.unique ?? []).map((key) => key.map((name) => places.get(keyColumn(name)) ?? 0)),
    column: (path) => columns.get(path.name),
    elements: (path) => elements.get(path.name),
  }
}

export function keyColumn(name: string): string {
  return name === '_id' ? name : `key ${name}`
}

export function elementTable(collection: string, name: string): string {
  return `${collection} ${name}`
}

function valueAt(name: string): (document: Json) => Value | null {
  const keys = name.split('.')
  return (document) => {
    let value: unknown = document
    for (const key of keys) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return null
      value = (value as Json)[key]
    }
    if (value instanceof Date) return value.toISOString()
    if (typeof value === 'boolean') return value ? 1 : 0
    return typeof value === 'string' || typeof value === 'number' ? value : null
  }
}

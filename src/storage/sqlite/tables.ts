/**
 * The tables of the collections: `_id`, the document as JSON text, and when it expires. It creates what is
 * missing and drops the indexes that a declaration no longer has; it never changes documents.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Path, Shape } from '../shape.ts'
import type { AnyCollectionSpec } from '../storage.ts'
import { column, jsonPath, quote } from './sql.ts'

interface Thing {
  readonly name: string
  readonly table: string
  readonly sql: string
}

/** The side table that lists the elements of an indexed array: `value`, `_id`. */
export function elementTable(collection: string, path: Path): string {
  return `${collection} ${path.name}`
}

/** Where change events of watched collections lie; `seq` only grows. */
export const changeTable = `CREATE TABLE _changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, id TEXT NOT NULL)`

/** The statements that bring the database to what the collections declare; none when it is there already. */
export function missing(
  db: DatabaseSync,
  specs: readonly (readonly [AnyCollectionSpec, Shape])[],
  nowMs: number,
): string[] {
  const rows = db.prepare('SELECT name, tbl_name, sql FROM sqlite_master WHERE sql IS NOT NULL').all()
  const present = new Map(
    rows.map((row) => [String(row.name), { table: String(row.tbl_name), sql: String(row.sql) }]),
  )
  const statements: string[] = []
  if (!present.has('_changes')) statements.push(changeTable)
  for (const [spec, shape] of specs) {
    const [table, ...wanted] = things(spec, shape) as [Thing, ...Thing[]]
    const names = new Set(wanted.map((thing) => thing.name))
    if (!present.has(table.name)) statements.push(table.sql)
    for (const [name, { sql }] of present)
      if (
        name.startsWith(`${spec.name} `) &&
        (!names.has(name) || !wanted.some((thing) => thing.sql === sql))
      )
        statements.push(`DROP ${/^CREATE (?:UNIQUE )?(\w+)/.exec(sql)?.[1]} IF EXISTS ${quote(name)}`)
    const added = wanted.filter((thing) => present.get(thing.name)?.sql !== thing.sql)
    // What has expired must not stand in the way of a unique index.
    if (added.length > 0 && present.has(table.name))
      statements.push(`DELETE FROM ${quote(spec.name)} WHERE expires <= ${nowMs}`)
    statements.push(
      ...added.map((thing) => thing.sql),
      ...added.flatMap((thing) => refill(spec, shape, thing)),
    )
  }
  return statements
}

function things(spec: AnyCollectionSpec, shape: Shape): Thing[] {
  const table = spec.name
  const all: Thing[] = [
    {
      name: table,
      table,
      sql: `CREATE TABLE ${quote(table)} (_id TEXT PRIMARY KEY NOT NULL, doc TEXT NOT NULL, expires INTEGER)`,
    },
  ]
  if (spec.expires !== undefined) {
    const name = `${table} expires`
    const on = `${quote(table)} (expires) WHERE expires IS NOT NULL`
    all.push({ name, table, sql: `CREATE INDEX ${quote(name)} ON ${on}` })
  }
  for (const key of spec.unique ?? []) {
    const name = `${table} unique ${key.join(', ')}`
    const columns = key.map((path) => column(shape.path(path)).text).join(', ')
    all.push({ name, table, sql: `CREATE UNIQUE INDEX ${quote(name)} ON ${quote(table)} (${columns})` })
  }
  for (const key of spec.index ?? []) {
    const paths = key.map((path) => shape.path(path))
    const columns = paths.filter((path) => path.groups.length === 1).map((path) => column(path).text)
    for (const path of paths) if (path.groups.length > 1) all.push(...elementThings(table, path))
    if (columns.length === 0) continue
    const name = `${table} index ${key.join(', ')}`
    // With _id at its end, it also serves sorting and paging.
    const on = `${quote(table)} (${[...new Set([...columns, '_id'])].join(', ')})`
    all.push({ name, table, sql: `CREATE INDEX ${quote(name)} ON ${on}` })
  }
  return all
}

/** An index on what arrays hold: a table of their elements that triggers keep. */
function elementThings(table: string, path: Path): Thing[] {
  const name = elementTable(table, path)
  const side = quote(name)
  const add = `INSERT INTO ${side} ${elementRows('NEW._id', 'NEW.doc', path)}`
  const drop = `DELETE FROM ${side} WHERE _id = OLD._id`
  const array = (row: string) => `json_extract(${row}.doc, '${jsonPath(path.groups[0] ?? [])}')`
  const trigger = (when: string, event: string, body: string, condition = '') => ({
    name: `${name} ${when}`,
    table,
    sql: `CREATE TRIGGER ${quote(`${name} ${when}`)} AFTER ${event} ON ${quote(table)}${condition} BEGIN ${body}; END`,
  })
  return [
    {
      name,
      table: name,
      sql: `CREATE TABLE ${side} (value, _id TEXT, PRIMARY KEY (value, _id)) WITHOUT ROWID`,
    },
    { name: `${name} ids`, table: name, sql: `CREATE INDEX ${quote(`${name} ids`)} ON ${side} (_id)` },
    trigger('inserted', 'INSERT', add),
    trigger('updated', 'UPDATE OF doc', `${drop}; ${add}`, ` WHEN ${array('OLD')} IS NOT ${array('NEW')}`),
    trigger('deleted', 'DELETE', drop),
  ]
}

function elementRows(id: string, doc: string, path: Path): string {
  let from = ''
  let value = doc
  for (const [index, keys] of path.groups.entries()) {
    if (index < path.groups.length - 1) {
      from += `${from ? ', ' : ''}json_each(${value}, '${jsonPath(keys)}') AS e${index}`
      value = `e${index}.value`
    } else if (keys.length > 0) value = `json_extract(${value}, '${jsonPath(keys)}')`
  }
  return `SELECT DISTINCT ${value}, ${id} FROM ${from} WHERE ${value} IS NOT NULL`
}

function refill(spec: AnyCollectionSpec, shape: Shape, thing: Thing): string[] {
  const path = (spec.index ?? [])
    .flat()
    .map((name) => shape.path(name))
    .find((one) => one.groups.length > 1 && elementTable(spec.name, one) === thing.name)
  if (!path) return []
  const rows = elementRows('t._id', 't.doc', path).replace(' FROM ', ` FROM ${quote(spec.name)} AS t, `)
  return [`INSERT INTO ${quote(thing.name)} ${rows}`]
}

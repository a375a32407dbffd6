/**
 * The tables of the collections: `_id`, the document as JSON text, and the columns of its indexes. It makes
 * what is missing and drops what a declaration no longer has; it never changes documents.
 */
import type { DatabaseSync } from 'node:sqlite'
import type { Path, Shape } from '../shape.ts'
import type { AnyCollectionSpec } from '../storage.ts'
import type { Json } from './apply.ts'
import { elementTable, type Key, type Keys, keyColumn } from './keys.ts'
import { jsonPath, quote } from './sql.ts'

export interface Declared {
  readonly spec: AnyCollectionSpec
  readonly shape: Shape
  readonly keys: Keys
}

/** An index, a trigger or a table of elements. */
interface Part {
  readonly name: string
  readonly sql: string
  /** Fills it with what is there already. */
  readonly fill?: string
}

const changeTable =
  'CREATE TABLE _changes (seq INTEGER PRIMARY KEY AUTOINCREMENT, collection TEXT NOT NULL, id TEXT NOT NULL)'

/** The steps that bring the database to what is declared; none when it is there already. */
export function missing(db: DatabaseSync, declared: readonly Declared[], nowMs: number): (() => void)[] {
  const rows = db.prepare('SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL').all()
  const present = new Map(rows.map((row) => [String(row.name), String(row.sql)]))
  const steps: (() => void)[] = []
  const run = (sql: string) => steps.push(() => db.exec(sql))
  if (!present.has('_changes')) run(changeTable)
  for (const { spec, shape, keys } of declared) {
    const table = quote(spec.name)
    const parts = partsOf(spec, shape)
    const wanted = new Map(parts.map(({ name, sql }) => [name, sql]))
    if (!present.has(spec.name))
      run(`CREATE TABLE ${table} (_id TEXT PRIMARY KEY NOT NULL, doc TEXT NOT NULL)`)
    for (const [name, sql] of present)
      if (name.startsWith(`${spec.name} `) && wanted.get(name) !== sql)
        run(`DROP ${/^CREATE (?:UNIQUE )?(\w+)/.exec(sql)?.[1]} IF EXISTS ${quote(name)}`)
    const added = alterColumns(db, spec.name, keys, run)
    if (added.length > 0 && present.has(spec.name)) steps.push(() => fillColumns(db, spec.name, added))
    const lacking = parts.filter(({ name, sql }) => present.get(name) !== sql)
    // What has expired must not stand in the way of a unique index.
    if (lacking.length > 0 && spec.expires !== undefined)
      run(`DELETE FROM ${table} WHERE expires <= ${nowMs}`)
    for (const { sql, fill } of lacking) run(fill ? `${sql}; ${fill}` : sql)
  }
  return steps
}

function alterColumns(db: DatabaseSync, table: string, keys: Keys, run: (sql: string) => void): Key[] {
  const present = db
    .prepare('SELECT name FROM pragma_table_info(?)')
    .all(table)
    .map((row) => String(row.name))
  const wanted = new Set(['_id', 'doc', ...keys.all.map(({ column }) => column)])
  for (const column of present)
    if (!wanted.has(column)) run(`ALTER TABLE ${quote(table)} DROP COLUMN ${quote(column)}`)
  const added = keys.all.filter(({ column }) => !present.includes(column))
  for (const { column } of added) run(`ALTER TABLE ${quote(table)} ADD COLUMN ${quote(column)}`)
  return added
}

function fillColumns(db: DatabaseSync, table: string, added: readonly Key[]): void {
  const set = added.map(({ column }) => `${quote(column)} = ?`).join(', ')
  const update = db.prepare(`UPDATE ${quote(table)} SET ${set} WHERE _id = ?`)
  for (const { _id, doc } of db.prepare(`SELECT _id, doc FROM ${quote(table)}`).all()) {
    const document = JSON.parse(String(doc)) as Json
    update.run(...added.map((key) => key.of(document)), String(_id))
  }
}

function partsOf(spec: AnyCollectionSpec, shape: Shape): Part[] {
  const table = spec.name
  const parts: Part[] = []
  const index = (name: string, kind: string, on: string) =>
    parts.push({
      name: `${table} ${name}`,
      sql: `CREATE ${kind} ${quote(`${table} ${name}`)} ON ${quote(table)} ${on}`,
    })
  const columns = (names: readonly string[]) =>
    [...new Set(names)].map((name) => quote(keyColumn(name))).join(', ')
  if (spec.expires !== undefined) index('expires', 'INDEX', '(expires) WHERE expires IS NOT NULL')
  for (const key of spec.unique ?? []) {
    // What is absent is never taken: rows without it cost the index nothing.
    const optional = key.filter((name) => shape.path(name).optional)
    const present = optional.map((name) => `${columns([name])} IS NOT NULL`).join(' AND ')
    index(`unique ${key.join(', ')}`, 'UNIQUE INDEX', `(${columns(key)})${present && ` WHERE ${present}`}`)
  }
  for (const key of spec.index ?? []) {
    const paths = key.map((name) => shape.path(name))
    const single = paths.filter((path) => path.groups.length === 1).map((path) => path.name)
    // With _id at its end, it also serves sorting and paging.
    if (single.length > 0) index(`index ${key.join(', ')}`, 'INDEX', `(${columns([...single, '_id'])})`)
    for (const path of paths) if (path.groups.length > 1) parts.push(...elementParts(table, path))
  }
  return [...new Map(parts.map((part) => [part.name, part])).values()]
}

/** An index on what arrays hold: a table of their elements that triggers keep. */
function elementParts(table: string, path: Path): Part[] {
  const name = elementTable(table, path.name)
  const side = quote(name)
  const array = (row: string) => `json_extract(${row}.doc, '${jsonPath(path.groups[0] ?? [])}')`
  const rows = (row: string, from: string) => `INSERT INTO ${side} ${elementRows(row, from, path)}`
  const add = rows('NEW', '')
  const drop = `DELETE FROM ${side} WHERE _id = OLD._id`
  const trigger = (when: string, event: string, body: string): Part => ({
    name: `${name} ${when}`,
    sql: `CREATE TRIGGER ${quote(`${name} ${when}`)} AFTER ${event} BEGIN ${body}; END`,
  })
  const on = `ON ${quote(table)}`
  return [
    {
      name,
      sql: `CREATE TABLE ${side} (value, _id TEXT, PRIMARY KEY (value, _id)) WITHOUT ROWID`,
      fill: rows(quote(table), `${quote(table)}, `),
    },
    { name: `${name} ids`, sql: `CREATE INDEX ${quote(`${name} ids`)} ON ${side} (_id)` },
    trigger('inserted', `INSERT ${on}`, add),
    trigger('updated', `UPDATE OF doc ${on} WHEN ${array('OLD')} IS NOT ${array('NEW')}`, `${drop}; ${add}`),
    trigger('deleted', `DELETE ${on}`, drop),
  ]
}

function elementRows(row: string, from: string, path: Path): string {
  let sources = from
  let value = `${row}.doc`
  for (const [index, keys] of path.groups.entries()) {
    if (index < path.groups.length - 1) {
      sources += `${index > 0 ? ', ' : ''}json_each(${value}, '${jsonPath(keys)}') AS e${index}`
      value = `e${index}.value`
    } else if (keys.length > 0) value = `json_extract(${value}, '${jsonPath(keys)}')`
  }
  return `SELECT DISTINCT ${value}, ${row}._id FROM ${sources} WHERE ${value} IS NOT NULL`
}

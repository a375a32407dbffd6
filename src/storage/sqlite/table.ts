/**
 * One collection in its table: the verbs as work for a write block, and the reads. What a caller hands in is
 * checked and copied when he asks; the work then only runs statements.
 */
import type { StatementSync } from 'node:sqlite'
import { readChange } from '../change.ts'
import { DuplicateKeyError } from '../errors.ts'
import { readMatch, readOrder } from '../match.ts'
import type { Shape } from '../shape.ts'
import type { Change, Document, FindOptions, Match } from '../storage.ts'
import { apply, type Json, prepare as prepareEdits } from './apply.ts'
import { failureOf } from './failure.ts'
import type { Keys } from './keys.ts'
import { reviver } from './revive.ts'
import { field, mark, quote, type Sql, type Value } from './sql.ts'
import type { Prepare } from './statements.ts'
import type { Declared } from './tables.ts'
import { where } from './where.ts'
import type { Work } from './writer.ts'

export interface Table {
  readonly shape: Shape
  insert(document: Document): Work<void>
  put(document: Document): Work<void>
  update(match: Match, change: Change, insert: Document | undefined): Work<Outcome>
  take(match: Match): Work<Outcome>
  remove(match: Match): Work<number>
  /** Deletes some of what has expired and says how many. */
  sweep(): number
  get(id: string): Json | undefined
  find(match: Match, options: FindOptions): Json[]
  count(match: Match): number
}

/** Gives the document that was written or taken, made only when asked for: a batch never asks. */
type Outcome = (() => Json) | undefined

/** A document as a row: its text and its keys, in the order of `Keys.all`. */
interface Row {
  id: string
  text: string
  keys: readonly (Value | null)[]
}

/** So many rows one write block sweeps. */
const sweepSize = 500

export function createTable(
  { spec, shape, keys }: Declared,
  prepare: Prepare,
  nowMs: () => number,
  changed: (id: string) => void,
): Table {
  const table = quote(spec.name)
  const expiring = spec.expires !== undefined
  const revive = reviver(spec.schema) ?? ((value: unknown) => value)
  // ifnull keeps the planner from the index on expires, which would fit any match and serve none.
  const alive = expiring ? ' AND ifnull(expires, 9e18) > ?' : ''
  const log = spec.watched ? changed : undefined

  const columns = keys.all.map(({ column }) => quote(column))
  const whole = ['_id', 'doc', ...columns].join(', ')
  const insertRow = `INSERT INTO ${table} (${whole}) VALUES (?, ?${', ?'.repeat(columns.length)})`
  const getRow = prepare(`SELECT doc FROM ${table} WHERE _id = ?${alive}`)
  const getWhole = prepare(`SELECT ${whole} FROM ${table} WHERE _id = ?`)
  const dropExpired = dropExpiredRow(table, keys)

  /** Which rows, of those that have not expired. */
  function filter(match: Match): () => Sql {
    const { text, values } = where(readMatch(shape, match), keys)
    return () => ({ text: text + alive, values: expiring ? [...values, nowMs()] : values })
  }

  function decode(text: unknown): Json {
    return revive(JSON.parse(text as string)) as Json
  }

  function encode(document: Document): Row {
    const stored = shape.parse(document)
    return rowOf(stored._id, stored as unknown as Json, JSON.stringify(stored))
  }

  function rowOf(id: string, document: Json, text: string): Row {
    return { id, text, keys: keys.all.map((key) => key.of(document)) }
  }

  function insertNew(row: Row): void {
    place(row, () => prepare(insertRow).run(row.id, row.text, ...row.keys))
  }

  /** Writes what differs from the row as it was: `_id`, `doc`, keys. */
  function rewrite(row: Row, before: Found): void {
    const changed = row.keys.map((_, index) => index).filter((index) => row.keys[index] !== before[index + 2])
    if (changed.length === 0 && row.text === before[1]) return
    const set = changed.map((index) => `, ${columns[index]} = ?`).join('')
    const statement = prepare(`UPDATE ${table} SET doc = ?${set} WHERE _id = ?`)
    place(row, () => statement.run(row.text, ...changed.map((index) => row.keys[index] ?? null), row.id))
  }

  /** Runs a write of the row; what has expired makes way. */
  function place(row: Row, write: () => void): void {
    try {
      write()
    } catch (error) {
      if (failureOf(error) !== 'taken') throw error
      if (!expiring || !clear(row)) throw new DuplicateKeyError(spec.name, error)
      try {
        write()
      } catch (again) {
        throw failureOf(again) === 'taken' ? new DuplicateKeyError(spec.name, again) : again
      }
    }
    log?.(row.id)
  }

  function clear(row: Row): boolean {
    const held = keys.unique.flat().map((index) => row.keys[index] ?? null)
    const gone = all(prepare(dropExpired), [nowMs(), row.id, ...held])
    for (const [id] of gone) log?.(String(id))
    return gone.length > 0
  }

  return {
    shape,
    insert(document) {
      const row = encode(document)
      return () => insertNew(row)
    },
    put(document) {
      const row = encode(document)
      return () => {
        const before = one(getWhole, [row.id])
        if (before) rewrite(row, before)
        else insertNew(row)
      }
    },
    update(match, change, insert) {
      const rows = filter(match)
      const edits = prepareEdits(readChange(shape, change))
      const fresh = insert && encode(insert)
      return () => {
        const { text, values } = rows()
        const found = one(prepare(`SELECT ${whole} FROM ${table} WHERE ${text} LIMIT 1`), values)
        if (found) {
          const document = JSON.parse(String(found[1])) as Json
          apply(document, edits)
          rewrite(rowOf(String(found[0]), document, JSON.stringify(document)), found)
          return () => revive(document) as Json
        }
        if (!fresh || one(getRow, expiring ? [fresh.id, nowMs()] : [fresh.id])) return undefined
        insertNew(fresh)
        return () => decode(fresh.text)
      }
    },
    take(match) {
      const rows = filter(match)
      return () => {
        const { text, values } = rows()
        const first = `SELECT rowid FROM ${table} WHERE ${text} LIMIT 1`
        const taken = one(prepare(`DELETE FROM ${table} WHERE rowid = (${first}) RETURNING _id, doc`), values)
        if (!taken) return undefined
        log?.(String(taken[0]))
        return () => decode(taken[1])
      }
    },
    remove(match) {
      const rows = filter(match)
      return () => {
        const { text, values } = rows()
        const sql = `DELETE FROM ${table} WHERE ${text}`
        if (!log) return Number(prepare(sql).run(...values).changes)
        const gone = all(prepare(`${sql} RETURNING _id`), values)
        for (const [id] of gone) log(String(id))
        return gone.length
      }
    },
    sweep() {
      if (!expiring) return 0
      const some = `SELECT rowid FROM ${table} WHERE expires <= ? LIMIT ${sweepSize}`
      const gone = all(prepare(`DELETE FROM ${table} WHERE rowid IN (${some}) RETURNING _id`), [nowMs()])
      if (log) for (const [id] of gone) log(String(id))
      return gone.length
    },
    get(id) {
      if (typeof id !== 'string') throw new TypeError(`${spec.name}: an id is a string`)
      const found = one(getRow, expiring ? [id, nowMs()] : [id])
      return found && decode(found[0])
    },
    find(match, options) {
      const { text, values } = filter(match)()
      const order = orderOf(shape, keys, options)
      const sql = `SELECT doc FROM ${table} WHERE ${text}${order.text}`
      return all(prepare(sql), [...values, ...order.values]).map((row) => decode(row[0]))
    },
    count(match) {
      const { text, values } = filter(match)()
      return Number(one(prepare(`SELECT count(*) FROM ${table} WHERE ${text}`), values)?.[0])
    },
  }
}

type Found = [unknown, ...unknown[]]

// Statements give rows as arrays (`statements.ts`), which the types of node:sqlite do not tell.
function one(statement: StatementSync, values: readonly Value[]): Found | undefined {
  return statement.get(...values) as unknown as Found | undefined
}

function all(statement: StatementSync, values: readonly (Value | null)[]): Found[] {
  return statement.all(...values) as unknown as Found[]
}

/** Deletes what has expired and holds `_id` or a unique key of a row: of now, the id, and the keys one by one. */
function dropExpiredRow(table: string, keys: Keys): string {
  const held = keys.unique.map((key) => {
    const columns = key.map((index) => `${quote(keys.all[index]?.column ?? '')} = ?`)
    return ` OR (${columns.join(' AND ')})`
  })
  return `DELETE FROM ${table} WHERE ifnull(expires, 9e18) <= ? AND (_id = ?${held.join('')}) RETURNING _id`
}

/** The limit is text, because SQLite prepares a statement anew each time that a bound one is given. */
function orderOf(shape: Shape, keys: Keys, options: FindOptions): Sql {
  const { path, descending, after, limit } = readOrder(shape, options)
  const at = field(path, keys)
  const direction = descending ? 'DESC' : 'ASC'
  const sign = descending ? '<' : '>'
  const values: Value[] = []
  let text = ''
  if (path.name === '_id') {
    if (after) {
      text = ` AND _id ${sign} ?`
      values.push(after.id)
    }
    return { text: `${text} ORDER BY _id ${direction} LIMIT ${limit}`, values }
  }
  if (after) {
    const marked = mark(after.value, at.json)
    // Absent sorts before everything, so it comes last when descending.
    const absent = descending && path.optional ? ` OR ${at.text} IS NULL` : ''
    text = ` AND ((${at.text}, _id) ${sign} (${marked.text}, ?)${absent})`
    values.push(...at.values, ...marked.values, after.id, ...(absent ? at.values : []))
  }
  text += ` ORDER BY ${at.text} ${direction}, _id ${direction} LIMIT ${limit}`
  return { text, values: [...values, ...at.values] }
}

/**
 * One collection in its table: the verbs as work for a write block, and the reads. What a caller hands in is
 * checked and copied when he asks; the work then only runs statements.
 */
import type { StatementSync } from 'node:sqlite'
import { readChange } from '../change.ts'
import { DuplicateKeyError } from '../errors.ts'
import { readMatch, readOrder } from '../match.ts'
import type { Path, Shape } from '../shape.ts'
import type { AnyCollectionSpec, Change, Document, FindOptions, Match } from '../storage.ts'
import { apply, type Json, prepare as prepareEdits } from './apply.ts'
import { failureOf } from './failure.ts'
import { reviver } from './revive.ts'
import { column, mark, quote, type Sql, type Value } from './sql.ts'
import type { Prepare } from './statements.ts'
import { where } from './where.ts'
import type { Work } from './writer.ts'

export interface Table {
  readonly shape: Shape
  insert(document: Document): Work<void>
  put(document: Document): Work<void>
  update(match: Match, change: Change, insert: Document | undefined): Work<Json | undefined>
  take(match: Match): Work<Json | undefined>
  remove(match: Match): Work<number>
  /** Deletes some of what has expired and says how many. */
  sweep(): number
  get(id: string): Json | undefined
  find(match: Match, options: FindOptions): Json[]
  count(match: Match): number
}

interface Encoded {
  id: string
  text: string
  expires: number | null
}

/** So many rows one write block sweeps. */
const sweepSize = 500

export function createTable(
  spec: AnyCollectionSpec,
  shape: Shape,
  prepare: Prepare,
  nowMs: () => number,
  changed: (id: string) => void,
): Table {
  const table = quote(spec.name)
  const expiring = spec.expires !== undefined
  const expiryKeys = spec.expires?.split('.') ?? []
  const revive = reviver(spec.schema) ?? ((value: unknown) => value)
  const indexedPaths = new Set((spec.index ?? []).flat())
  const indexed = (path: Path) => indexedPaths.has(path.name)
  // ifnull keeps the planner from the index on expires, which would fit any match and serve none.
  const alive = expiring ? ' AND ifnull(expires, 9e18) > ?' : ''
  const log = spec.watched ? changed : undefined

  const insertRow = `INSERT INTO ${table} (_id, doc, expires) VALUES (?, ?, ?)`
  const putRow = `${insertRow} ON CONFLICT (_id) DO UPDATE SET doc = excluded.doc, expires = excluded.expires`
  const updateRow = `UPDATE ${table} SET doc = ?2, expires = ?3 WHERE _id = ?1`
  const getRow = prepare(`SELECT doc FROM ${table} WHERE _id = ?${alive}`)
  const dropExpired = dropExpiredRow(spec, shape)

  /** Which rows, of those that have not expired. */
  function filter(match: Match): () => Sql {
    const { text, values } = where(spec.name, readMatch(shape, match), indexed)
    return () => ({ text: text + alive, values: expiring ? [...values, nowMs()] : values })
  }

  function decode(text: unknown): Json {
    return revive(JSON.parse(text as string)) as Json
  }

  function encode(document: Document): Encoded {
    const stored = shape.parse(document)
    return { id: stored._id, text: JSON.stringify(stored), expires: expiryOf(stored as unknown as Json) }
  }

  function expiryOf(document: Json): number | null {
    let value: unknown = expiring ? document : undefined
    for (const key of expiryKeys) value = (value as Json | undefined)?.[key]
    if (value instanceof Date) return value.getTime()
    return typeof value === 'string' ? Date.parse(value) : null
  }

  /** Writes a row; what has expired makes way. */
  function place(sql: string, { id, text, expires }: Encoded): void {
    const statement = prepare(sql)
    try {
      statement.run(id, text, expires)
    } catch (error) {
      if (failureOf(error) !== 'taken') throw error
      if (!expiring || !clear(id, text)) throw new DuplicateKeyError(spec.name, error)
      try {
        statement.run(id, text, expires)
      } catch (again) {
        throw failureOf(again) === 'taken' ? new DuplicateKeyError(spec.name, again) : again
      }
    }
    log?.(id)
  }

  function clear(id: string, text: string): boolean {
    // Without unique keys the statement knows no `?3`.
    const gone = all(prepare(dropExpired), spec.unique?.length ? [nowMs(), id, text] : [nowMs(), id])
    for (const [one] of gone) log?.(String(one))
    return gone.length > 0
  }

  return {
    shape,
    insert(document) {
      const row = encode(document)
      return () => place(insertRow, row)
    },
    put(document) {
      const row = encode(document)
      return () => place(putRow, row)
    },
    update(match, change, insert) {
      const rows = filter(match)
      const edits = prepareEdits(readChange(shape, change))
      const fresh = insert && encode(insert)
      return () => {
        const { text, values } = rows()
        const found = one(prepare(`SELECT _id, doc FROM ${table} WHERE ${text} LIMIT 1`), values)
        if (found) {
          const [id, before] = found as [string, string]
          const document = JSON.parse(before) as Json
          apply(document, edits)
          const after = JSON.stringify(document)
          if (after !== before) place(updateRow, { id, text: after, expires: expiryOf(document) })
          return revive(document) as Json
        }
        if (!fresh || one(getRow, expiring ? [fresh.id, nowMs()] : [fresh.id])) return undefined
        place(insertRow, fresh)
        return decode(fresh.text)
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
        return decode(taken[1])
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
      const order = orderOf(shape, options)
      const sql = `SELECT doc FROM ${table} WHERE ${text}${order.text}`
      return all(prepare(sql), [...values, ...order.values]).map((row) => decode(row[0]))
    },
    count(match) {
      const { text, values } = filter(match)()
      return Number(one(prepare(`SELECT count(*) FROM ${table} WHERE ${text}`), values)?.[0])
    },
  }
}

type Row = [unknown, ...unknown[]]

// Statements give rows as arrays (`statements.ts`), which the types of node:sqlite do not tell.
function one(statement: StatementSync, values: readonly Value[]): Row | undefined {
  return statement.get(...values) as unknown as Row | undefined
}

function all(statement: StatementSync, values: readonly Value[]): Row[] {
  return statement.all(...values) as unknown as Row[]
}

/** Deletes what has expired and holds `_id` or a unique key of a document: `?1` now, `?2` id, `?3` document. */
function dropExpiredRow(spec: AnyCollectionSpec, shape: Shape): string {
  const holds = (spec.unique ?? []).map((key) => {
    const columns = key.map((name) => column(shape.path(name)).text)
    return `(${columns.map((text) => `${text} = ${text.replace('doc', '?3')}`).join(' AND ')})`
  })
  return `DELETE FROM ${quote(spec.name)} WHERE ifnull(expires, 9e18) <= ?1 AND (${['_id = ?2', ...holds].join(' OR ')}) RETURNING _id`
}

function orderOf(shape: Shape, options: FindOptions): Sql {
  const { path, descending, after, limit } = readOrder(shape, options)
  const field = column(path)
  const direction = descending ? 'DESC' : 'ASC'
  const sign = descending ? '<' : '>'
  const values: Value[] = []
  let text = ''
  if (path.name === '_id') {
    if (after) {
      text = ` AND _id ${sign} ?`
      values.push(after.id)
    }
    return { text: `${text} ORDER BY _id ${direction} LIMIT ?`, values: [...values, limit] }
  }
  if (after) {
    const marked = mark(after.value)
    // Absent sorts before everything, so it comes last when descending.
    const absent = descending && path.optional ? ` OR ${field.text} IS NULL` : ''
    text = ` AND ((${field.text}, _id) ${sign} (${marked.text}, ?)${absent})`
    values.push(...field.values, ...marked.values, after.id, ...(absent ? field.values : []))
  }
  text += ` ORDER BY ${field.text} ${direction}, _id ${direction} LIMIT ?`
  return { text, values: [...values, ...field.values, limit] }
}

/**
 * Tells listeners what changed in watched collections: by a table of changes that is written in the
 * transaction of the change itself. Own commits are told of at once; those of other processes are found by
 * looking at `PRAGMA data_version`, which costs microseconds.
 */
import type { WatchEvent } from '../storage.ts'
import type { Prepare } from './statements.ts'
import type { Table } from './table.ts'

export type Listener = (event: WatchEvent<never>) => void

export interface Watches {
  /** Writes down, inside the transaction, that a document changed. */
  record(collection: string, id: string): void
  /** After each COMMIT. */
  committed(): void
  /** Starts telling; `after` is a `seq` or undefined for "from now". */
  watch(collection: string, table: Table, after: string | undefined, listener: Listener): Watch
  stop(): void
}

export interface Watch {
  readonly seq: string
  stop(): void
}

interface Watcher {
  collection: string
  table: Table
  position: number
  lost: boolean
  listener: Listener
}

/** So many changes are kept for those who resume. */
const kept = 10_000
/** The table is trimmed each time its sequence passes a multiple of this. */
const trimEvery = 1_024
const pollMs = 100
const pageSize = 1_000

export function createWatches(prepare: Prepare, warn: (error: unknown) => void): Watches {
  const watchers = new Set<Watcher>()
  const insert = prepare('INSERT INTO _changes (collection, id) VALUES (?, ?)')
  const trim = prepare('DELETE FROM _changes WHERE seq <= ?')
  const version = prepare('PRAGMA data_version')
  const ends = prepare(
    "SELECT ifnull((SELECT seq FROM sqlite_sequence WHERE name = '_changes'), 0), (SELECT min(seq) FROM _changes)",
  )
  const page = prepare(
    'SELECT seq, id FROM _changes WHERE seq > ? AND seq <= ? AND collection = ? ORDER BY seq LIMIT ?',
  )
  let recorded = false
  let scheduled: NodeJS.Immediate | undefined
  let poll: NodeJS.Timeout | undefined
  let seen: unknown

  /** The newest sequence, and the oldest point that one can resume from. */
  function bounds(): { newest: number; oldest: number } {
    const [newest, first] = ends.get() as unknown as [number, number | null]
    return { newest, oldest: first === null ? newest : first - 1 }
  }

  function dataVersion(): unknown {
    return (version.get() as unknown as [number])[0]
  }

  function schedule(): void {
    scheduled ??= setImmediate(() => {
      scheduled = undefined
      deliver()
    })
  }

  function look(): void {
    try {
      const now = dataVersion()
      if (now === seen) return
      seen = now
    } catch (error) {
      warn(error)
      return
    }
    deliver()
  }

  function deliver(): void {
    try {
      for (const watcher of watchers) if (!tell(watcher)) schedule()
    } catch (error) {
      // What could not be read now is read at the next look.
      seen = undefined
      warn(error)
    }
  }

  /** Tells one page of changes; false when there are more. */
  function tell(watcher: Watcher): boolean {
    const { newest, oldest } = bounds()
    if (watcher.lost || watcher.position < oldest) {
      watcher.lost = false
      watcher.position = newest
      call(watcher, { kind: 'lost', seq: String(newest) })
      return true
    }
    const rows = page.all(watcher.position, newest, watcher.collection, pageSize) as unknown as [
      number,
      string,
    ][]
    // The documents are read as they are now, so that of several changes of one the last says all.
    const lastOf = new Map(rows.map(([seq, id]) => [id, seq]))
    const events = rows
      .filter(([seq, id]) => lastOf.get(id) === seq)
      .map(([seq, id]) => ({ seq, id, document: watcher.table.get(id) }))
    watcher.position = rows.length < pageSize ? newest : (rows.at(-1)?.[0] ?? newest)
    for (const { seq, id, document } of events)
      call(watcher, {
        kind: 'change',
        seq: String(seq),
        id,
        ...(document && { document: document as never }),
      })
    return rows.length < pageSize
  }

  function call(watcher: Watcher, event: WatchEvent<never>): void {
    if (!watchers.has(watcher)) return
    try {
      watcher.listener(event)
    } catch (error) {
      warn(error)
    }
  }

  function stop(): void {
    watchers.clear()
    clearInterval(poll)
    poll = undefined
    if (scheduled) clearImmediate(scheduled)
    scheduled = undefined
  }

  return {
    record(collection, id) {
      recorded = true
      const seq = Number(insert.run(collection, id).lastInsertRowid)
      if (seq % trimEvery === 0) trim.run(seq - kept)
    },
    committed() {
      if (recorded && watchers.size > 0) schedule()
      recorded = false
    },
    watch(collection, table, after, listener) {
      const { newest, oldest } = bounds()
      const resume = after === undefined ? newest : /^\d{1,15}$/.test(after) ? Number(after) : -1
      const lost = resume < oldest || resume > newest
      const watcher: Watcher = { collection, table, position: lost ? newest : resume, lost, listener }
      watchers.add(watcher)
      if (!poll) {
        seen = dataVersion()
        poll = setInterval(look, pollMs).unref()
      }
      schedule()
      return {
        seq: String(watcher.position),
        stop() {
          watchers.delete(watcher)
          if (watchers.size === 0) stop()
        },
      }
    },
    stop,
  }
}

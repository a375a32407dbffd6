/**
 * Work that was promised and must survive: rows written in the batch of their cause, done by a worker of any
 * process, tried again until it succeeds or is given up. It owns claims, tries and the dead. What a row means,
 * how it is done and what a failure means is its user's (mails, back-channel logouts).
 *
 * Of several workers one works on a row. It is done twice only when its worker dies, or is cut off from the
 * store for longer than `ABANDONED_MS`, between the work and the note that it is done.
 */
import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { Change, CollectionSpec, Store } from '../storage/storage.ts'
import { createClaims } from './claims.ts'
import type { OutboxRow } from './row.ts'

export { type OutboxRow, outboxCollection } from './row.ts'

/** What a failure means. `reason` is logged and shown to the admin: no secrets, no addresses. */
export type Verdict =
  /** This row again, after so many seconds. */
  | { reason: string; next: 'again'; seconds: number }
  /** Nothing goes through at the moment: every row waits, 1, 2, 4, 8, then 15 seconds, and no try is counted. */
  | { reason: string; next: 'outage' }
  | { reason: string; next: 'dead' }

export interface Log {
  info(o: object, text: string): void
  warn(o: object, text: string): void
  error(o: object, text: string): void
}

export interface OutboxOptions {
  store: Store
  collection: CollectionSpec<OutboxRow>
  now: () => Date
  log: Log
  /** Does the work; a rejection is judged. Must settle by itself, and be safe to repeat with the same `_id`. */
  send(row: OutboxRow): Promise<void>
  judge(error: unknown, row: OutboxRow): Verdict
  /** Rows in work at once; default 5. */
  concurrency?: number
  random?: () => string
}

export interface Outbox {
  /**
   * The promise as data, for the batch of its cause. Then `wake()`.
   * @param row.key becomes the row's `_id`: while the row waits, a second one of the same key fails its batch.
   */
  write(row: { about: string; content: Record<string, string>; key?: string | undefined }): {
    in: CollectionSpec<OutboxRow>
    insert: OutboxRow
  }
  /** Says that there may be work. Costs nothing and waits for nothing. */
  wake(): void
  start(): void
  /** Begins nothing more, and waits for what is in work (at most 5 s). */
  stop(): Promise<void>
  /** Does what is due now, to the end; without `start` nothing else happens. */
  pass(): Promise<void>
  /** What was given up in the last 30 days, newest first; at most 100. */
  dead(): Promise<OutboxRow[]>
}

/** How often each worker looks for rows of other processes. */
const POLL_MS = 2_000
const PAUSES = [1, 2, 4, 8, 15]
const STOP_MS = 5_000
const NOTE_AGAIN_MS = 500
const DEAD_DAYS = 30
/** A fresh row is due at once for processes whose clock is behind by up to this. */
const SKEW_MS = 10 * 60_000

export function createOutbox(options: OutboxOptions): Outbox {
  const { store, collection, now, log, send, judge, concurrency = 5 } = options
  const random = options.random ?? (() => randomBytes(16).toString('base64url'))
  const rows = store.collection(collection)
  const claims = createClaims({ rows, now, random })
  const running = new Map<string, Promise<void>>()
  let pausedUntil = 0
  let outages = 0
  let started = false
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  let looking: Promise<number> | undefined
  let lookAgain = false

  /** Begins what is due and free; returns how many it began. */
  async function begin(): Promise<number> {
    const may = () => !stopped && running.size < concurrency && now().getTime() >= pausedUntil
    if (!may()) return 0
    let begun = 0
    const due = { due: { $lte: now() } }
    for (const row of await rows.find(due, { sort: { field: 'due', order: 'asc' }, limit: 100 })) {
      // Asked again for each row, because the one before may have failed already.
      if (!may()) break
      if (running.has(row._id)) continue
      const mine = await claims.take(row)
      if (!mine) continue
      begun += 1
      running.set(row._id, work(mine))
    }
    return begun
  }

  async function work(row: OutboxRow): Promise<void> {
    const keep = claims.keep(row)
    try {
      await send(row).then(
        () => noteDone(row),
        (error: unknown) => noteFailed(row, error),
      )
    } finally {
      keep.stop()
      running.delete(row._id)
      wake()
    }
  }

  /** As long as this is not noted someone may do it again, so it is tried until the store takes it. */
  async function noteDone({ _id, about, claim = '' }: OutboxRow): Promise<void> {
    outages = 0
    for (;;) {
      try {
        await rows.take({ _id, claim })
        return
      } catch (error) {
        log.warn({ outbox: collection.name, id: _id, about, err: error }, 'done, but not noted yet')
        if (stopped) return
        await wait(NOTE_AGAIN_MS, undefined, { ref: false })
      }
    }
  }

  async function noteFailed(row: OutboxRow, error: unknown): Promise<void> {
    const { _id, about, attempts, claim = '' } = row
    const verdict = judge(error, row)
    const told = { outbox: collection.name, id: _id, about, attempts, reason: verdict.reason }
    const later = (seconds: number) => new Date(now().getTime() + seconds * 1_000)
    let change: Change
    if (verdict.next === 'dead') {
      log.error(told, 'given up')
      const $set = { failure: verdict.reason, content: {}, diedAt: now(), expires: later(DEAD_DAYS * 86_400) }
      change = { $set, $unset: { claim: true, due: true } }
    } else {
      const seconds = verdict.next === 'again' ? verdict.seconds : pause()
      log.warn({ ...told, seconds }, 'will be tried again')
      change = { $set: { failure: verdict.reason, due: later(seconds) }, $unset: { claim: true } }
      if (verdict.next === 'outage') change.$inc = { attempts: -1 }
    }
    try {
      await rows.update({ _id, claim }, change)
    } catch (cause) {
      // Its claim ends by itself, and then the row is tried again.
      log.warn({ ...told, err: cause }, 'a failure could not be noted')
    }
  }

  /** One outage seen by several rows at once is one outage. */
  function pause(): number {
    const time = now().getTime()
    if (time >= pausedUntil) {
      pausedUntil = time + (PAUSES[Math.min(outages, PAUSES.length - 1)] ?? 0) * 1_000
      outages += 1
    }
    return (pausedUntil - time) / 1_000
  }

  /** Looks once at a time; a call during a look makes one more look follow it. */
  function look(): Promise<number> {
    looking ??= begin()
      .catch((error: unknown) => {
        claims.forget()
        log.warn({ outbox: collection.name, err: error }, 'the store did not answer the outbox')
        return 0
      })
      .finally(() => {
        looking = undefined
        if (lookAgain) wake()
      })
    return looking
  }

  function wake(): void {
    if (!started || stopped) return
    lookAgain = looking !== undefined
    if (!lookAgain) void look()
  }

  return {
    write({ about, content, key }) {
      const since = now()
      const due = new Date(since.getTime() - SKEW_MS)
      const row: OutboxRow = { _id: key ?? random(), about, content, since, due, attempts: 0, beats: 0 }
      return { in: collection, insert: row }
    },
    wake,
    start() {
      if (started) return
      started = true
      timer = setInterval(wake, POLL_MS).unref()
      wake()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await looking
      await Promise.race([Promise.all(running.values()), wait(STOP_MS, undefined, { ref: false })])
    },
    async pass() {
      while ((await look()) > 0) await Promise.all(running.values())
      await Promise.all(running.values())
    },
    dead: () =>
      rows.find({ diedAt: { $exists: true } }, { sort: { field: 'diedAt', order: 'desc' }, limit: 100 }),
  }
}

/**
 * Group commit: the writes that one turn of the event loop asks for run in one synchronous block, BEGIN
 * IMMEDIATE … COMMIT, which is never open across a turn, so that nobody else's read or write falls into it.
 * Answers are given out after COMMIT. It knows transactions; what is written is its callers' business.
 */
import type { DatabaseSync } from 'node:sqlite'
import { StoreUnavailableError } from '../errors.ts'
import { failureOf } from './failure.ts'

/** What one write does inside the block. It leaves nothing behind when it throws. */
export type Work<T> = () => T

export interface Writer {
  /** Runs the work in this turn's block and answers once it is durable. `weight` is its number of writes. */
  write<T>(work: Work<T>, weight?: number): Promise<T>
  /** Runs the work like `write`, and undoes all it did when it throws. */
  writeAll<T>(work: Work<T>, weight: number): Promise<T>
  /** Waits for what was asked for, then refuses more. */
  close(): Promise<void>
}

interface Job {
  run: () => unknown
  weight: number
  whole: boolean
  /** Milliseconds that it has waited for a lock of another process. */
  waited: number
  resolve: (value: never) => void
  reject: (error: unknown) => void
}

/** One block holds so many writes and no more, so that the event loop is not held up for long. */
const blockWeight = 300
/** What waits in vain is refused early enough for a request to be answered within five seconds. */
const patienceMs = 4_000
const longestPauseMs = 50

/** `afterBegin` may throw to refuse the whole block. */
export function createWriter(db: DatabaseSync, afterBegin: () => void, afterCommit: () => void): Writer {
  const begin = db.prepare('BEGIN IMMEDIATE')
  const commit = db.prepare('COMMIT')
  const savepoint = db.prepare('SAVEPOINT work')
  const release = db.prepare('RELEASE work')
  const back = db.prepare('ROLLBACK TO work')
  let queue: Job[] = []
  let scheduled = false
  let closing: Promise<void> | undefined
  let drained: (() => void) | undefined
  let pauseMs = 0

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  function flush(): void {
    scheduled = false
    const jobs = take()
    if (jobs.length > 0 && !enter(jobs)) return
    pauseMs = 0
    if (jobs.length > 0) settle(jobs)
    if (queue.length > 0) schedule()
    else drained?.()
  }

  function take(): Job[] {
    let weight = 0
    const end = queue.findIndex((job, index) => {
      weight += job.weight
      return index > 0 && weight > blockWeight
    })
    if (end < 0) {
      const all = queue
      queue = []
      return all
    }
    return queue.splice(0, end)
  }

  /** Begins, or puts the jobs back to try again later: a lock must not hold up the event loop. */
  function enter(jobs: Job[]): boolean {
    try {
      begin.run()
      return true
    } catch (error) {
      if (failureOf(error) !== 'busy') {
        for (const job of jobs) job.reject(new StoreUnavailableError(error))
        if (queue.length > 0) schedule()
        else drained?.()
        return false
      }
      pauseMs = Math.min(longestPauseMs, pauseMs * 2 + 1)
      for (const job of jobs) job.waited += pauseMs
      const patient = jobs.filter((job) => job.waited < patienceMs)
      for (const job of jobs) if (job.waited >= patienceMs) job.reject(new StoreUnavailableError(error))
      queue = [...patient, ...queue]
      scheduled = true
      setTimeout(flush, pauseMs)
      return false
    }
  }

  function settle(jobs: readonly Job[]): void {
    const answers: (() => void)[] = []
    try {
      afterBegin()
      for (const job of jobs) answers.push(attempt(job))
      commit.run()
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      for (const job of jobs) job.reject(new StoreUnavailableError(error))
      return
    }
    for (const answer of answers) answer()
    afterCommit()
  }

  /** The answer to give after COMMIT. Throws only what ends the whole block. */
  function attempt(job: Job): () => void {
    if (job.whole) savepoint.run()
    try {
      const value = job.run()
      if (job.whole) release.run()
      return () => job.resolve(value as never)
    } catch (error) {
      if (!db.isTransaction || failureOf(error) === 'broken') throw error
      if (job.whole) {
        back.run()
        release.run()
      }
      return () => job.reject(error)
    }
  }

  function enqueue<T>(run: Work<T>, weight: number, whole: boolean): Promise<T> {
    if (closing) return Promise.reject(new StoreUnavailableError(new Error('The store is closed')))
    return new Promise<T>((resolve, reject) => {
      queue.push({ run, weight, whole, waited: 0, resolve, reject })
      schedule()
    })
  }

  return {
    write: (work, weight = 1) => enqueue(work, weight, false),
    writeAll: (work, weight) => enqueue(work, weight, true),
    close() {
      closing ??= new Promise((resolve) => {
        drained = resolve
        if (queue.length === 0 && !scheduled) resolve()
      })
      return closing
    },
  }
}

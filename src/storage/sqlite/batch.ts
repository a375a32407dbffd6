/** A list of writes as one piece of work that tells which of them failed. */
import { BatchError, DuplicateKeyError } from '../errors.ts'
import type { AnyCollectionSpec, Write } from '../storage.ts'
import type { Table } from './table.ts'
import type { Work } from './writer.ts'

const most = 1_000

/** @throws TypeError when a write does not fit; the work throws BatchError. */
export function batchWork(writes: readonly Write[], tableOf: (spec: AnyCollectionSpec) => Table): Work<void> {
  if (writes.length > most) throw new TypeError(`A batch holds at most ${most} writes, not ${writes.length}`)
  const works = writes.map((write) => workOf(tableOf(write.in), write))
  return () => {
    for (const [index, work] of works.entries()) {
      let done: boolean
      try {
        done = work()
      } catch (error) {
        throw error instanceof DuplicateKeyError ? new BatchError(index, error) : error
      }
      if (!done) throw new BatchError(index)
    }
  }
}

/** The work of one write; false when it is a guard and nothing matched. */
function workOf(table: Table, write: Write): Work<boolean> {
  if ('insert' in write && !('update' in write)) return always(table.insert(write.insert))
  if ('put' in write) return always(table.put(write.put))
  if ('remove' in write) return always(table.remove(write.remove))
  if ('update' in write) {
    const work = table.update(write.update, write.change, write.insert)
    return () => work() !== undefined
  }
  if ('take' in write) {
    const work = table.take(write.take)
    return () => work() !== undefined
  }
  throw new TypeError('A write inserts, puts, updates, takes or removes')
}

function always(work: Work<unknown>): Work<boolean> {
  return () => {
    work()
    return true
  }
}

/**
 * Who works on a row. A claim is a compare-and-set; its holder beats while it works, and another process takes
 * it over only after it has itself watched it lie still. So no two clocks are ever compared: a process whose
 * clock is minutes ahead does not take rows out of the hands of the living.
 */
import type { Collection } from '../storage/storage.ts'
import type { OutboxRow } from './row.ts'

const BEAT_MS = 5_000
/** A claim that did not beat for so long belongs to a dead process. */
export const ABANDONED_MS = 15_000

export interface Claims {
  /** The row as one's own, or undefined when someone else has it. */
  take(row: OutboxRow): Promise<OutboxRow | undefined>
  /** Beats until stopped. */
  keep(row: OutboxRow): { stop(): void }
  /** After the store was away nothing that was watched counts: its holders could not beat either. */
  forget(): void
}

export function createClaims(o: {
  rows: Collection<OutboxRow>
  now: () => Date
  random: () => string
}): Claims {
  const { rows, now, random } = o
  const watched = new Map<string, { mark: string; since: number }>()

  function abandoned(row: OutboxRow): boolean {
    const mark = `${row.claim} ${row.beats}`
    const known = watched.get(row._id)
    if (known?.mark === mark) return now().getTime() - known.since >= ABANDONED_MS
    // The rows that others have in work are few; what was finished meanwhile is let go now and then.
    if (watched.size >= 1_000) watched.clear()
    watched.set(row._id, { mark, since: now().getTime() })
    return false
  }

  return {
    async take(row) {
      if (row.claim !== undefined && !abandoned(row)) return undefined
      watched.delete(row._id)
      const { _id, beats, claim = { $exists: false } } = row
      // Since we saw it nobody claimed it, and its holder neither beat nor let go.
      const unchanged = { _id, beats, claim }
      return await rows.update(unchanged, { $set: { claim: random() }, $inc: { attempts: 1, beats: 1 } })
    },
    keep({ _id, claim = '' }) {
      const timer = setInterval(() => {
        rows.update({ _id, claim }, { $inc: { beats: 1 } }).catch(() => {
          // The store is away: then the others see no beats, but they see no rows either.
        })
      }, BEAT_MS).unref()
      return { stop: () => clearInterval(timer) }
    },
    forget: () => watched.clear(),
  }
}

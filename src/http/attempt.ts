/**
 * An attempt that is counted where it fails. Nearly all succeed where nothing had failed before: they go on trust,
 * kept in mind while they are checked, and leave no mark.
 *
 * No more attempts than a counter's maximum are told whether they were right, in however many processes, so that
 * guesses side by side do not slip past the count (OWASP ASVS 5.0, 6.3.1):
 *
 * - Who was counted before the check is one of the maximum, because the store refuses to count more.
 * - Who goes on trust and is wrong is told so once the store has counted it; where it refuses, the answer is the
 *   refusal.
 * - Who goes on trust and is right is told so once the store was seen, after the check, to have counted less than the
 *   maximum; else the answer is the same refusal. The look comes for right and wrong alike, so that the refusal does
 *   not tell by its time either.
 *
 * The look costs as much after the check as before it, where it would prove nothing: others may use the maximum up
 * meanwhile. A check for nothing is work, not an answer, and there are few: at most a sixteenth of the maximum is on
 * trust at once in one process, which keeps their places free, and nobody where half of it was seen to be used up.
 */
import type { Write } from '../storage/storage.ts'
import type { Counter, Counters } from './counters.ts'

export interface Attempted extends Counter {
  /** Others fail under it, too: a success takes back its own count and not theirs. */
  readonly shared?: boolean | undefined
}

/** What a success has to write, for the batch of what it leads to; it never fails one. */
export type Settle = () => Write[]

export type Attempt = (
  list: readonly Attempted[],
  succeeds: () => Promise<boolean>,
) => Promise<Settle | undefined>

export function createAttempt(counters: Counters): Attempt {
  const onTrust = new Map<string, number>()
  const under = (id: string): number => onTrust.get(id) ?? 0

  const isTrusted = ({ id, max }: Counter): boolean =>
    under(id) < Math.max(1, Math.floor(max / 16)) && !counters.isWorn(id)

  /** Returns what lets it go. */
  function keepInMind(list: readonly Counter[]): () => void {
    for (const { id } of list) onTrust.set(id, under(id) + 1)
    return () => {
      for (const { id } of list) {
        if (under(id) > 1) onTrust.set(id, under(id) - 1)
        else onTrust.delete(id)
      }
    }
  }

  async function goOnTrust(
    list: readonly Attempted[],
    succeeds: () => Promise<boolean>,
  ): Promise<Settle | undefined> {
    const letGo = keepInMind(list)
    try {
      const isRight = await succeeds()
      const counts = await counters.read(list)
      if (isRight) {
        const failed = list.filter(({ shared }, at) => !shared && (counts[at] ?? 0) > 0)
        return () => failed.flatMap(({ id }) => counters.reset(id))
      }
      await counters.raise(list, 'own')
      return undefined
    } finally {
      letGo()
    }
  }

  async function countBefore(
    list: readonly Attempted[],
    succeeds: () => Promise<boolean>,
  ): Promise<Settle | undefined> {
    await counters.raise(list, under)
    // What breaks off stays counted: to take it back would be work in just the rush that broke it off.
    if (!(await succeeds())) return undefined
    return () => list.flatMap(({ id, shared }) => (shared ? counters.giveBack(id) : counters.reset(id)))
  }

  return (list, succeeds) => (list.every(isTrusted) ? goOnTrust : countBefore)(list, succeeds)
}

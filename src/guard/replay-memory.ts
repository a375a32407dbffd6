/**
 * Which proofs were seen, for as long as they would be accepted: two generations, so that forgetting costs
 * nothing. It is bounded and fails closed: a full memory takes no new proof.
 */
import { sha256 } from './sha256.ts'

export interface ReplayMemory {
  /** `again` when it was there already, `full` when it cannot be remembered. */
  remember(proof: string): 'first' | 'again' | 'full'
}

export interface ReplayMemoryOptions {
  now: () => Date
  /** Seconds for which nothing is forgotten. */
  seconds: number
  most: number
}

export function createReplayMemory({ now, seconds, most }: ReplayMemoryOptions): ReplayMemory {
  let young = new Set<string>()
  let old = new Set<string>()
  let turnedAt = Number.NEGATIVE_INFINITY

  function turn(): void {
    const time = now().getTime()
    const generations = Math.floor((time - turnedAt) / (seconds * 1_000))
    if (generations < 1) return
    old = generations === 1 ? young : new Set()
    young = new Set()
    turnedAt = time
  }

  return {
    remember(proof) {
      turn()
      const key = sha256(proof)
      if (young.has(key) || old.has(key)) return 'again'
      if (young.size + old.size >= most) return 'full'
      young.add(key)
      return 'first'
    },
  }
}

/** Chance that repeats itself: the same seed gives the same numbers, on every machine and in every version of node. */

export interface Random {
  /** From 0, below 1. */
  next(): number
  /** A whole number, both ends included. */
  between(least: number, most: number): number
  /** Whether something of this probability happens. */
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** As `pick`; an item of twice the weight comes twice as often. */
  pickBy<T>(items: readonly T[], weight: (item: T, index: number) => number): T
}

/** mulberry32 (Tommy Ettinger, public domain): 32 bits of state, which is enough to make up a restaurant. */
export function createRandom(seed: string): Random {
  let state = hash(seed)

  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  function pickBy<T>(items: readonly T[], weight: (item: T, index: number) => number): T {
    const weights = items.map(weight)
    let left = next() * weights.reduce((sum, one) => sum + one, 0)
    const index = weights.findIndex((one) => {
      left -= one
      return left < 0
    })
    return itemAt(items, index === -1 ? items.length - 1 : index)
  }

  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (probability) => next() < probability,
    pick: (items) => itemAt(items, Math.floor(next() * items.length)),
    pickBy,
  }
}

function itemAt<T>(items: readonly T[], index: number): T {
  if (items.length === 0) throw new RangeError('There is nothing to pick from')
  return items[index] as T
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193)
  return value | 0
}

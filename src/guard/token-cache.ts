/**
 * Tokens that were verified, a bounded number of them, in two generations: what is not asked for while the younger
 * one fills goes with the older. An entry does not hold the token: its name is the hash of the token's end, most of
 * the signature, and beside it stands what comes before, which opens nothing.
 */
import type { Caller } from './caller.ts'
import { sha256 } from './sha256.ts'

export interface TokenCache {
  /** The caller when the token is known, else what keeps him; `time` and `until` in milliseconds since 1970. */
  find(token: string, time: number): Caller | ((caller: Caller, until: number) => void)
}

interface Entry {
  beginning: string
  caller: Caller
  until: number
}

/** As much as SHA-256 takes in one block; no signature is shorter. */
const END = 55

export function createTokenCache({ most }: { most: number }): TokenCache {
  let young = new Map<string, Entry>()
  let old = new Map<string, Entry>()

  function put(key: string, entry: Entry): void {
    if (young.size >= most / 2) {
      old = young
      young = new Map()
    }
    if (most >= 2) young.set(key, entry)
  }

  return {
    find(token, time) {
      const cut = Math.max(token.length - END, 0)
      const key = sha256(token.slice(cut))
      const beginning = token.slice(0, cut)
      const recent = young.get(key)
      const entry = recent ?? old.get(key)
      // All of the token counts: another one that borrows the signature is another one.
      if (entry && entry.beginning === beginning && entry.until > time) {
        if (!recent) put(key, entry)
        return entry.caller
      }
      return (caller, until) => put(key, { beginning: copyOf(beginning), caller, until })
    },
  }
}

/** Engines keep the whole of a string while a slice of it is used: this is a slice of another, without the end. */
function copyOf(text: string): string {
  return ` ${text}`.slice(1)
}

/**
 * Tokens that were verified, a bounded number of them, in two generations: what is not asked for while the younger
 * one fills goes with the older. An entry does not hold the token: its name is the hash of the signature, and beside
 * it stands what was signed, which opens nothing.
 */
import type { Caller } from './caller.ts'
import { sha256 } from './sha256.ts'

export interface TokenCache {
  /** The caller when the token is known, else what keeps him; `time` and `until` in milliseconds since 1970. */
  find(token: string, time: number): Caller | ((caller: Caller, until: number) => void)
}

interface Entry {
  signed: string
  caller: Caller
  until: number
}

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
      const dot = token.lastIndexOf('.')
      const key = sha256(token.slice(dot + 1))
      const signed = token.slice(0, dot)
      const recent = young.get(key)
      const entry = recent ?? old.get(key)
      // All of the token counts: another one that borrows the signature is another one.
      if (entry && entry.signed === signed && entry.until > time) {
        if (!recent) put(key, entry)
        return entry.caller
      }
      return (caller, until) => put(key, { signed: copyOf(signed), caller, until })
    },
  }
}

/** Engines keep the whole of a string while a slice of it is used: this is a slice of another, without signature. */
function copyOf(text: string): string {
  return ` ${text}`.slice(1)
}

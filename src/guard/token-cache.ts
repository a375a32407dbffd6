/**
 * Tokens that were verified, a bounded number of them, those that were not used longest go first. An entry does not
 * hold the token: its name is the hash of the signature, beside it stands what was signed, which opens nothing.
 */
import type { Caller } from './caller.ts'
import { sha256 } from './sha256.ts'

export interface TokenCache {
  get(token: string): Caller | undefined
  /** `until` in milliseconds since 1970. */
  set(token: string, caller: Caller, until: number): void
}

interface Entry {
  signed: string
  caller: Caller
  until: number
}

export function createTokenCache({ most, now }: { most: number; now: () => Date }): TokenCache {
  const entries = new Map<string, Entry>()
  return {
    get(token) {
      const dot = token.lastIndexOf('.')
      const key = sha256(token.slice(dot + 1))
      const entry = entries.get(key)
      if (!entry) return undefined
      // All of it counts: another token that borrows the signature is another token.
      if (entry.signed !== token.slice(0, dot)) return undefined
      entries.delete(key)
      if (entry.until <= now().getTime()) return undefined
      entries.set(key, entry)
      return entry.caller
    },
    set(token, caller, until) {
      const dot = token.lastIndexOf('.')
      const key = sha256(token.slice(dot + 1))
      entries.delete(key)
      if (entries.size >= most) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      if (most > 0) entries.set(key, { signed: copyOf(token.slice(0, dot)), caller, until })
    },
  }
}

/** Engines keep the whole of a string while a part of it is used: the part is made anew. */
function copyOf(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text))
}

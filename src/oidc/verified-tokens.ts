/**
 * Access tokens that were verified before, so that a token that is shown again and again costs one signature
 * check. Only what cannot change is remembered: time and revocation are asked at every use.
 */
import { LRUCache } from 'lru-cache'
import { sha256 } from '../keys/keys.ts'
import type { Payload } from './request.ts'

type Verify = (jwt: string) => Promise<Payload | undefined>

/** A token has some kilobytes at most. */
const MOST = 2_000

/** Remembers what `verify` accepted. The caller refuses what was revoked, and begins anew with other keys. */
export function rememberVerified(verify: Verify, now: () => Date): Verify {
  const known = new LRUCache<string, Payload>({ max: MOST })
  return async (jwt) => {
    const key = sha256(jwt)
    const remembered = known.get(key)
    if (remembered) return isOver(remembered, now()) ? undefined : remembered
    const claims = await verify(jwt)
    if (!claims) return undefined
    for (const value of Object.values(claims)) Object.freeze(value)
    known.set(key, Object.freeze(claims))
    return claims
  }
}

/** RFC 7519 §4.1.4: on or after that time it is not accepted. */
function isOver({ exp }: Payload, now: Date): boolean {
  return typeof exp !== 'number' || exp <= Math.floor(now.getTime() / 1000)
}

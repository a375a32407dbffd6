/**
 * Refresh tokens that rotate without losing races. All tokens of one family (one session, one
 * application) share one document; a token is `family id | generation | MAC`, and its successor is a
 * function of it: racers within the window compute the same one, with nothing to coordinate
 * (docs/decisions/006-refresh-tokens-are-families.md; RFC 9700 §4.14).
 *
 * The family id is known to its holder only (its hash is stored), the MAC key to the store only: neither
 * a stolen database nor an old token is enough to make the current token.
 */
import { hash, timingSafeEqual } from 'node:crypto'
import { hmac } from '../keys/keys.ts'

/** The kind that a family is stored as. */
export const FAMILY_KIND = 'RefreshToken'

const FAMILY = 24
const MAC = 24

export interface RefreshTokenParts {
  family: string
  generation: number
}

/** The first family id of a code: spending a code twice collides here. */
export function familyOfCode(code: string): string {
  return hash('sha256', `refresh-token-family:${code}`, 'buffer').subarray(0, FAMILY).toString('base64url')
}

/** The token of this generation of the family. `key` is base64url. */
export function mintRefreshToken({ family, generation }: RefreshTokenParts, key: string): string {
  const head = Buffer.alloc(FAMILY + 4)
  Buffer.from(family, 'base64url').copy(head)
  head.writeUInt32BE(generation, FAMILY)
  return Buffer.concat([head, macOf(head, key)]).toString('base64url')
}

/** Takes a presented value apart; `undefined` when it has not the form of a refresh token. */
export function readRefreshToken(value: string): RefreshTokenParts | undefined {
  const bytes = Buffer.from(value, 'base64url')
  if (bytes.length !== FAMILY + 4 + MAC || bytes.toString('base64url') !== value) return undefined
  return {
    family: bytes.subarray(0, FAMILY).toString('base64url'),
    generation: bytes.readUInt32BE(FAMILY),
  }
}

/** Reports whether the whole value is the one that was minted, in constant time. */
export function isMintedWith(value: string, key: string): boolean {
  const bytes = Buffer.from(value, 'base64url')
  const head = bytes.subarray(0, FAMILY + 4)
  return timingSafeEqual(bytes.subarray(FAMILY + 4), macOf(head, key))
}

function macOf(head: Buffer, key: string): Buffer {
  return hmac(Buffer.from(key, 'base64url'), head).subarray(0, MAC)
}

/** Opaque values: how they are made and how they lie at rest. */
import { hash, randomBytes } from 'node:crypto'

/**
 * A secret nobody can guess: `bytes` from the system's random source, as base64url.
 * The default of 32 bytes (256 bits) is above every bound we follow (RFC 6749, section 10.10).
 */
export function randomToken(bytes = 32): string {
  return randomBytes(bytes).toString('base64url')
}

/** SHA-256 of the UTF-8 text, as base64url: how ids and tokens of at least 112 bits lie at rest. */
export function sha256(value: string): string {
  return hash('sha256', value, 'base64url')
}

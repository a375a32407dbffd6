/** Short codes that can be read out on the phone. */
import { randomBytes } from 'node:crypto'

// Crockford's base 32: no I, L, O, U.
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** 40 random bits, like `K7QP-3M2D`. */
export function makeReference(): string {
  const symbols = Array.from(randomBytes(8), (byte) => alphabet[byte % 32]).join('')
  return `${symbols.slice(0, 4)}-${symbols.slice(4)}`
}

/** HMAC-SHA-256 (RFC 2104). `createHmac` costs three times as much for a short text: it imports the key each time. */
import { hash } from 'node:crypto'

const BLOCK = 64
const DIGEST = 32
const [INNER, OUTER] = [0x36, 0x5c]

/** The code of `data`, a text as UTF-8, under the key. */
export function hmac(key: Buffer, data: Buffer | string): Buffer {
  const text = typeof data === 'string' ? Buffer.from(data) : data
  const secret = key.length > BLOCK ? hash('sha256', key, 'buffer') : key
  const inner = Buffer.alloc(BLOCK + text.length)
  const outer = Buffer.alloc(BLOCK + DIGEST)
  for (let at = 0; at < BLOCK; at += 1) {
    inner[at] = (secret[at] ?? 0) ^ INNER
    outer[at] = (secret[at] ?? 0) ^ OUTER
  }
  text.copy(inner, BLOCK)
  hash('sha256', inner, 'buffer').copy(outer, BLOCK)
  return hash('sha256', outer, 'buffer')
}

/**
 * SHA-256 (FIPS 180-4 §6.2) without waiting: WebCrypto's is a promise, which costs more than everything else that
 * is done for a token seen before. It names cache entries; signatures are always checked by WebCrypto.
 */

/** The first `count` bits behind the point of the primes' roots, as the standard defines its constants (§4.2.2). */
function rootsOfPrimes(count: number, root: (prime: number) => number): Int32Array {
  const primes: number[] = []
  for (let n = 2; primes.length < count; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n)
  return Int32Array.from(primes, (prime) => Math.floor((root(prime) % 1) * 2 ** 32))
}

const constants = rootsOfPrimes(64, Math.cbrt)
const beginning = rootsOfPrimes(8, Math.sqrt)

// Made once: to make them anew for each text would cost more than the digest.
const encoder = new TextEncoder()
const state = new Int32Array(8)
const words = new Int32Array(64)
let bytes = new Uint8Array(1_024)

/** The digest of the text's UTF-8 as a string of 16 code units: not for people, but a short key of a `Map`. */
export function sha256(text: string): string {
  const end = padded(text)
  for (let n = 0; n < 8; n += 1) state[n] = at(beginning, n)
  for (let block = 0; block < end; block += 64) {
    for (let n = 0; n < 16; n += 1) words[n] = wordAt(block + 4 * n)
    compress()
  }
  // In one call: a string that is put together piece by piece is laid out anew when the `Map` hashes it.
  return String.fromCharCode(
    high(0),
    low(0),
    high(1),
    low(1),
    high(2),
    low(2),
    high(3),
    low(3),
    high(4),
    low(4),
    high(5),
    low(5),
    high(6),
    low(6),
    high(7),
    low(7),
  )
}

/** Lays the text out in `bytes` with what belongs behind it (§5.1.1); returns where that ends. */
function padded(text: string): number {
  if (bytes.length < 3 * text.length + 72) bytes = new Uint8Array(6 * text.length + 72)
  const written = encoded(text)
  const end = (((written + 8) >> 6) + 1) << 6
  bytes[written] = 0x80
  for (let n = written + 1; n < end; n += 1) bytes[n] = 0
  for (let n = 1, bits = written * 8; n <= 4; n += 1, bits >>>= 8) bytes[end - n] = bits
  return end
}

/** Signatures are ASCII: for so few characters a loop costs less than the engine's own encoder. */
function encoded(text: string): number {
  for (let n = 0; n < text.length; n += 1) {
    const code = text.charCodeAt(n)
    if (code > 0x7f) return encoder.encodeInto(text, bytes).written
    bytes[n] = code
  }
  return text.length
}

function wordAt(index: number): number {
  const byte = (n: number) => bytes[index + n] as number
  return (byte(0) << 24) | (byte(1) << 16) | (byte(2) << 8) | byte(3)
}

function compress(): void {
  for (let n = 16; n < 64; n += 1) {
    const x = at(words, n - 15)
    const y = at(words, n - 2)
    const s0 = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)
    const s1 = turn(y, 17) ^ turn(y, 19) ^ (y >>> 10)
    words[n] = at(words, n - 16) + s0 + at(words, n - 7) + s1
  }
  let a = at(state, 0)
  let b = at(state, 1)
  let c = at(state, 2)
  let d = at(state, 3)
  let e = at(state, 4)
  let f = at(state, 5)
  let g = at(state, 6)
  let h = at(state, 7)
  for (let n = 0; n < 64; n += 1) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
    const one = (h + s1 + ((e & f) ^ (~e & g)) + at(constants, n) + at(words, n)) | 0
    const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
    const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    h = g
    g = f
    f = e
    e = (d + one) | 0
    d = c
    c = b
    b = a
    a = (one + two) | 0
  }
  state[0] = at(state, 0) + a
  state[1] = at(state, 1) + b
  state[2] = at(state, 2) + c
  state[3] = at(state, 3) + d
  state[4] = at(state, 4) + e
  state[5] = at(state, 5) + f
  state[6] = at(state, 6) + g
  state[7] = at(state, 7) + h
}

const at = (words: Int32Array, index: number): number => words[index] as number
const high = (index: number): number => at(state, index) >>> 16
const low = (index: number): number => at(state, index) & 0xffff
const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by))

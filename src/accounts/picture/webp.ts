/** WebP (RFC 9649): a RIFF container of chunks, each a name, a length and data padded to an even length. */
import type { Cleaned } from './clean-picture.ts'

const headerLength = 12
const alphaFlag = 0x10
const animationFlag = 0x02

export function cleanWebp(bytes: Buffer): Cleaned {
  const chunks = readChunks(bytes)
  const [first] = chunks ?? []
  if (!chunks || !first) return undefined
  const image = chunks.find(({ name }) => name === 'VP8 ' || name === 'VP8L')
  const size = image && (image.name === 'VP8 ' ? sizeOfLossy(image.data) : sizeOfLossless(image.data))
  if (!image || !size) return undefined
  if (first.name !== 'VP8X') return first === image ? wrap([image], size) : undefined
  const extended = first.data
  const flags = extended[0] ?? 0
  if (extended.length !== 10 || flags & animationFlag) return undefined
  const canvas = { width: extended.readUIntLE(4, 3) + 1, height: extended.readUIntLE(7, 3) + 1 }
  if (canvas.width !== size.width || canvas.height !== size.height) return undefined
  const alpha = chunks.find(({ name }) => name === 'ALPH')
  const plain = Buffer.from(extended)
  plain.fill(0, 0, 4)
  plain[0] = flags & alphaFlag
  return wrap([{ name: 'VP8X', data: plain }, ...(alpha ? [alpha] : []), image], size)
}

interface Chunk {
  name: string
  data: Buffer
}

function readChunks(bytes: Buffer): Chunk[] | undefined {
  if (bytes.length < headerLength) return undefined
  const end = 8 + bytes.readUInt32LE(4)
  if (end > bytes.length) return undefined
  const chunks: Chunk[] = []
  for (let at = headerLength; at + 8 <= end; ) {
    const length = bytes.readUInt32LE(at + 4)
    if (at + 8 + length > end) return undefined
    chunks.push({ name: bytes.toString('latin1', at, at + 4), data: bytes.subarray(at + 8, at + 8 + length) })
    at += 8 + length + (length % 2)
  }
  return chunks
}

function wrap(chunks: Chunk[], size: { width: number; height: number }): Cleaned {
  const body = chunks.flatMap(({ name, data }) => {
    const head = Buffer.alloc(8)
    head.write(name, 'latin1')
    head.writeUInt32LE(data.length, 4)
    return [head, data, Buffer.alloc(data.length % 2)]
  })
  const start = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1')
  const whole = Buffer.concat([start, ...body])
  whole.writeUInt32LE(whole.length - 8, 4)
  return { bytes: whole, ...size }
}

/** Of a VP8 key frame (RFC 6386, section 9.1). */
function sizeOfLossy(data: Buffer): { width: number; height: number } | undefined {
  if (data.length < 10 || data.readUIntBE(3, 3) !== 0x9d012a) return undefined
  return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff }
}

/** Of a lossless image (RFC 9649, section 3.4). */
function sizeOfLossless(data: Buffer): { width: number; height: number } | undefined {
  if (data.length < 5 || data[0] !== 0x2f) return undefined
  const bits = data.readUInt32LE(1)
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 }
}

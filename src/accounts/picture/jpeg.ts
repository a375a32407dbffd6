/** JPEG (ITU-T T.81, annex B): segments of a marker, a length and data; scans run on to the next marker. */
import type { Cleaned } from './clean-picture.ts'
import { orientationOf, orientationSegment } from './orientation.ts'

const soi = 0xd8
const eoi = 0xd9
const sos = 0xda
const app1 = 0xe1
const app14 = 0xee
/** Baseline, extended and progressive Huffman frames: what browsers show. */
const frames = new Set([0xc0, 0xc1, 0xc2])
/** Frames, tables, restart intervals and scans; no application data, no comments. */
const kept = new Set([...frames, 0xc4, 0xdb, 0xdd, sos])

export function cleanJpeg(bytes: Buffer): Cleaned {
  const parts: Buffer[] = [Buffer.from([0xff, soi])]
  let size: { width: number; height: number } | undefined
  let orientation: number | undefined
  for (let at = 2; at + 2 <= bytes.length; ) {
    const marker = bytes[at + 1] ?? 0
    if (bytes[at] !== 0xff) return undefined
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker === eoi) {
      if (!size || parts.length < 3) return undefined
      if (orientation !== undefined) parts.splice(1, 0, orientationSegment(orientation))
      parts.push(Buffer.from([0xff, eoi]))
      return { bytes: Buffer.concat(parts), ...size }
    }
    if (at + 4 > bytes.length) return undefined
    const length = bytes.readUInt16BE(at + 2)
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) return undefined
    const data = bytes.subarray(at + 4, end)
    if (frames.has(marker)) {
      if (size || data.length < 6) return undefined
      size = { height: data.readUInt16BE(1), width: data.readUInt16BE(3) }
    }
    if (marker === app1) orientation ??= orientationOf(data)
    const stop = marker === sos ? endOfScan(bytes, end) : end
    if (kept.has(marker)) parts.push(bytes.subarray(at, stop))
    else if (isAdobe(marker, data)) parts.push(bytes.subarray(at, end))
    else if (!isOptional(marker)) return undefined
    at = stop
  }
  return undefined
}

/** Where the next marker begins: FF that is neither stuffed (FF 00) nor a restart (FF D0 to D7). */
function endOfScan(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(0xff, from)
  while (at !== -1) {
    const next = bytes[at + 1] ?? 0
    if (next !== 0x00 && !(next >= 0xd0 && next <= 0xd7)) return at
    at = bytes.indexOf(0xff, at + 2)
  }
  return bytes.length
}

/** Exactly the twelve bytes that say how the colours are coded; without them CMYK looks inverted. */
function isAdobe(marker: number, data: Buffer): boolean {
  return marker === app14 && data.length === 12 && data.toString('latin1', 0, 5) === 'Adobe'
}

/** APP0 to APP15 and COM may be left out. */
function isOptional(marker: number): boolean {
  return (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe
}

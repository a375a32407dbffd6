/** PNG (W3C, third edition): a signature and chunks of length, type, data and check sum. */
import { crc32 } from 'node:zlib'
import type { Cleaned } from './clean-picture.ts'

const signatureLength = 8
const frameLength = 12
/** Pixels and what changes how they look; no text, time, profile, EXIF or animation. */
const kept = new Set(['IHDR', 'PLTE', 'tRNS', 'gAMA', 'cHRM', 'sRGB', 'sBIT', 'IDAT', 'IEND'])

export function cleanPng(bytes: Buffer): Cleaned {
  const parts = [bytes.subarray(0, signatureLength)]
  let size: { width: number; height: number } | undefined
  let hasPixels = false
  for (let at = signatureLength; at + frameLength <= bytes.length; ) {
    const length = bytes.readUInt32BE(at)
    const end = at + frameLength + length
    if (end > bytes.length) return undefined
    const body = bytes.subarray(at + 4, end - 4)
    if (crc32(body) !== bytes.readUInt32BE(end - 4)) return undefined
    const type = body.toString('latin1', 0, 4)
    if ((type === 'IHDR') !== (size === undefined)) return undefined
    if (type === 'IHDR') {
      if (length !== 13) return undefined
      size = { width: body.readUInt32BE(4), height: body.readUInt32BE(8) }
    }
    if (kept.has(type)) parts.push(bytes.subarray(at, end))
    else if (isCritical(type)) return undefined
    hasPixels ||= type === 'IDAT'
    if (type === 'IEND') return size && hasPixels ? { bytes: Buffer.concat(parts), ...size } : undefined
    at = end
  }
  return undefined
}

/** A chunk that a decoder may not skip begins with a capital (section 5.4). */
function isCritical(type: string): boolean {
  return /^[A-Z]/.test(type)
}

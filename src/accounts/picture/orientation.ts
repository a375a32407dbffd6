/**
 * The one thing worth keeping of EXIF (CIPA DC-008): how the camera was held. Phones store the sensor's
 * picture and turn it by this tag, so without it a portrait would lie on its side.
 */

const header = 'Exif\0\0'
const tag = 0x0112
const short = 3
const entryLength = 12

/** 2 to 8, from the data of an APP1 segment; `undefined` when upright, absent or unreadable. */
export function orientationOf(data: Buffer): number | undefined {
  if (data.toString('latin1', 0, header.length) !== header) return undefined
  const tiff = data.subarray(header.length)
  const order = tiff.toString('latin1', 0, 2)
  if (tiff.length < 10 || (order !== 'II' && order !== 'MM')) return undefined
  const u16 = (at: number) => (order === 'II' ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const ifd = order === 'II' ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4)
  if (ifd + 2 > tiff.length) return undefined
  const count = Math.min(u16(ifd), Math.floor((tiff.length - ifd - 2) / entryLength))
  for (let i = 0; i < count; i++) {
    const at = ifd + 2 + i * entryLength
    if (u16(at) !== tag || u16(at + 2) !== short) continue
    const value = u16(at + 8)
    return value >= 2 && value <= 8 ? value : undefined
  }
  return undefined
}

/** An APP1 segment that says the orientation and nothing else. */
export function orientationSegment(orientation: number): Buffer {
  const tiff = Buffer.alloc(26)
  tiff.write('MM\0*', 0, 'latin1')
  tiff.writeUInt32BE(8, 4)
  tiff.writeUInt16BE(1, 8)
  tiff.writeUInt16BE(tag, 10)
  tiff.writeUInt16BE(short, 12)
  tiff.writeUInt32BE(1, 14)
  tiff.writeUInt16BE(orientation, 18)
  const data = Buffer.concat([Buffer.from(header, 'latin1'), tiff])
  const start = Buffer.from([0xff, 0xe1, 0, 0])
  start.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([start, data])
}

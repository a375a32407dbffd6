/**
 * Uploaded pictures, reduced to what is needed to show them. The kind is known by the first bytes, never by
 * a name or a header; only what is on each format's list is copied, so place, camera, comments and whatever
 * was hidden behind the end stay out. SVG is a program and is refused with all the rest.
 */
import { MaitredError } from '../../errors.ts'
import { cleanJpeg } from './jpeg.ts'
import { cleanPng } from './png.ts'
import { cleanWebp } from './webp.ts'

export const largestPicture = 512 * 1_024
/** A small file can unfold to a huge image in the browser that shows it. */
const longestEdge = 4_096

export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp'

export interface Picture {
  type: PictureType
  bytes: Buffer
}

/** What a format's cleaner returns; `undefined` when the bytes are not what they began as. */
export type Cleaned = { bytes: Buffer; width: number; height: number } | undefined

interface Format {
  type: PictureType
  fits(bytes: Buffer): boolean
  clean(bytes: Buffer): Cleaned
}

const formats: readonly Format[] = [
  {
    type: 'image/png',
    fits: (bytes) => bytes.subarray(0, 8).toString('latin1') === '\x89PNG\r\n\x1a\n',
    clean: cleanPng,
  },
  {
    type: 'image/jpeg',
    fits: (bytes) => bytes.subarray(0, 3).toString('latin1') === '\xff\xd8\xff',
    clean: cleanJpeg,
  },
  {
    type: 'image/webp',
    fits: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
    clean: cleanWebp,
  },
]

/**
 * @param bytes at most 512 KB of PNG, JPEG or WebP, at most 4,096 pixels wide and high, not animated
 * @throws MaitredError `invalid_form` for the field `picture`
 */
export function cleanPicture(bytes: Uint8Array): Picture {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const format = formats.find(({ fits }) => fits(source))
  if (!format || source.length > largestPicture) throw refusal()
  const cleaned = format.clean(source)
  if (!cleaned || !isEdge(cleaned.width) || !isEdge(cleaned.height)) throw refusal()
  return { type: format.type, bytes: cleaned.bytes }
}

function isEdge(pixels: number): boolean {
  return pixels >= 1 && pixels <= longestEdge
}

function refusal(): MaitredError {
  return new MaitredError('invalid_form', { fields: { picture: 'error.field.picture' } })
}

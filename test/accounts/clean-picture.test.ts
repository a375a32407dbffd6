import { crc32 } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { cleanPicture } from '../../src/accounts/accounts.ts'
import { MaitredError } from '../../src/errors.ts'
import { runs } from '../support/runs.ts'
import { type SampleName, samplePicture } from '../support/sample-picture.ts'

const hidden = 'taken at 40.8518 N 14.2681 E by Ada'

function refuse(bytes: Uint8Array): void {
  expect(() => cleanPicture(bytes))
    .throw(MaitredError)
    .deep.include({
      code: 'invalid_form',
      fields: { picture: 'error.field.picture' },
    })
}

function chunk(type: string, data: Buffer | string): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(data)])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(body.length - 4, 0)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

/** The sample with these chunks behind its header. */
function pngWith(...chunks: Buffer[]): Buffer {
  const png = samplePicture('png')
  return Buffer.concat([png.subarray(0, 33), ...chunks, png.subarray(33)])
}

function segment(marker: number, data: Buffer | string): Buffer {
  const start = Buffer.from([0xff, marker, 0, 0])
  start.writeUInt16BE(Buffer.from(data).length + 2, 2)
  return Buffer.concat([start, Buffer.from(data)])
}

function jpegWith(...segments: Buffer[]): Buffer {
  const jpeg = samplePicture('jpeg')
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)])
}

function exif(orientation: number, order: 'II' | 'MM' = 'MM'): Buffer {
  const tiff = Buffer.alloc(8 + 2 + 24 + 4)
  const u16 = (value: number, at: number) =>
    order === 'MM' ? tiff.writeUInt16BE(value, at) : tiff.writeUInt16LE(value, at)
  const u32 = (value: number, at: number) =>
    order === 'MM' ? tiff.writeUInt32BE(value, at) : tiff.writeUInt32LE(value, at)
  tiff.write(order, 0)
  u16(42, 2)
  u32(8, 4)
  u16(2, 8)
  for (const [i, [tag, value]] of [
    [0x0100, 8],
    [0x0112, orientation],
  ].entries()) {
    u16(tag ?? 0, 10 + i * 12)
    u16(3, 12 + i * 12)
    u32(1, 14 + i * 12)
    u16(value ?? 0, 18 + i * 12)
  }
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0'), tiff, Buffer.from(hidden)]))
}

function riff(...chunks: [name: string, data: Buffer | string][]): Buffer {
  const body = chunks.flatMap(([name, data]) => {
    const head = Buffer.alloc(8)
    head.write(name)
    head.writeUInt32LE(Buffer.from(data).length, 4)
    return [head, Buffer.from(data), Buffer.alloc(Buffer.from(data).length % 2)]
  })
  const whole = Buffer.concat([Buffer.from('RIFF\0\0\0\0WEBP'), ...body])
  whole.writeUInt32LE(whole.length - 8, 4)
  return whole
}

/** The chunks of a WebP file by name. */
function chunksOf(webp: Buffer): Record<string, Buffer> {
  const found: Record<string, Buffer> = {}
  for (let at = 12; at < webp.length; ) {
    const length = webp.readUInt32LE(at + 4)
    found[webp.toString('latin1', at, at + 4)] = webp.subarray(at + 8, at + 8 + length)
    at += 8 + length + (length % 2)
  }
  return found
}

describe('UM-1 pictures that people upload', () => {
  const samples: [SampleName, string][] = [
    ['png', 'image/png'],
    ['jpeg', 'image/jpeg'],
    ['webp', 'image/webp'],
    ['webpWithAlpha', 'image/webp'],
    ['webpLossless', 'image/webp'],
  ]
  for (const [name, type] of samples) {
    it(`are kept: ${name}, without its profile`, () => {
      const { type: found, bytes } = cleanPicture(samplePicture(name))
      expect(found).equal(type)
      expect(bytes.toString('latin1')).not.match(/ICC|Google|JFIF/)
      expect(cleanPicture(bytes)).deep.equal({ type, bytes })
      expect(bytes.length).above(40).most(samplePicture(name).length)
    })
  }

  it('lose texts, times, profiles, EXIF and animation of a PNG, but no pixel', () => {
    const parts = ['tEXt', 'iTXt', 'zTXt', 'tIME', 'eXIf', 'iCCP', 'pHYs', 'acTL', 'fdAT', 'prVt']
    const dirty = Buffer.concat([pngWith(...parts.map((type) => chunk(type, hidden))), Buffer.from(hidden)])
    expect(cleanPicture(dirty).bytes.equals(samplePicture('png'))).equal(true)
    const gamma = chunk('gAMA', Buffer.from([0, 0, 177, 143]))
    expect(cleanPicture(pngWith(gamma)).bytes.equals(pngWith(gamma))).equal(true)
  })

  it('lose everything of a JPEG but the picture and how the camera was held', () => {
    const clean = cleanPicture(samplePicture('jpeg')).bytes
    const parts = [
      segment(0xe1, `http://ns.adobe.com/xap/1.0/\0${hidden}`),
      segment(0xe2, `ICC_PROFILE\0${hidden}`),
      segment(0xed, `Photoshop 3.0\0${hidden}`),
      segment(0xee, `Adobe${hidden}`),
      segment(0xfe, hidden),
    ]
    const dirty = Buffer.concat([jpegWith(exif(1), ...parts), Buffer.from(hidden)])
    expect(cleanPicture(dirty).bytes.equals(clean)).equal(true)
    for (const order of ['II', 'MM'] as const) {
      const { bytes } = cleanPicture(jpegWith(exif(6, order), ...parts))
      expect(bytes.length).equal(clean.length + 36)
      expect(bytes.subarray(0, 12).toString('latin1')).equal('\xff\xd8\xff\xe1\0\x22Exif\0\0')
      expect(bytes.toString('latin1')).not.contain('Ada')
      expect(cleanPicture(bytes).bytes.equals(bytes)).equal(true)
    }
  })

  it('keep of a JPEG how its colours are coded', () => {
    const adobe = segment(0xee, Buffer.from('Adobe\0\x64\0\0\0\0\x02', 'latin1'))
    expect(cleanPicture(jpegWith(adobe)).bytes.includes(adobe)).equal(true)
  })

  it('lose EXIF, XMP and unknown parts of a WebP', () => {
    for (const name of ['webp', 'webpWithAlpha', 'webpLossless'] as const) {
      const parts = chunksOf(samplePicture(name))
      const flags = Buffer.from(parts.VP8X ?? '')
      flags[0] = (flags[0] ?? 0) | 0x2c
      const dirty = riff(
        ['VP8X', flags],
        ...Object.entries(parts).slice(1),
        ['EXIF', hidden],
        ['XMP ', hidden],
        ['hide', hidden],
      )
      const { bytes } = cleanPicture(Buffer.concat([dirty, Buffer.from(hidden)]))
      expect(bytes.equals(cleanPicture(samplePicture(name)).bytes)).equal(true)
      expect(bytes.toString('latin1')).not.contain('Ada')
      expect(bytes.readUInt32LE(4)).equal(bytes.length - 8)
      expect(chunksOf(bytes).VP8X?.[0]).equal(name === 'webp' ? 0 : 0x10)
    }
    const image = chunksOf(samplePicture('webp'))['VP8 '] ?? ''
    expect(cleanPicture(riff(['VP8 ', image], ['EXIF', hidden])).bytes.equals(riff(['VP8 ', image]))).equal(
      true,
    )
  })

  it('are refused when they are something else, whatever they are called', () => {
    const others = [
      '',
      'x',
      '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
      '<?xml version="1.0"?><svg/>',
      '<!doctype html><script>alert(1)</script>',
      'GIF89a\x01\0\x01\0',
      'BM\x46\0\0\0',
      '%PDF-1.7',
      'RIFF\x04\0\0\0WAVE',
      '\0\0\0\x20ftypavif',
      '\x89PNG\r\n\x1a\n<svg/>',
      '\xff\xd8\xff<svg/>',
      'RIFF\x04\0\0\0WEBP',
    ]
    for (const other of others) refuse(Buffer.from(other, 'latin1'))
    refuse(Buffer.concat([Buffer.from('<svg/>'), samplePicture('png')]))
  })

  it('are refused above 512 KB and beyond 4,096 pixels', () => {
    const filler = chunk('tEXt', Buffer.alloc(512 * 1_024 - samplePicture('png').length - 12))
    expect(pngWith(filler)).length(512 * 1_024)
    cleanPicture(pngWith(filler))
    refuse(Buffer.concat([pngWith(filler), Buffer.alloc(1)]))
    const header = Buffer.from(samplePicture('png').subarray(16, 29))
    for (const [width, height] of [
      [4_097, 1],
      [1, 4_097],
      [0, 8],
    ] as const) {
      header.writeUInt32BE(width, 0)
      header.writeUInt32BE(height, 4)
      const png = samplePicture('png')
      refuse(Buffer.concat([png.subarray(0, 8), chunk('IHDR', header), png.subarray(33)]))
    }
  })

  it('are refused when a part is broken, missing, doubled or unknown and needed', () => {
    const png = samplePicture('png')
    const broken = Buffer.from(png)
    broken[40] = (broken[40] ?? 0) ^ 1
    refuse(broken)
    refuse(pngWith(chunk('XXXX', 'x')))
    refuse(pngWith(png.subarray(8, 33)))
    refuse(Buffer.concat([png.subarray(0, 33), png.subarray(-12)]))
    refuse(jpegWith(segment(0xc3, 'x')))
    const [vp8x, image] = [
      chunksOf(samplePicture('webp')).VP8X ?? '',
      chunksOf(samplePicture('webp'))['VP8 '] ?? '',
    ]
    const animated = Buffer.from(vp8x)
    animated[0] = 0x02
    refuse(riff(['VP8X', animated], ['VP8 ', image]))
    const larger = Buffer.from(vp8x)
    larger[4] = 100
    refuse(riff(['VP8X', larger], ['VP8 ', image]))
    refuse(riff(['EXIF', hidden], ['VP8 ', image]))
  })

  it('are clean or refused, however they were cut or altered', () => {
    const sample = fc.constantFrom(...samples.map(([name]) => name))
    const edits = fc.array(fc.tuple(fc.nat(2_000), fc.nat(255)), { maxLength: 5 })
    fc.assert(
      fc.property(sample, edits, fc.nat(2_000), (name, changes, cut) => {
        const bytes = Buffer.from(samplePicture(name).subarray(0, cut))
        for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value
        try {
          const cleaned = cleanPicture(bytes)
          expect(cleanPicture(cleaned.bytes)).deep.equal(cleaned)
        } catch (error) {
          expect(error).instanceOf(MaitredError).include({ code: 'invalid_form' })
        }
      }),
      { numRuns: runs(2_000) },
    )
  })
})

import { expect } from 'chai'
import { z } from 'zod'
import { readUpload } from '../../src/http/http.ts'
import { getToken } from './browser.ts'
import { closeShells, type Open, openShell } from './open-shell.ts'

const maxBytes = 100_000

describe('an upload', () => {
  let shell: Open
  let cookie: string
  let token: string

  beforeEach(async () => {
    shell = await openShell({}, ({ router, page }) => {
      router.get('/', (ctx) => page(ctx, 'form', { title: 'A picture' }))
      router.post('/', async (ctx) => {
        const { data, file } = await readUpload(ctx, z.record(z.string(), z.string()), { maxBytes })
        ctx.body = { fields: data, size: file?.length, first: file?.subarray(0, 4).toString('hex') }
      })
    })
    ;({ cookie, token } = await getToken(shell, '/'))
  })
  afterEach(closeShells)

  function part(name: string, value: string | Buffer, file?: string): Buffer {
    const filename =
      file === undefined ? '' : `; filename="${file}"\r\nContent-Type: application/octet-stream`
    const head = `--x\r\nContent-Disposition: form-data; name="${name}"${filename}\r\n\r\n`
    return Buffer.concat([Buffer.from(head), Buffer.from(value), Buffer.from('\r\n')])
  }

  async function post(parts: Buffer[], headers: Record<string, string> = {}) {
    const body = Buffer.concat([part('_csrf', token), ...parts, Buffer.from('--x--\r\n')])
    const { status, text } = await shell.send('/', {
      method: 'POST',
      body,
      headers: { 'content-type': 'multipart/form-data; boundary=x', cookie, ...headers },
    })
    const answer = JSON.parse(text)
    return answer.code ? `${status} ${answer.code}` : answer
  }

  it('is read into memory, with its fields', async () => {
    const picture = Buffer.alloc(maxBytes, 0)
    picture.writeUInt32BE(0x89504e47)
    expect(await post([part('name', 'Ada ☺'), part('picture', picture, 'a.png')])).to.deep.equal({
      fields: { name: 'Ada ☺' },
      size: maxBytes,
      first: '89504e47',
    })
  })

  it('may have no file', async () => {
    expect(await post([])).to.deep.equal({ fields: {} })
    expect(await post([part('picture', '', '')])).to.deep.equal({ fields: {} })
  })

  const big = (bytes: number) => part('picture', Buffer.alloc(bytes, 1), 'a.png')
  for (const [what, parts, expected] of [
    ['a file that is a byte too large', [big(maxBytes + 1)], '413 too_large'],
    ['3 MB', [big(3_000_000)], '413 too_large'],
    ['two files', [big(10), big(10)], '413 too_large'],
    ['a repeated field', [part('name', 'a'), part('name', 'b')], '400 bad_request'],
    ['a NUL', [part('name', 'a\0')], '400 bad_request'],
    ['broken UTF-8', [part('name', Buffer.from([0xff]))], '400 bad_request'],
    ['a field that is too long', [part('name', 'a'.repeat(20_000))], '413 too_large'],
    ['too many fields', Array.from({ length: 30 }, (_, n) => part(`f${n}`, 'a')), '413 too_large'],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      expect(await post([...parts])).to.equal(expected)
      expect(await post([part('name', 'next')]), 'and the next one is read').to.have.property('fields')
    })
  }

  it('is refused when it is none', async () => {
    expect(await post([], { 'content-type': 'multipart/form-data' })).to.equal('400 bad_request')
    expect(await post([], { 'content-type': 'multipart/form-data; boundary=other' })).to.equal(
      '400 bad_request',
    )
    expect(await post([], { 'content-type': 'image/png' })).to.equal('415 unsupported_media_type')
  })

  it('that ends too early is refused', async () => {
    const { status } = await shell.send('/', {
      method: 'POST',
      body: Buffer.concat([part('_csrf', token), part('picture', 'half', 'a.png')]),
      headers: { 'content-type': 'multipart/form-data; boundary=x', cookie },
    })
    expect(status).to.equal(400)
  })
})

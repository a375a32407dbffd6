import { expect } from 'chai'
import { z } from 'zod'
import { hideReferrer, readForm, readUpload } from '../../src/http/http.ts'
import { makeCertificate } from '../support/certificate.ts'
import { getToken } from './browser.ts'
import { closeShells, type Open, openShell, type ShellSettings } from './open-shell.ts'

const open = (settings: ShellSettings = {}) =>
  openShell(settings, ({ router, page }) => {
    router.get('/', (ctx) => page(ctx, 'form', { title: 'A form' }))
    router.get('/no-referrer', (ctx) => {
      hideReferrer(ctx)
      return page(ctx, 'form', { title: 'A form' })
    })
    router.post('/', async (ctx) => {
      ctx.body = await readForm(ctx, z.object({ name: z.string() }))
    })
    router.post('/upload', async (ctx) => {
      ctx.body = (await readUpload(ctx, z.record(z.string(), z.string()), { maxBytes: 1_000 })).data
    })
  })

describe('GW-9 CSRF protection', () => {
  let shell: Open
  let cookie: string
  let token: string

  beforeEach(async () => {
    shell = await open()
    ;({ cookie, token } = await getToken(shell, '/'))
  })
  afterEach(closeShells)

  async function post(given: { token?: string; cookie?: string; headers?: Record<string, string> } = {}) {
    const { status, text } = await shell.send('/', {
      method: 'POST',
      body: new URLSearchParams({ name: 'Ada', _csrf: given.token ?? token }).toString(),
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: given.cookie ?? cookie,
        ...given.headers,
      },
    })
    return status === 200 ? 200 : `${status} ${JSON.parse(text).code}`
  }

  it('accepts a form of our own page', async () => {
    expect(await post()).to.equal(200)
    expect(await post(), 'a page that stays open posts again').to.equal(200)
    const same = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }
    expect(await post({ headers: same })).to.equal(200)
    expect(await post({ headers: { 'sec-fetch-site': 'none' } }), 'a reload').to.equal(200)
  })

  it('gives the cookie once, and then the same token', async () => {
    const { headers, text } = await shell.send('/', { headers: { cookie } })
    expect(headers).to.not.have.property('set-cookie')
    expect(text).to.include(token)
  })

  for (const [what, given] of [
    ['no token', { token: '' }],
    ['a wrong token', { token: 'x'.repeat(43) }],
    ['a token that is cut', { token: 'short' }],
    ['no cookie', { cookie: '' }],
    ['a cookie of another shape', { cookie: 'maitred-3000-csrf=abc' }],
    ['another’s cookie', { cookie: `maitred-3000-csrf=${'A'.repeat(32)}` }],
    ['another origin', { headers: { origin: 'https://evil.example' } }],
    ['another port', { headers: { origin: 'http://localhost:3001' } }],
    ['another spelling', { headers: { origin: 'http://127.0.0.1:3000' } }],
    ['a cross-site request', { headers: { 'sec-fetch-site': 'cross-site' } }],
    ['a same-site request', { headers: { 'sec-fetch-site': 'same-site' } }],
    ['a sandboxed stranger', { headers: { origin: 'null', 'sec-fetch-site': 'cross-site' } }],
    [
      'a stranger with the right origin',
      { headers: { origin: 'http://localhost:3000', 'sec-fetch-site': 'cross-site' } },
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      expect(await post(given)).to.equal('403 csrf')
    })
  }

  it('refuses a form without any field of its own', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', cookie }
    expect((await shell.send('/', { method: 'POST', headers })).status).to.equal(403)
  })

  it('copes with Origin: null of a page that hides its address', async () => {
    expect(await post({ headers: { origin: 'null', 'sec-fetch-site': 'same-origin' } })).to.equal(200)
    expect(await post({ headers: { origin: 'null' } }), 'an older browser').to.equal(200)
    expect(await post({ token: 'x', headers: { origin: 'null' } })).to.equal('403 csrf')
  })

  it('holds for uploads as well', async () => {
    const body = (csrf: string) =>
      `--x\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n${csrf}\r\n--x--\r\n`
    const headers = { 'content-type': 'multipart/form-data; boundary=x', cookie }
    const upload = (csrf: string, more = {}) =>
      shell.send('/upload', { method: 'POST', body: body(csrf), headers: { ...headers, ...more } })
    expect((await upload(token)).status).to.equal(200)
    expect((await upload('x')).status).to.equal(403)
    expect((await upload(token, { cookie: '' })).status).to.equal(403)
    expect((await upload(token, { 'sec-fetch-site': 'cross-site' })).status).to.equal(403)
  })

  it('names its cookie by the port on a plain loopback', async () => {
    const { headers } = await shell.send('/')
    expect(String(headers['set-cookie'])).to.match(
      /^maitred-3000-csrf=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax$/,
    )
  })

  it('binds its cookie to the host on HTTPS', async () => {
    const tls = makeCertificate()
    const { send } = await open({ issuer: 'https://id.example.com', tls })
    const { headers } = await send('/', { ca: tls.cert })
    expect(String(headers['set-cookie'])).to.match(
      /^__Host-maitred-csrf=[\w-]{32}; Path=\/; HttpOnly; SameSite=Lax; Secure$/,
    )
  })
})

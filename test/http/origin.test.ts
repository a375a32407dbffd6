import { expect } from 'chai'
import { requestState } from '../../src/http/http.ts'
import { makeCertificate } from '../support/certificate.ts'
import { closeShells, openShell, type Sent, type ShellSettings } from './open-shell.ts'

const issuer = 'https://id.example.com'
const proxied = { issuer, trustedProxies: ['127.0.0.1/32', '10.0.0.0/8', '2001:db8::/32'] }
const viaProxy = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'id.example.com', host: 'backend:8080' }

/** A shell that tells what it believes of the caller. */
const open = (settings: ShellSettings = {}) =>
  openShell(settings, ({ router }) => {
    router.all('/whoami', (ctx) => {
      const { ip, secure } = requestState(ctx)
      ctx.body = { ip, secure, koa: [ctx.ip, ctx.secure, ctx.host, ctx.protocol] }
    })
  })

describe('RF-1 the issuer’s own host and scheme', () => {
  afterEach(closeShells)

  async function status(settings: ShellSettings, headers: Record<string, string>): Promise<number> {
    return (await (await open(settings)).send('/whoami', { headers })).status
  }

  it('are answered, others are 421', async () => {
    const { send } = await open()
    for (const [host, expected] of [
      ['localhost:3000', 200],
      ['LOCALHOST:3000', 200],
      ['127.0.0.1:3000', 421],
      ['localhost', 421],
      ['localhost:80', 421],
      ['localhost:3001', 421],
      ['localhost:3000.', 421],
      ['localhost:3000@evil.example', 421],
      ['evil.example', 421],
      ['', 421],
    ] as const) {
      expect((await send('/whoami', { headers: { host } })).status, host).to.equal(expected)
    }
  })

  it('are not confused by a 127.0.0.1 issuer either', async () => {
    const settings = { issuer: 'http://127.0.0.1:3000' }
    expect(await status(settings, { host: '127.0.0.1:3000' })).to.equal(200)
    expect(await status(settings, { host: 'localhost:3000' })).to.equal(421)
  })

  it('may name their default port', async () => {
    expect(await status(proxied, { ...viaProxy, 'x-forwarded-host': 'id.example.com:443' })).to.equal(200)
    expect(await status(proxied, { ...viaProxy, 'x-forwarded-host': 'id.example.com:80' })).to.equal(421)
  })

  it('are not taken from a stranger’s forwarding headers', async () => {
    const { send } = await open()
    const forged = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example;proto=https' }
    const { text } = await send('/whoami', {
      headers: { ...forged, 'x-forwarded-proto': 'https', 'x-forwarded-for': '6.6.6.6' },
    })
    expect(JSON.parse(text)).to.deep.equal({
      ip: '127.0.0.1',
      secure: false,
      koa: ['127.0.0.1', false, 'localhost:3000', 'http'],
    })
  })

  it('do not matter to machines that ask for health', async () => {
    const { send } = await open(proxied)
    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await send(path, { headers: { host: '10.1.2.3:8080' } })).status, path).to.equal(200)
    }
  })

  it('are 421 over HTTPS where the issuer is plain HTTP', async () => {
    const settings = { trustedProxies: ['127.0.0.0/8'] }
    expect(await status(settings, { 'x-forwarded-proto': 'https' })).to.equal(421)
  })
})

describe('RF-1 behind a trusted proxy', () => {
  afterEach(closeShells)

  it('plain HTTP is sent to HTTPS with 308, method and target kept', async () => {
    const { send } = await open(proxied)
    for (const method of ['GET', 'POST']) {
      const headers = { ...viaProxy, 'x-forwarded-proto': 'http' }
      const answer = await send('/whoami?a=b', { method, headers })
      expect(answer.status, method).to.equal(308)
      expect(answer.headers.location).to.equal('https://id.example.com/whoami?a=b')
      expect(answer.headers).to.not.have.property('strict-transport-security')
    }
  })

  it('a request that no proxy brought is sent to HTTPS as well', async () => {
    const { send } = await open({ issuer })
    const { status, headers } = await send('/whoami', { headers: { 'x-forwarded-proto': 'https' } })
    expect(status).to.equal(308)
    expect(headers.location).to.equal('https://id.example.com/whoami')
  })

  it('HTTPS is answered with HSTS for a year', async () => {
    const { headers, text } = await (await open(proxied)).send('/whoami', { headers: viaProxy })
    expect(headers['strict-transport-security']).to.equal('max-age=31536000; includeSubDomains')
    expect(JSON.parse(text).koa).to.deep.equal(['127.0.0.1', true, 'id.example.com', 'https'])
  })

  it('several proxies count only where they agree', async () => {
    const { send } = await open(proxied)
    for (const [name, value, expected] of [
      ['x-forwarded-proto', 'https, https', 200],
      ['x-forwarded-proto', 'https, http', 308],
      ['x-forwarded-proto', 'http, https', 308],
      ['x-forwarded-proto', '', 308],
      ['x-forwarded-proto', 'HTTPS', 200],
      ['x-forwarded-proto', `${' '.repeat(3_000)},https`, 308],
      ['x-forwarded-host', 'id.example.com, id.example.com', 200],
      ['x-forwarded-host', 'evil.example, id.example.com', 421],
      ['x-forwarded-host', 'id.example.com, evil.example', 421],
      ['x-forwarded-host', '', 421],
    ] as const) {
      const { status } = await send('/whoami', { headers: { ...viaProxy, [name]: value } })
      expect(status, `${name}: ${value.trim()}`).to.equal(expected)
    }
  })

  it('the client is the right-most address that is no trusted proxy', async () => {
    const { send } = await open(proxied)
    for (const [hops, expected] of [
      ['198.51.100.7', '198.51.100.7'],
      ['6.6.6.6, 198.51.100.7', '198.51.100.7'],
      ['6.6.6.6, 198.51.100.7, 10.9.8.7', '198.51.100.7'],
      ['10.9.8.7', '10.9.8.7'],
      ['198.51.100.7:4711', '198.51.100.7'],
      ['[2001:db9::1]:4711', '2001:db9::1'],
      ['2001:db9::1, 2001:db8::2', '2001:db9::1'],
      ['::ffff:198.51.100.7', '198.51.100.7'],
      ['', '127.0.0.1'],
      ['unknown', '127.0.0.1'],
      ['6.6.6.6, unknown', '127.0.0.1'],
      ['6.6.6.6, 999.1.1.1, 10.9.8.7', '10.9.8.7'],
      ['6.6.6.6,,', '127.0.0.1'],
      ["'; DROP TABLE x", '127.0.0.1'],
      ['fe80::1%eth0', '127.0.0.1'],
      [`${'6.6.6.6,'.repeat(1_000)}198.51.100.7`, '198.51.100.7'],
    ] as const) {
      const { status, text } = await send('/whoami', { headers: { ...viaProxy, 'x-forwarded-for': hops } })
      expect(status, hops).to.equal(200)
      const { ip, koa } = JSON.parse(text)
      expect([ip, koa[0]], hops).to.deep.equal([expected, expected])
    }
  })

  it('a network that is none is refused at start', async () => {
    for (const network of ['example.com', '10.0.0.0/33', '10.0.0.0/x', '']) {
      const refusal = await open({ issuer, trustedProxies: [network] }).then(
        () => '',
        (error) => error.message,
      )
      expect(refusal, network).to.include('is not a network')
    }
  })
})

describe('RF-1 TLS of its own', () => {
  const tls = makeCertificate()
  const over: Sent = { ca: tls.cert, headers: { host: 'id.example.com' } }
  afterEach(closeShells)

  it('serves HTTPS with HSTS', async () => {
    const { send, listening } = await open({ issuer, tls })
    const { status, headers, text } = await send('/whoami', over)
    expect(status).to.equal(200)
    expect(headers['strict-transport-security']).to.equal('max-age=31536000; includeSubDomains')
    expect(JSON.parse(text)).to.deep.include({ ip: '127.0.0.1', secure: true })
    expect(listening.url).to.match(/^https:\/\/127\.0\.0\.1:\d+$/)
  })

  it('answers plain HTTP on the same port with 308', async () => {
    const { send } = await open({ issuer, tls })
    const { status, headers } = await send('/whoami?x=1', { method: 'POST', body: 'a=b' })
    expect(status).to.equal(308)
    expect(headers).to.include({ location: 'https://id.example.com/whoami?x=1', connection: 'close' })
    expect(headers).to.not.have.property('strict-transport-security')
    expect((await send('/', { headers: { host: 'evil.example' } })).status).to.equal(421)
    expect((await send('/healthz')).status).to.equal(200)
  })

  it('survives what is neither', async () => {
    const { send, raw } = await open({ issuer, tls })
    expect(await raw('\0\0\0\0')).to.match(/^HTTP\/1.1 400 /)
    expect(await raw(Buffer.from([22, 3, 1, 0, 5, 1, 2, 3, 4, 5]))).to.be.a('string')
    expect((await send('/whoami', over)).status).to.equal(200)
  })

  it('takes a renewed certificate for new connections', async () => {
    const { send, listening } = await open({ issuer, tls })
    const renewed = makeCertificate()
    listening.renewCertificate(renewed)
    const old = await send('/whoami', over).then(
      () => 'accepted',
      (error) => error.code,
    )
    expect(old).to.equal('DEPTH_ZERO_SELF_SIGNED_CERT')
    expect((await send('/whoami', { ...over, ca: renewed.cert })).status).to.equal(200)
  })
})

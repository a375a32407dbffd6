import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import Koa from 'koa'
import Provider from 'oidc-provider'
import { MaitredError } from '../../src/errors.ts'
import { requestState } from '../../src/http/http.ts'
import { closeShells, eventually, openShell } from './open-shell.ts'

describe('a mounted handler', () => {
  afterEach(closeShells)

  it('receives what no route took, with the shell’s headers set', async () => {
    const { send, logs } = await openShell({}, ({ router, mount }) => {
      router.get('/page', (ctx) => {
        ctx.body = 'page'
      })
      mount((req, res) => {
        res.setHeader('Access-Control-Allow-Origin', '*')
        res.end(`${req.method} ${req.url} ${requestState({ req }).id}`)
      })
    })
    expect((await send('/page')).text).to.equal('page')
    for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
      const { status, headers, text } = await send('/token?x=1', { method, body: 'a=b' })
      expect(status).to.equal(200)
      expect(text).to.equal(`${method} /token?x=1 ${headers['x-request-id']}`)
      expect(headers).to.include({ 'access-control-allow-origin': '*', 'x-content-type-options': 'nosniff' })
    }
    await eventually(() => logs.length === 5)
    expect(logs[1]).to.include({ msg: 'request', route: '/token', status: 200 })
  })

  it('has its errors written like every other', async () => {
    const { send, shell } = await openShell()
    shell.mount(() => {
      throw new MaitredError('store_unavailable', { retryAfter: 2 })
    })
    const thrown = await send('/x')
    expect(thrown.status).to.equal(503)
    expect(thrown.headers['retry-after']).to.equal('2')
    shell.mount(async () => {
      throw new Error('later')
    })
    expect(JSON.parse((await send('/x')).text).code).to.equal('internal')
  })

  it('may leave a body half read without holding the connection', async () => {
    const { raw } = await openShell({}, ({ mount }) => {
      mount((req, res) => {
        req.once('data', () => {
          req.pause()
          res.statusCode = 413
          res.end('enough')
        })
      })
    })
    const body = 'a'.repeat(500_000)
    const answer = await raw(
      `POST /x HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length: ${body.length}\r\n\r\n${body}` +
        'GET /healthz HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n\r\n',
    )
    expect(answer)
      .to.match(/^HTTP\/1.1 413 /)
      .and.include('{"status":"ok"}')
  })
})

describe('an adopted application', () => {
  afterEach(closeShells)
  const browser = { accept: 'text/html' }

  it('reads the host, scheme and address that the shell settled', async () => {
    const settings = { issuer: 'https://id.example.com', trustedProxies: ['127.0.0.1/32'] }
    const { send } = await openShell(settings, (shell) => {
      const other = new Koa()
      shell.adopt(other)
      other.use((ctx) => {
        ctx.body = [ctx.href, ctx.secure, ctx.ip, requestState(ctx).ip]
      })
      shell.mount(other.callback())
    })
    const { text } = await send('/x?y=1', {
      headers: {
        host: 'backend:8080',
        'x-forwarded-host': 'id.example.com',
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '6.6.6.6, 198.51.100.7',
      },
    })
    const ip = '198.51.100.7'
    expect(JSON.parse(text)).to.deep.equal(['https://id.example.com/x?y=1', true, ip, ip])
  })

  it('leaves what it does not know and does not catch to the error writer', async () => {
    const { send, logs } = await openShell({}, (shell) => {
      const other = new Koa()
      shell.adopt(other)
      other.use((ctx, next) => {
        if (ctx.path === '/broken') throw new Error('broken inside')
        if (ctx.path === '/status') ctx.throw(404, 'secret detail')
        if (ctx.path !== '/own') return next()
        ctx.status = 404
        ctx.body = 'its own 404'
        return undefined
      })
      shell.mount(other.callback())
    })
    const unknown = await send('/unknown', { headers: browser })
    expect(unknown.status).to.equal(404)
    expect(unknown.text).to.include('There is nothing here')
    expect(unknown.headers).to.include({ 'x-content-type-options': 'nosniff', 'cache-control': 'no-store' })

    const broken = await send('/broken')
    expect(broken.status).to.equal(500)
    expect(broken.headers).to.include.keys('content-security-policy', 'x-request-id')
    const { reference } = JSON.parse(broken.text)
    expect(JSON.stringify(logs.find((line) => line.reference === reference))).to.include('broken inside')

    expect((await send('/status', { headers: browser })).text).to.not.include('secret detail')
    expect((await send('/own')).text).to.equal('its own 404')
    expect((await send('/broken', { method: 'HEAD' })).text).to.equal('')
  })

  it('outlives a request that did not come through the shell', async () => {
    const { shell, logs } = await openShell()
    const other = new Koa()
    shell.adopt(other)
    other.use(() => {
      throw new Error('broken inside')
    })
    const server = createServer(other.callback())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const { status } = await fetch(`http://127.0.0.1:${port}/`)
    expect(status).to.equal(500)
    expect(logs.some(({ msg }) => msg === 'an error could not be written')).to.equal(true)
    await new Promise((resolve) => server.close(resolve))
  })

  it('may be the provider itself, which keeps its CORS, its errors and its names', async () => {
    const issuer = 'http://localhost:3000'
    const { send, logs } = await openShell({ issuer }, (shell) => {
      const provider = new Provider(issuer, {
        cookies: { keys: ['test'] },
        async renderError(ctx, out) {
          shell.fail(ctx, new MaitredError('bad_request', { cause: new Error(out.error) }))
        },
      })
      shell.adopt(provider)
      shell.mount(provider.callback())
    })
    const discovery = await send('/.well-known/openid-configuration', {
      headers: { origin: 'https://app.example' },
    })
    expect(discovery.status).to.equal(200)
    expect(JSON.parse(discovery.text).token_endpoint).to.equal('http://localhost:3000/token')
    expect(discovery.headers).to.include({
      'access-control-allow-origin': 'https://app.example',
      'x-content-type-options': 'nosniff',
    })
    expect(discovery.headers).to.include.keys('content-security-policy', 'x-request-id')

    const preflight = await send('/token', {
      method: 'OPTIONS',
      headers: { origin: 'https://app.example', 'access-control-request-method': 'POST' },
    })
    expect(preflight.status).to.equal(204)
    expect(preflight.headers['access-control-allow-methods']).to.equal('POST')

    const refused = await send('/auth?client_id=nobody', { headers: browser })
    expect(refused.status).to.equal(400)
    expect(refused.text).to.include('We could not read that')
    const invalid = await send('/token', { method: 'POST' })
    expect(JSON.parse(invalid.text).error).to.equal('invalid_request')
    expect((await send('/nowhere')).status).to.equal(404)

    await eventually(() => logs.filter(({ msg }) => msg === 'request').length === 5)
    const routes = logs.filter(({ msg }) => msg === 'request').map(({ route }) => route)
    expect(routes).to.deep.equal(['discovery', 'cors.token', 'authorization', 'token', '/nowhere'])
  })
})

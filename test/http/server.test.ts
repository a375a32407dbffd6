import { Agent, request, type Server } from 'node:http'
import { connect } from 'node:net'
import { expect } from 'chai'
import { listen } from '../../src/http/server.ts'
import { makeCertificate } from '../support/certificate.ts'
import { closeShells, openShell, type ShellSettings } from './open-shell.ts'

/** A shell whose `/slow` answers when it is told to. */
async function openSlow(settings: ShellSettings = {}) {
  const arrived = Promise.withResolvers<void>()
  const release = Promise.withResolvers<void>()
  const shell = await openShell(settings, ({ router, mount }) => {
    router.get('/slow', async (ctx) => {
      arrived.resolve()
      await release.promise
      ctx.body = 'done'
    })
    mount(async (_req, res) => {
      arrived.resolve()
      await release.promise
      res.end('protocol done')
    })
  })
  return { ...shell, arrived: arrived.promise, release: release.resolve }
}

const host = { host: 'localhost:3000' }

describe('draining', () => {
  afterEach(closeShells)

  it('makes readiness red, finishes what was accepted, and then resolves', async () => {
    const { send, listening, arrived, release } = await openSlow()
    const page = send('/slow')
    const protocol = send('/anything')
    await arrived
    let closed = false
    const closing = listening.close().then(() => {
      closed = true
    })
    const ready = await send('/readyz')
    expect({ status: ready.status, text: ready.text }).to.deep.equal({
      status: 503,
      text: '{"status":"draining"}',
    })
    expect((await send('/healthz')).status).to.equal(200)
    expect(closed).to.equal(false)
    release()
    for (const [answer, text] of [
      [await page, 'done'],
      [await protocol, 'protocol done'],
    ] as const) {
      expect(answer).to.include({ status: 200, text })
      expect(answer.headers.connection).to.equal('close')
    }
    await closing
  })

  it('finishes on kept connections and closes them, idle ones too', async () => {
    const { port, listening, arrived, release, raw } = await openSlow()
    const idle = raw('GET /healthz HTTP/1.1\r\nHost: localhost:3000\r\n\r\n')
    const agent = new Agent({ keepAlive: true })
    const get = (path: string) =>
      new Promise<string>((resolve, reject) => {
        request({ agent, host: '127.0.0.1', port, path, headers: host }, async (res) => {
          let text = `${res.headers.connection} `
          for await (const chunk of res) text += chunk
          resolve(text)
        })
          .on('error', reject)
          .end()
      })
    expect(await get('/healthz')).to.match(/^keep-alive/)
    const slow = get('/slow')
    await arrived
    const closing = listening.close()
    release()
    expect(await slow).to.equal('close done')
    await closing
    expect(await idle).to.include('{"status":"ok"}')
    agent.destroy()
  })

  it('still answers while requests keep coming, then refuses connections', async () => {
    const { send, listening } = await openSlow()
    const closing = listening.close()
    for (let n = 0; n < 5; n += 1) {
      const { status, headers } = await send('/healthz')
      expect(status).to.equal(200)
      expect(headers.connection).to.equal('close')
    }
    await closing
    const refused = await send('/healthz').then(
      () => 'accepted',
      (error) => error.code,
    )
    expect(refused).to.equal('ECONNREFUSED')
  })

  it('takes no longer than it must, and closing twice is closing once', async () => {
    const { listening } = await openSlow()
    const started = performance.now()
    await Promise.all([listening.close(), listening.close()])
    expect(performance.now() - started).to.be.below(900)
  })

  it('is over after ten seconds though a request hangs', async function () {
    this.timeout(20_000).slow(25_000)
    if (process.env.QUICK === '1') this.skip()
    const { send, listening, arrived } = await openSlow()
    const hanging = send('/slow').catch((error) => error.code)
    await arrived
    const started = performance.now()
    await listening.close()
    expect(performance.now() - started).to.be.within(9_500, 12_000)
    expect(await hanging).to.equal('ECONNRESET')
  })

  it('works over TLS as well', async () => {
    const tls = makeCertificate()
    const { port, send, listening, arrived, release } = await openSlow({
      issuer: 'https://id.example.com',
      tls,
    })
    const silent = connect(port, '127.0.0.1')
    const silence = new Promise((resolve) => silent.on('close', resolve).on('error', () => {}))
    const slow = send('/slow', { ca: tls.cert })
    await arrived
    const closing = listening.close()
    expect((await send('/readyz', { ca: tls.cert })).status).to.equal(503)
    release()
    expect(await slow).to.include({ status: 200, text: 'done' })
    await closing
    await silence
  })
})

describe('the server', () => {
  afterEach(closeShells)

  it('has time-outs for slow clients', async () => {
    const { listening } = await openShell()
    const { headersTimeout, requestTimeout, keepAliveTimeout } = listening.server as Server
    expect({ headersTimeout, requestTimeout, keepAliveTimeout }).to.deep.equal({
      headersTimeout: 20_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 65_000,
    })
  })

  it('refuses a head of more than 16 KB with 431', async () => {
    const { send, raw } = await openShell()
    expect((await send('/healthz', { headers: { 'x-long': 'a'.repeat(15_000) } })).status).to.equal(200)
    const answer = await raw(
      `GET / HTTP/1.1\r\nHost: localhost:3000\r\nX-Long: ${'a'.repeat(17_000)}\r\n\r\n`,
    )
    expect(answer).to.match(/^HTTP\/1.1 431 /)
  })

  it('refuses a request that two servers would read differently', async () => {
    const { raw } = await openShell()
    const head = 'POST /healthz HTTP/1.1\r\nHost: localhost:3000\r\n'
    for (const smuggled of [
      'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd',
      'Transfer-Encoding: xchunked\r\n\r\n',
      'Content-Length: +4\r\n\r\nabcd',
    ]) {
      expect(await raw(head + smuggled), smuggled).to.match(/^HTTP\/1.1 400 /)
    }
  })

  it('says why it cannot listen', async () => {
    const { port } = await openShell()
    const options = { host: '127.0.0.1', port, tls: undefined, answering: new Set<never>() }
    const refusal = await listen({ ...options, handler: () => {}, onDrain: () => {} }).then(
      () => 'listens',
      (error) => error.code,
    )
    expect(refusal).to.equal('EADDRINUSE')
  })

  it('tells where it listens', async () => {
    const { listening, port } = await openShell()
    expect(listening.url).to.equal(`http://127.0.0.1:${port}`)
  })
})

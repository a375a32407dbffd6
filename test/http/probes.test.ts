import { expect } from 'chai'
import { StoreUnavailableError } from '../../src/storage/storage.ts'
import { closeShells, eventually, openShell } from './open-shell.ts'

describe('what machines ask', () => {
  afterEach(closeShells)

  it('/healthz says that the process is alive, whatever the store does', async () => {
    const { send } = await openShell({ ping: () => new Promise(() => {}) })
    const { status, text } = await send('/healthz')
    expect({ status, text }).to.deep.equal({ status: 200, text: '{"status":"ok"}' })
    expect((await send('/healthz', { method: 'HEAD' })).status).to.equal(200)
    const posted = await send('/healthz', { method: 'POST' })
    expect(posted.status).to.equal(405)
    expect(posted.headers.allow).to.equal('GET, HEAD')
  })

  it('/readyz is green while the store answers', async () => {
    let up = true
    const { send } = await openShell({
      ping: async () => {
        if (!up) throw new StoreUnavailableError()
      },
    })
    expect((await send('/readyz')).status).to.equal(200)
    up = false
    const { status, text } = await send('/readyz')
    expect({ status, text }).to.deep.equal({ status: 503, text: '{"status":"store unavailable"}' })
    up = true
    expect((await send('/readyz')).status).to.equal(200)
  })

  it('/readyz waits a second and no longer, and asks the store once for all who ask', async function () {
    // It waits for real seconds: not in the quick tests.
    if (process.env.QUICK === '1') this.skip()
    let asked = 0
    const { send } = await openShell({
      ping: () => {
        asked += 1
        return new Promise(() => {})
      },
    })
    const started = performance.now()
    const answers = await Promise.all([1, 2, 3].map(() => send('/readyz')))
    expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 503])
    expect(performance.now() - started).to.be.within(900, 2_500)
    expect(asked).to.equal(1)
  })

  it('are told in the log only to those who listen closely', async () => {
    const { send, logs } = await openShell()
    await send('/healthz')
    await eventually(() => logs.length === 1)
    expect(logs[0]).to.include({ level: 20, route: '/healthz' })
  })

  describe('/metrics', () => {
    it('counts requests by route and status, and measures how long they took', async () => {
      const { send } = await openShell({}, ({ router }) => {
        router.get('/people/:id', (ctx) => {
          ctx.status = 204
        })
      })
      await send('/people/1')
      await send('/people/2')
      for (let n = 0; n < 20; n += 1) await send(`/nowhere-${n}`)
      const { headers, text } = await send('/metrics')
      expect(headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8')
      expect(text).to.include('maitred_http_requests_total{route="/people/:id",status="204"} 2')
      expect(text).to.include('maitred_http_requests_total{route="other",status="404"} 20')
      expect(text).to.include('maitred_http_request_duration_seconds_bucket{route="/people/:id",le="+Inf"} 2')
      expect(text).to.match(/maitred_http_request_duration_seconds_sum\{route="\/people\/:id"\} 0\.\d+/)
      expect(text).to.include('nodejs_eventloop_lag_p99_seconds')
      expect(text).to.include('process_resident_memory_bytes')
      expect(text).to.not.include('nowhere')
    })

    it('has no line that a scraper could not read', async () => {
      const { send } = await openShell()
      const lines = (await send('/metrics')).text.split('\n').filter((line) => line && !line.startsWith('#'))
      expect(
        lines.filter(
          (line) => !/^[a-z_0-9]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? (?:[-\d.e+]+|nan)$/i.test(line),
        ),
      )
        .to.deep.equal([])
        .and.to.satisfy(() => lines.length > 20)
    })

    it('is for this machine and the trusted networks, not for those whom a proxy brings', async () => {
      const strangers = { 'x-forwarded-for': '198.51.100.7' }
      const own = await openShell()
      expect((await own.send('/metrics')).status).to.equal(200)
      expect((await own.send('/metrics', { headers: strangers })).status).to.equal(404)
      expect((await own.send('/metrics', { headers: { forwarded: 'for=x' } })).status).to.equal(404)

      const proxied = await openShell({ trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] })
      expect((await proxied.send('/metrics')).status).to.equal(200)
      expect((await proxied.send('/metrics', { headers: strangers })).status).to.equal(404)
      expect(
        (await proxied.send('/metrics', { headers: { 'x-forwarded-for': '10.1.1.1' } })).status,
      ).to.equal(200)
    })
  })
})

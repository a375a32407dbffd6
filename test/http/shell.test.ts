import { expect } from 'chai'
import { requestState } from '../../src/http/http.ts'
import { closeShells, eventually, openShell } from './open-shell.ts'

const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36'

describe('the shell', () => {
  afterEach(closeShells)

  describe('a request', () => {
    it('has an id of its own and takes over none', async () => {
      const { send } = await openShell({}, ({ router }) => {
        router.get('/', (ctx) => {
          ctx.body = requestState(ctx).id
        })
      })
      const first = await send('/', { headers: { 'x-request-id': 'mine' } })
      const second = await send('/')
      expect(first.headers['x-request-id']).to.match(/^[\da-f-]{36}$/)
      expect(first.text).to.equal(first.headers['x-request-id'])
      expect(second.text).to.not.equal(first.text)
    })

    it('knows its device, language and time', async () => {
      const { send } = await openShell({}, ({ router }) => {
        router.get('/', (ctx) => {
          const state = requestState(ctx)
          const { device, language, userAgent, secure, ip, now } = state
          const same = requestState({ req: ctx.req }) === state
          ctx.body = { device, language, userAgent, secure, ip, now, same, text: state.t('common.save') }
        })
      })
      const german = JSON.parse(
        (await send('/', { headers: { 'user-agent': chrome, 'accept-language': 'de-AT, en;q=0.5' } })).text,
      )
      expect(german).to.include({
        device: 'Chrome on Windows',
        language: 'de',
        text: 'Speichern',
        same: true,
      })
      expect(german).to.include({ userAgent: chrome, secure: false, ip: '127.0.0.1' })
      expect(Date.parse(german.now)).to.be.closeTo(Date.now(), 5_000)

      const asked = JSON.parse(
        (await send('/?ui_locales=en-GB', { headers: { 'accept-language': 'de' } })).text,
      )
      expect(asked).to.include({ language: 'en', device: '', userAgent: '' })
    })

    it('keeps no more than 300 characters of a user agent', async () => {
      const { send } = await openShell({}, ({ router }) => {
        router.get('/', (ctx) => {
          ctx.body = { agent: requestState(ctx).userAgent, device: requestState(ctx).device }
        })
      })
      const { text } = await send('/', { headers: { 'user-agent': '('.repeat(8_000) } })
      expect(JSON.parse(text).agent).to.have.length(300)
    })
  })

  describe('the log', () => {
    it('has one line for a request: method, pattern, status, time and id, without query or secrets', async () => {
      const { send, logs } = await openShell({}, ({ router }) => {
        router.post('/reset/:token', (ctx) => {
          requestState(ctx).log.info('a line of its own')
          ctx.status = 204
        })
      })
      const { headers } = await send('/reset/s3cret-in-path?code=s3cret-in-query', {
        method: 'POST',
        body: 's3cret-in-body',
        headers: {
          cookie: 'a=s3cret-cookie',
          authorization: 'Bearer s3cret-token',
          referer: 'https://x/s3cret',
        },
      })
      await eventually(() => logs.length === 2)
      expect(logs[0]).to.include({ msg: 'a line of its own', request: headers['x-request-id'] })
      expect(logs[1]).to.include({ msg: 'request', method: 'POST', route: '/reset/:token', status: 204 })
      expect(logs[1]?.request).to.equal(headers['x-request-id'])
      expect(logs[1]?.ms).to.be.a('number').within(0, 2_000)
      expect(JSON.stringify(logs)).to.not.include('s3cret')
    })

    it('cannot be broken into lines by a path, and keeps it short', async () => {
      const { send, logs } = await openShell()
      await send('/%0A%7B%22level%22:60%7D%0d%0a?secret=1')
      await send(`/${'a'.repeat(5_000)}`)
      await eventually(() => logs.filter(({ msg }) => msg === 'request').length === 2)
      const routes = logs.filter(({ msg }) => msg === 'request').map(({ route }) => route)
      expect(routes[0]).to.equal('/%0A%7B%22level%22:60%7D%0d%0a')
      expect(routes[1]).to.have.length(200)
    })

    it('tells of a client that went away', async () => {
      const arrived = Promise.withResolvers<void>()
      const { raw, logs, listening } = await openShell({}, ({ router }) => {
        router.get('/slow', () => {
          arrived.resolve()
          return new Promise(() => {})
        })
      })
      const broken = raw('GET /slow HTTP/1.1\r\nHost: localhost:3000\r\n\r\n')
      await arrived.promise
      listening.server.closeAllConnections()
      await broken
      await eventually(() => logs.length === 1)
      expect(logs[0]).to.include({ msg: 'request', route: '/slow', aborted: true })
    })
  })

  describe('methods', () => {
    const open = () =>
      openShell({}, ({ router }) => {
        router.get('/page', (ctx) => {
          ctx.body = 'the page'
        })
        router.post('/page', (ctx) => {
          ctx.body = 'posted'
        })
        router.get('/other', (ctx) => {
          ctx.body = 'other'
        })
      })

    it('answer HEAD as GET without its body', async () => {
      const { status, headers, text } = await (await open()).send('/page', { method: 'HEAD' })
      expect({ status, text }).to.deep.equal({ status: 200, text: '' })
      expect(headers['content-length']).to.equal('8')
    })

    it('are told by OPTIONS', async () => {
      const { send } = await open()
      const { status, headers } = await send('/page', { method: 'OPTIONS' })
      expect(status).to.equal(204)
      expect(headers.allow).to.equal('HEAD, GET, POST, OPTIONS')
      expect((await send('*', { method: 'OPTIONS' })).status).to.equal(204)
    })

    it('are refused with 405 where another one is known', async () => {
      const { send } = await open()
      for (const method of ['PUT', 'DELETE', 'PATCH', 'TRACE']) {
        const { status, headers } = await send('/page', { method })
        expect(status, method).to.equal(405)
        expect(headers.allow).to.equal('HEAD, GET, POST, OPTIONS')
      }
      expect((await send('/other', { method: 'POST', body: 'x=1' })).status).to.equal(405)
    })

    it('are 404 where nothing is', async () => {
      const { send } = await open()
      for (const method of ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE']) {
        expect((await send('/nowhere', { method })).status, method).to.equal(404)
      }
    })
  })

  it('finds routes whatever their first segment is', async () => {
    const { send, shell } = await openShell({}, ({ router }) => {
      router.get('/a/:id', (ctx) => {
        ctx.body = `a ${ctx.params.id}`
      })
      router.use('/a', (ctx, next) => {
        ctx.set('X-Seen', '1')
        return next()
      })
    })
    expect((await send('/a/1')).text).to.equal('a 1')
    expect((await send('/A/1')).text).to.equal('a 1')
    expect((await send('/b/1')).status).to.equal(404)
    shell.router.get('/b/:id', (ctx) => {
      ctx.body = 'b'
    })
    expect((await send('/b/1')).text).to.equal('b')
    shell.router.get(/^\/c.$/, (ctx) => {
      ctx.body = 'c'
    })
    expect((await send('/cc')).text).to.equal('c')
    expect((await send('/d/1')).status).to.equal(404)
  })
})

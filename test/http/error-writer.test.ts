import { join } from 'node:path'
import { expect } from 'chai'
import { MaitredError } from '../../src/errors.ts'
import { closeShells, openShell } from './open-shell.ts'

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }
const referenceShape = /[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}/

const throwing = (error: unknown, before?: (ctx: { set(name: string, value: string): void }) => void) =>
  openShell({}, ({ router }) => {
    router.all('/', (ctx) => {
      before?.(ctx)
      throw error
    })
  })

describe('the error writer', () => {
  afterEach(closeShells)

  it('answers a browser with a page in its language and a reference', async () => {
    const { send } = await throwing(new MaitredError('expired'))
    const { status, headers, text } = await send('/', { headers: { ...browser, 'accept-language': 'de' } })
    expect(status).to.equal(410)
    expect(headers['content-type']).to.equal('text/html; charset=utf-8')
    expect(text).to.include('<html lang="de">').and.to.match(referenceShape)
    expect(text).to.include('data-brand="Bella Napoli"')
    expect(headers).to.not.have.property('set-cookie')
  })

  it('answers a program with problem details (RFC 9457)', async () => {
    const { send, logs } = await throwing(new MaitredError('expired'))
    for (const accept of ['application/json', '*/*', 'image/png', undefined]) {
      const { status, headers, text } = await send('/', { headers: accept === undefined ? {} : { accept } })
      expect(headers['content-type']).to.equal('application/problem+json')
      const { reference, ...problem } = JSON.parse(text)
      expect(problem).to.deep.equal({
        type: 'urn:maitred:error:expired',
        title: 'This link no longer works',
        status,
        detail: 'It was used already, or too much time has passed. Ask for a new one.',
        code: 'expired',
      })
      expect(reference).to.match(referenceShape)
      expect(logs.find((line) => line.reference === reference)).to.include({ level: 30, code: 'expired' })
    }
  })

  it('tells the cause to the log and to nobody else', async () => {
    const cause = new Error('connection to 10.0.0.5 refused', { cause: new Error('the root of it') })
    const { send, logs } = await throwing(new MaitredError('internal', { cause }))
    for (const headers of [browser, {}]) {
      const { status, text } = await send('/', { headers })
      expect(status).to.equal(500)
      expect(text).to.not.match(/10\.0\.0\.5|root of it|at .*\.ts/)
      const [reference] = referenceShape.exec(text) ?? []
      const line = logs.find((candidate) => candidate.reference === reference)
      expect(line).to.include({ level: 50, code: 'internal' })
      expect(JSON.stringify(line)).to.include('10.0.0.5').and.to.include('the root of it')
    }
  })

  for (const [what, thrown, status] of [
    ['an unexpected error', new TypeError('x is undefined'), 500],
    ['a text', 'a text', 500],
    ['nothing', undefined, 500],
    ['null', null, 500],
    ['an error with a client’s status', Object.assign(new Error('no'), { status: 415, expose: true }), 415],
    ['an error with a status nobody catalogued', Object.assign(new Error('no'), { status: 418 }), 400],
    ['an error with a strange status', Object.assign(new Error('no'), { status: 200 }), 500],
  ] as const) {
    it(`makes ${what} a ${status}`, async () => {
      const { send } = await throwing(thrown)
      const answer = await send('/')
      expect(answer.status).to.equal(status)
      expect(JSON.parse(answer.text).status).to.equal(status)
    })
  }

  it('says when to come back', async () => {
    const { send } = await throwing(new MaitredError('too_many_requests', { retryAfter: 12.3 }))
    const { status, headers } = await send('/')
    expect(status).to.equal(429)
    expect(headers['retry-after']).to.equal('13')
  })

  it('makes an invalid form that no page showed a 422 with its fields', async () => {
    const error = new MaitredError('invalid_form', {
      fields: { password: 'error.password.tooShort', email: 'error.field.email' },
      params: { min: 15 },
    })
    const { status, text } = await (await throwing(error)).send('/')
    expect(status).to.equal(422)
    expect(JSON.parse(text).fields).to.deep.equal({
      password: 'Use at least 15 characters.',
      email: 'Enter an address like name@example.com.',
    })
  })

  it('names how to authenticate on a 401', async () => {
    const { headers } = await (await throwing(new MaitredError('unauthenticated'))).send('/')
    expect(headers['www-authenticate']).to.equal('Bearer realm="http://localhost:3000"')
    const own = await throwing(new MaitredError('unauthenticated'), (ctx) =>
      ctx.set('WWW-Authenticate', 'DPoP'),
    )
    expect((await own.send('/')).headers['www-authenticate']).to.equal('DPoP')
  })

  it('drops what the handler had begun to say of its body', async () => {
    const { send } = await throwing(new MaitredError('conflict'), (ctx) => {
      ctx.set('Content-Type', 'image/png')
      ctx.set('Content-Length', '99999')
      ctx.set('Content-Encoding', 'gzip')
      ctx.set('ETag', '"x"')
      ctx.set('Location', '/elsewhere')
      ctx.set('Cache-Control', 'public')
    })
    const { headers, text } = await send('/')
    expect(JSON.parse(text).code).to.equal('conflict')
    expect(headers).to.include({ 'cache-control': 'no-store', 'content-type': 'application/problem+json' })
    expect(headers).to.not.have.any.keys('content-encoding', 'etag', 'location')
  })

  it('answers HEAD without a body', async () => {
    const { status, text } = await (await throwing(new MaitredError('conflict'))).send('/', {
      method: 'HEAD',
    })
    expect({ status, text }).to.deep.equal({ status: 409, text: '' })
  })

  it('still tells the reference when the page for errors is broken', async () => {
    const { send, logs } = await openShell({ views: join(import.meta.dirname, 'assets') })
    const { status, text } = await send('/nowhere', { headers: browser })
    expect(status).to.equal(404)
    const [reference] = referenceShape.exec(text) ?? []
    expect(logs.find(({ msg }) => msg === 'the error page failed')).to.include({ reference })
  })

  it('makes a template’s fault a 500', async () => {
    const { send } = await openShell({}, ({ router, page }) => {
      router.get('/', (ctx) => page(ctx, 'broken', { title: 'x' }))
      router.get('/escape', (ctx) => page(ctx, '../../../package', { title: 'x' }))
    })
    expect((await send('/')).status).to.equal(500)
    expect((await send('/escape')).status).to.equal(500)
  })

  it('cuts an answer that fails half way, so that it never looks whole', async () => {
    const { raw } = await openShell({}, ({ router }) => {
      router.get('/', async (ctx) => {
        ctx.respond = false
        ctx.res.statusCode = 200
        ctx.res.write('half')
        throw new Error('the other half failed')
      })
    })
    const answer = await raw('GET / HTTP/1.1\r\nHost: localhost:3000\r\n\r\n')
    expect(answer).to.not.include('0\r\n\r\n')
  })

  it('answers through a given way back', async () => {
    const { send } = await openShell({}, ({ router, fail }) => {
      router.get('/', (ctx) => fail(ctx, new MaitredError('not_found'), 'https://app.example/'))
    })
    const { status, text } = await send('/', { headers: browser })
    expect(status).to.equal(404)
    expect(text).to.include('href="https://app.example/"')
  })
})

import { expect } from 'chai'
import type { Context } from 'koa'
import { z } from 'zod'
import { MaitredError } from '../../src/errors.ts'
import { formProblem, readForm, readJson } from '../../src/http/http.ts'
import { getToken } from './browser.ts'
import { closeShells, eventually, type Open, openShell } from './open-shell.ts'

const person = z.object({
  name: z.string().min(1, 'error.field.required').max(20),
  email: z.string().includes('@', 'error.field.email'),
  password: z.string().optional(),
})

describe('RF-2 a form on the server', () => {
  let shell: Open
  let cookie: string
  let token: string

  beforeEach(async () => {
    shell = await openShell({}, ({ router, page }) => {
      router.get('/', (ctx) => page(ctx, 'form', { title: 'A form' }))
      router.post('/', async (ctx) => {
        ctx.body = await readForm(ctx, person)
      })
      router.post('/page', async (ctx) => {
        try {
          ctx.body = await readForm(ctx, person)
        } catch (error) {
          if (!(error instanceof MaitredError) || error.code !== 'invalid_form') throw error
          await page(ctx, 'form', { title: 'A form', ...formProblem(ctx, error) }, error.status)
        }
      })
      router.post('/transformed', async (ctx) => {
        const schema = person.transform(({ name }) => name.length)
        ctx.body = { length: await readForm(ctx, schema) }
      })
    })
    ;({ cookie, token } = await getToken(shell, '/'))
  })
  afterEach(closeShells)

  const type = 'application/x-www-form-urlencoded'
  function post(body: string | Buffer, path = '/', headers: Record<string, string> = {}) {
    const whole = Buffer.concat([Buffer.from(`_csrf=${token}&`), Buffer.from(body)])
    return shell.send(path, {
      method: 'POST',
      body: whole,
      headers: { 'content-type': type, cookie, ...headers },
    })
  }
  async function refusal(body: string | Buffer, headers?: Record<string, string>) {
    const { status, text } = await post(body, '/', headers)
    return `${status} ${JSON.parse(text).code}`
  }

  it('is read', async () => {
    const { status, text } = await post('name=Ada+Rossi&email=ada%40x.y')
    expect(status).to.equal(200)
    expect(JSON.parse(text)).to.deep.equal({ name: 'Ada Rossi', email: 'ada@x.y' })
    const parameters = await post('name=A&email=%40', '/', { 'content-type': `${type}; charset=UTF-8` })
    expect(parameters.status).to.equal(200)
    expect(JSON.parse((await post('name=Ada&email=%40', '/transformed')).text)).to.deep.equal({ length: 3 })
  })

  it('says beside each field what is wrong with it', async () => {
    const { status, text } = await post('name=&email=ada', '/', { 'accept-language': 'de' })
    expect(status).to.equal(422)
    expect(Object.keys(JSON.parse(text).fields)).to.deep.equal(['name', 'email'])
    const missing = JSON.parse((await post('name=A')).text)
    expect(missing.fields).to.deep.equal({ email: 'Please fill this in.' })
    const long = JSON.parse((await post(`name=${'a'.repeat(21)}&email=%40`)).text)
    expect(long.fields).to.deep.equal({ name: 'This is too long.' })
  })

  it('is shown again with what was typed, but for secrets', async () => {
    const { status, text } = await post('name=%3Cscript%3E&email=ada&password=s3cret', '/page')
    expect(status).to.equal(422)
    expect(text).to.include('value="&lt;script&gt;"').and.not.include('s3cret')
    const empty = await post('name=&email=%40', '/page')
    expect(empty.text).to.include('<p class="wrong">Please fill this in.</p>')
  })

  for (const [what, body, expected] of [
    ['an unknown field', 'name=A&email=%40&role=admin', '400 bad_request'],
    ['a repeated field', 'name=A&name=B&email=%40', '400 bad_request'],
    ['a repeated token', '_csrf=x&name=A&email=%40', '400 bad_request'],
    ['a field named as an array', 'name[]=A&email=%40', '400 bad_request'],
    ['an operator', 'name[$ne]=A&email=%40', '400 bad_request'],
    ['__proto__', '__proto__=x&name=A&email=%40', '400 bad_request'],
    ['constructor', 'constructor=x&name=A&email=%40', '400 bad_request'],
    ['a NUL', 'name=A%00&email=%40', '400 bad_request'],
    ['a NUL in a name', 'name%00=A&email=%40', '400 bad_request'],
    ['broken UTF-8 by escapes', 'name=%ff&email=%40', '400 bad_request'],
    ['an overlong form', 'name=%c0%80&email=%40', '400 bad_request'],
    ['a surrogate', 'name=%ed%a0%80&email=%40', '400 bad_request'],
    ['broken UTF-8 in bytes', Buffer.from('name=\xff&email=%40', 'latin1'), '400 bad_request'],
    ['a broken escape', 'name=%4&email=%40', '400 bad_request'],
    ['too many fields', 'x=1&'.repeat(1_001), '400 bad_request'],
    ['more than 64 KB', `name=${'a'.repeat(70_000)}`, '413 too_large'],
    ['1 MB', `name=${'a'.repeat(1_000_000)}`, '413 too_large'],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      expect(await refusal(body)).to.equal(expected)
    })
  }

  it('is refused as another type', async () => {
    for (const other of ['application/json', 'multipart/form-data; boundary=x', 'text/plain', '']) {
      expect(await refusal('{}', { 'content-type': other }), other).to.equal('415 unsupported_media_type')
    }
  })

  it('of 1 MB in chunks is refused, and the connection goes on', async () => {
    const { raw } = shell
    const chunk = `10000\r\n${'a'.repeat(65_536)}\r\n`
    const head = `POST / HTTP/1.1\r\nHost: localhost:3000\r\nContent-Type: ${type}\r\nCookie: ${cookie}\r\n`
    const second = 'GET /healthz HTTP/1.1\r\nHost: localhost:3000\r\nConnection: close\r\n\r\n'
    const answer = await raw(`${head}Transfer-Encoding: chunked\r\n\r\n${chunk.repeat(16)}0\r\n\r\n${second}`)
    expect(answer)
      .to.match(/^HTTP\/1.1 413 /)
      .and.to.include('{"status":"ok"}')
  })

  it('that breaks off is nobody’s failure', async () => {
    const { connect } = await import('node:net')
    const socket = connect(shell.port, '127.0.0.1')
    socket.write(`POST / HTTP/1.1\r\nHost: localhost:3000\r\nContent-Type: ${type}\r\nCookie: ${cookie}\r\n`)
    socket.write('Content-Length: 100\r\n\r\nname=A')
    setTimeout(() => socket.destroy(), 30)
    await eventually(() => shell.logs.some(({ route, method }) => route === '/' && method === 'POST'))
    expect(shell.logs.filter(({ level }) => Number(level) >= 50)).to.deep.equal([])
  })
})

describe('RF-2 a JSON body', () => {
  afterEach(closeShells)
  const schema = z.object({
    name: z.string().min(1, 'error.field.required'),
    tags: z.array(z.string()).optional(),
  })

  async function post(body: string | Buffer, type = 'application/json') {
    const { send } = await openShell({}, ({ router }) => {
      router.post('/', async (ctx: Context) => {
        ctx.body = await readJson(ctx, schema)
      })
    })
    const { status, text } = await send('/', { method: 'POST', body, headers: { 'content-type': type } })
    const { code, ...rest } = JSON.parse(text)
    return code ? `${status} ${code}` : { status, ...rest }
  }

  it('is read', async () => {
    expect(await post('{"name":"Ada \\u263a","tags":["a"]}')).to.deep.equal({
      status: 200,
      name: 'Ada ☺',
      tags: ['a'],
    })
    expect(await post('{"name":"a\\\\u0000{[\\"name\\":"}', 'Application/JSON; charset=utf-8')).to.include({
      name: 'a\\u0000{["name":',
    })
  })

  for (const [what, body, expected] of [
    ['no JSON', '{"name":', '400 bad_request'],
    ['nothing', '', '400 bad_request'],
    ['a list', '["name"]', '400 bad_request'],
    ['a text', '"name"', '400 bad_request'],
    ['null', 'null', '400 bad_request'],
    ['a wrong type', '{"name":{"$ne":""}}', '422 invalid_form'],
    ['an unknown field', '{"name":"A","role":"admin"}', '422 invalid_form'],
    ['a repeated field', '{"name":"A","name":"B"}', '400 bad_request'],
    ['a repeated field in disguise', '{"name":"A","n\\u0061me":"B"}', '400 bad_request'],
    ['a repeated field deep within', '{"name":"A","tags":[{"x":1,"x":2}]}', '400 bad_request'],
    ['__proto__', '{"name":"A","__proto__":{"admin":true}}', '400 bad_request'],
    ['constructor deep within', '{"name":"A","tags":[{"constructor":1}]}', '400 bad_request'],
    ['a NUL', '{"name":"A\\u0000"}', '400 bad_request'],
    ['broken UTF-8', Buffer.from('{"name":"\xff"}', 'latin1'), '400 bad_request'],
    ['21 levels', `{"name":"A","tags":${'['.repeat(20)}${']'.repeat(20)}}`, '400 bad_request'],
    ['50,000 levels', '['.repeat(50_000), '400 bad_request'],
    ['too many fields', `{${Array.from({ length: 1_001 }, (_, n) => `"f${n}":1`)}}`, '400 bad_request'],
    ['1 MB', `{"name":"${'a'.repeat(1_000_000)}"}`, '413 too_large'],
  ] as const) {
    it(`is refused with ${what}`, async () => {
      expect(await post(body)).to.equal(expected)
    })
  }

  it('is refused as another type', async () => {
    expect(await post('{"name":"A"}', 'text/plain')).to.equal('415 unsupported_media_type')
    expect(await post('{"name":"A"}', 'application/x-www-form-urlencoded')).to.equal(
      '415 unsupported_media_type',
    )
  })

  it('never quotes what it could not read', async () => {
    const { send, logs } = await openShell({}, ({ router }) => {
      router.post('/', async (ctx) => {
        ctx.body = await readJson(ctx, schema)
      })
    })
    const body = '{"password": s3cret}'
    const { text } = await send('/', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(text + JSON.stringify(logs)).to.not.include('s3cret')
  })
})

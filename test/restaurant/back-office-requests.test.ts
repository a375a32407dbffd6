import { connect } from 'node:net'
import { expect } from 'chai'
import { type BackOfficeHouse, openBackOffice } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'

for (const engine of engines()) {
  describe(`SB-2 RF-5 requests to the back office (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse
    let call: BackOfficeHouse['call']
    const lines: Record<string, unknown>[] = []
    const log = (o: object) => void lines.push(o as Record<string, unknown>)

    before(async () => {
      house = await openBackOffice(engine, { log: { info: log, warn: log, error: log } })
      call = house.call
    })
    after(() => house?.stop())

    const guest = { firstName: 'Ugo', lastName: 'Tognazzi' }

    async function newGuest(): Promise<string> {
      return `/customers/${(await call('ada', 'POST', '/customers', { body: guest })).body.id}`
    }

    it('name every field that is not right', async () => {
      const body = { firstName: ' ', email: 'nobody', phone: 7, colour: 'red' }
      const answer = await call('ada', 'POST', '/customers', { body })
      expect(answer.status).to.equal(422)
      expect(answer.headers.get('content-type')).to.equal('application/problem+json')
      expect(answer.body).to.include({ type: 'about:blank', status: 422 })
      const fields = answer.body.errors.map(({ field }: { field: string }) => field)
      expect(fields).to.have.members(['firstName', 'lastName', 'email', 'phone', 'colour'])
      const missing = answer.body.errors.find(({ field }: { field: string }) => field === 'lastName')
      expect(missing.message).to.equal('is missing')
    })

    it('say which version they change', async () => {
      const path = await newGuest()
      for (const method of ['PATCH', 'DELETE']) {
        const body = method === 'PATCH' ? { body: { note: 'By the window' } } : {}
        expect((await call('ada', method, path, body)).status).to.equal(428)
        for (const tag of ['"7"', 'W/"1"', '1'])
          expect(
            (await call('ada', method, path, { ...body, headers: { 'If-Match': tag } })).status,
          ).to.equal(412)
      }
      const both = { body: { note: 'By the window' }, headers: { 'If-Match': '"9", "1"' } }
      expect((await call('ada', 'PATCH', path, both)).status).to.equal(200)
    })

    it('change a version once', async () => {
      const path = await newGuest()
      const tries = await Promise.all(
        ['a', 'b', 'c', 'd'].map((note) =>
          call('ada', 'PATCH', path, { body: { note }, headers: { 'If-Match': '"1"' } }),
        ),
      )
      expect(tries.map(({ status }) => status).sort()).to.deep.equal([200, 412, 412, 412])
      const winner = tries.find(({ status }) => status === 200)
      expect((await call('ada', 'GET', path)).body).to.deep.equal(winner?.body)
    })

    it('are answered 409 when an email is taken, naming it', async () => {
      const body = { email: 'ROSA@bella-napoli.example', firstName: 'R', lastName: 'B', job: 'chef' }
      const made = await call('ada', 'POST', '/staff', { body })
      expect([made.status, made.body.errors[0].field]).to.deep.equal([409, 'email'])
      const patch = { body: { email: 'rosa@bella-napoli.example' }, headers: { 'If-Match': '*' } }
      expect((await call('ada', 'PATCH', '/staff/staff-carla', patch)).status).to.equal(409)
    })

    it('lock nobody out by their own hand', async () => {
      const headers = { 'If-Match': '*' }
      const patch = { body: { active: false }, headers }
      expect((await call('ada', 'PATCH', '/staff/staff-ada', patch)).status).to.equal(409)
      expect((await call('ada', 'DELETE', '/staff/staff-ada', { headers })).status).to.equal(409)
    })

    const bodies: [string, number, BodyInit, Record<string, string>][] = [
      ['no JSON', 400, '{"firstName":', {}],
      ['an empty body', 400, '', {}],
      ['broken UTF-8', 400, new Uint8Array([0x22, 0xff, 0x22]), {}],
      ['another type', 415, 'firstName=Ugo', { 'Content-Type': 'application/x-www-form-urlencoded' }],
      ['more than 64 KiB', 413, JSON.stringify({ note: 'x'.repeat(70_000) }), {}],
      ['a list', 422, '[]', {}],
      ['a key that is no field', 422, '{"__proto__":{"admin":true},"firstName":"U","lastName":"T"}', {}],
      ['a control character', 422, '{"firstName":"U\\u0000","lastName":"T"}', {}],
      ['half a character', 422, '{"firstName":"\\ud800","lastName":"T"}', {}],
    ]
    for (const [what, status, body, headers] of bodies)
      it(`refuse ${what} with ${status}`, async () => {
        const Authorization = `Bearer ${await house.token('ada')}`
        const answer = await fetch(`${house.backOffice.url}/api/customers`, {
          method: 'POST',
          headers: { Authorization, 'Content-Type': 'application/json', ...headers },
          body,
        })
        expect([answer.status, (await answer.json()).status]).to.deep.equal([status, status])
      })

    it('take a merge patch, which can take a field away', async () => {
      const path = await newGuest()
      const headers = { 'If-Match': '*', 'Content-Type': 'application/merge-patch+json' }
      await call('ada', 'PATCH', path, { body: { note: 'x', phone: '+39 081 555' }, headers })
      const after = await call('ada', 'PATCH', path, { body: { note: null }, headers })
      expect(after.body).to.include({ phone: '+39 081 555' }).and.not.have.property('note')
      expect((await call('ada', 'PATCH', path, { body: { lastName: null }, headers })).status).to.equal(422)
    })

    it('are told which methods there are', async () => {
      for (const method of ['PUT', 'DELETE', 'TRACE', 'PROPFIND'] as const) {
        const [status, allow] = await rawStatus(method, '/api/staff')
        expect([status, allow], method).to.deep.equal([405, 'GET, HEAD, POST'])
      }
      const options = await call(undefined, 'OPTIONS', '/staff')
      expect([options.status, options.headers.get('allow')]).to.deep.equal([204, 'GET, HEAD, POST'])
      expect((await call('ada', 'HEAD', '/staff')).status).to.equal(200)
    })

    for (const path of ['', '/', '/nothing', '/staff/', '/staff/a/b', '/staff/%E0%A4', '/Staff'])
      it(`find nothing at ${path || 'the root'}`, async () => {
        const answer = await call('ada', 'GET', path)
        expect(answer.status).to.be.oneOf([400, 404])
        expect(answer.headers.get('content-type')).to.equal('application/problem+json')
      })

    it('leave a line in the log under their id, without names and secrets', async () => {
      lines.length = 0
      const headers = { 'X-Request-Id': 'table-7.evening' }
      const answer = await call('ada', 'GET', '/customers?q=tognazzi', { headers })
      expect(answer.headers.get('x-request-id')).to.equal('table-7.evening')
      const line = lines.find(({ requestId }) => requestId === 'table-7.evening')
      expect(line).to.include({ method: 'GET', route: '/api/customers', status: 200 })
      expect(JSON.stringify(lines)).to.not.match(/tognazzi|eyJ/i)
      const odd = await call('ada', 'GET', '/me', { headers: { 'X-Request-Id': 'a "quoted" one' } })
      expect(odd.headers.get('x-request-id')).to.match(/^[0-9a-f-]{36}$/)
    })

    /** By hand: `fetch` knows no TRACE. */
    async function rawStatus(method: string, path: string): Promise<[number, string]> {
      const socket = connect(Number(new URL(house.backOffice.url).port), '127.0.0.1')
      socket.end(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
      let text = ''
      for await (const chunk of socket.setEncoding('utf8')) text += chunk
      return [Number(text.split(' ')[1]), /^allow: (.*)$/im.exec(text)?.[1] ?? '']
    }
  })
}

import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { generateSecret, generateSync } from 'otplib'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { hashOf } from '../support/remembered-hashes.ts'
import { API, CALLBACK, type Cast, PASSWORD, seedRestaurant } from '../support/restaurant.ts'

const TILL = 'https://till.example'

for (const engine of engines()) {
  describe(`RF-3 RF-4 POST /login for first-party applications (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast
    let secret: string

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
      const shared = { redirectUris: [CALLBACK], api: API, firstParty: true, login: true }
      await app.applications.put(
        { _id: 'till', name: 'Till', origins: ['https://till.example'], ...shared },
        'test',
      )
      secret = await app.applications.newSecret('till', 'test')
    })
    after(() => app?.stop())

    const ada = { identifier: 'ada@example.com', password: PASSWORD }

    function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
      const basic = { authorization: `Basic ${Buffer.from(`till:${secret}`).toString('base64')}` }
      return fetch(app.url + path, {
        method: 'POST',
        body: JSON.stringify(body),
        headers: {
          'content-type': 'application/json',
          ...('authorization' in headers ? {} : basic),
          ...headers,
        },
      })
    }

    it('answers with a JWT of the person and their roles', async () => {
      const response = await post('/login', ada)
      expect(response.status).to.equal(200)
      const { access_token } = (await response.json()) as { access_token: string }
      expect(decodeJwt(access_token)).to.deep.include({ sub: cast.person.id, roles: ['waiter'], aud: API })
      expect(decodeJwt(access_token)).to.include.keys('iat', 'exp')
      expect(response.headers.getSetCookie().join()).not.to.include('access')
    })

    it('sets a cookie when asked for, and ends both at /logout', async () => {
      const response = await post('/login', { ...ada, cookie: true })
      const cookie = response.headers.getSetCookie().find((line) => line.includes('access')) ?? ''
      expect(cookie)
        .to.match(/HttpOnly/i)
        .and.match(/SameSite=Lax/i)
      const { access_token } = (await response.json()) as { access_token: string }
      const left = await post('/logout', {}, { authorization: '', cookie: cookie.split(';')[0] ?? '' })
      expect(left.status).to.equal(204)
      expect((await post('/login', {}, { authorization: `Bearer ${access_token}` })).status).to.equal(401)
    })

    it('accepts a bearer that holds, and refuses every other', async () => {
      const { access_token } = (await (await post('/login', ada)).json()) as { access_token: string }
      const again = await post('/login', {}, { authorization: `Bearer ${access_token}` })
      expect([again.status, ((await again.json()) as { access_token: string }).access_token]).to.deep.equal([
        200,
        access_token,
      ])
      for (const wrong of [`${access_token.slice(0, -8)}AAAAAAAA`, 'x.y.z', '', 'Bearer']) {
        expect((await post('/login', ada, { authorization: `Bearer ${wrong}` })).status).to.equal(401)
      }
    })

    it('knows people by user name and phone number, too', async () => {
      await app.accounts.create({
        email: 'una@example.com',
        emailVerified: true,
        username: 'una',
        phone: '+390815517123',
        passwordHash: await hashOf(PASSWORD),
      })
      for (const identifier of ['UNA', '+39 081 551 7123', 'Una@Example.com']) {
        expect((await post('/login', { identifier, password: PASSWORD })).status, identifier).to.equal(200)
      }
    })

    it('answers the same to a wrong password and an unknown person', async () => {
      const [wrong, unknown] = await Promise.all([
        post('/login', { ...ada, password: 'not the password at all' }),
        post('/login', { identifier: 'nobody@example.com', password: 'not the password at all' }),
      ])
      expect([wrong.status, unknown.status]).to.deep.equal([401, 401])
      const strip = async (response: Response) => ({ ...((await response.json()) as object), reference: '' })
      expect(await strip(wrong)).to.deep.equal(await strip(unknown))
    })

    it('asks for the second factor, and never without it', async () => {
      const totp = generateSecret()
      await app.desiredState.apply(
        (await import('../../src/admin/admin.ts')).readDocument(
          `people:\n  - email: otto@example.com\n    password: ${PASSWORD}\n    totp: ${totp}\n`,
        ),
      )
      const asked = await post('/login', { identifier: 'otto@example.com', password: PASSWORD })
      expect(asked.status).to.equal(401)
      const problem = (await asked.json()) as { code: string; mfa_token: string }
      expect(problem.code).to.equal('mfa_required')
      const { mfa_token } = problem
      expect((await post('/login', { mfa_token, code: '000000' })).status).to.equal(422)
      const code = generateSync({ secret: totp })
      const tries = await Promise.all(Array.from({ length: 8 }, () => post('/login', { mfa_token, code })))
      expect(tries.filter(({ status }) => status === 200)).to.have.length(1)
      const tokens = (await tries.find(({ status }) => status === 200)?.json()) as { access_token: string }
      expect(decodeJwt(tokens.access_token).amr).to.include('mfa')
    })

    it('looks at a bearer first, and reads a body only where there is one', async () => {
      const { access_token } = (await (await post('/login', ada)).json()) as { access_token: string }
      const bare = (path: string, token: string, more: RequestInit = {}) =>
        fetch(app.url + path, { method: 'POST', headers: { authorization: `Bearer ${token}` }, ...more })
      const again = await bare('/login', access_token)
      expect([again.status, ((await again.json()) as { access_token: string }).access_token]).to.deep.equal([
        200,
        access_token,
      ])
      for (const path of ['/login', '/logout']) {
        const form = { body: new URLSearchParams({ a: 'b' }) }
        expect((await bare(path, access_token, form)).status, path).to.equal(415)
      }
      for (const path of ['/login', '/logout']) {
        for (const body of [undefined, '{"broken', new URLSearchParams({ a: 'b' })]) {
          const refused = await bare(path, `${access_token}x`, { ...(body !== undefined && { body }) })
          expect([path, refused.status]).to.deep.equal([path, 401])
          expect(refused.headers.get('www-authenticate')).to.match(/^Bearer .*error="invalid_token"/)
        }
      }
      expect((await bare('/logout', access_token)).status).to.equal(204)
      expect((await bare('/login', access_token)).status).to.equal(401)
    })

    it('ends nothing by a cookie alone without JSON, which no page of another site could send', async () => {
      const { headers } = await post('/login', { ...ada, cookie: true })
      const [cookie = ''] =
        headers
          .getSetCookie()
          .find((line) => line.includes('access'))
          ?.split(';') ?? []
      expect((await fetch(`${app.url}/logout`, { method: 'POST', headers: { cookie } })).status).to.equal(415)
      expect((await post('/logout', {}, { authorization: '', cookie })).status).to.equal(204)
    })

    it('names a field that it does not know, and those that it does', async () => {
      const response = await post('/login', { username: 'ada', password: PASSWORD })
      expect(response.status).to.equal(422)
      const { code, fields } = (await response.json()) as { code: string; fields: Record<string, string> }
      expect([code, Object.keys(fields)]).to.deep.equal(['invalid_form', ['username']])
      expect(fields.username).to.include('identifier, password, mfa_token, code, cookie')
    })

    it('says of an application that it is the application that was refused', async () => {
      const credentials = (id: string, word: string) =>
        `Basic ${Buffer.from(`${id}:${word}`).toString('base64')}`
      for (const authorization of [
        credentials('till', 'wrong'),
        credentials('nobody', secret),
        credentials('kitchen', cast.secret),
        credentials('till', '%'),
      ]) {
        const refused = await post('/login', ada, { authorization })
        expect([refused.status, refused.headers.get('www-authenticate')]).to.deep.equal([
          401,
          'Basic realm="POST /login"',
        ])
        const problem = (await refused.json()) as { code: string; detail: string }
        expect(problem.code).to.equal('invalid_client')
        expect(problem.detail).to.include('login: true').and.include('secret')
      }
      const page = await post('/login', ada, { authorization: '', origin: 'https://till.example' })
      expect(((await page.json()) as { code: string }).code).to.equal('invalid_client')
      expect(page.headers.get('www-authenticate')).to.match(/^Bearer/)
      const wrong = await post('/login', { ...ada, password: 'not the password at all' })
      expect(wrong.headers.get('www-authenticate')).to.match(/^Bearer/)
    })

    it('lists each method once', async () => {
      for (const path of ['/login', '/logout']) {
        expect((await fetch(app.url + path)).headers.get('allow'), path).to.equal('POST, OPTIONS')
      }
    })

    it('refuses applications that are not registered for it, and pages of other origins', async () => {
      const kitchen = `Basic ${Buffer.from(`kitchen:${cast.secret}`).toString('base64')}`
      expect((await post('/login', ada, { authorization: kitchen })).status).to.equal(401)
      const page = (origin: string) =>
        post('/login', { ...ada, client_id: 'till' }, { authorization: '', origin })
      expect((await page('https://evil.example')).status).to.equal(401)
      const allowed = await page('https://till.example')
      expect(allowed.status).to.equal(200)
      expect(allowed.headers.get('access-control-allow-origin')).to.equal('https://till.example')
    })
  })

  describe(`RF-3 a bearer that holds costs no store call (${engine.name})`, () => {
    it('and is accepted when there is no store any more', async () => {
      const app = await startApp(engine)
      try {
        await seedRestaurant(app)
        await app.applications.put(
          {
            _id: 'till',
            name: 'Till',
            origins: [TILL],
            kind: 'spa',
            api: API,
            firstParty: true,
            login: true,
          },
          'test',
        )
        const ask = (body: object, headers: Record<string, string> = {}) =>
          fetch(`${app.url}/login`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', origin: TILL, ...headers },
            body: JSON.stringify({ client_id: 'till', ...body }),
          })
        const who = { identifier: 'ada@example.com', password: PASSWORD }
        const { access_token } = (await (await ask(who)).json()) as { access_token: string }
        await app.store.close()
        expect((await ask(who)).status).to.be.at.least(500)
        const again = await ask({}, { authorization: `Bearer ${access_token}` })
        expect([again.status, await again.json()]).to.have.nested.property('[1].access_token', access_token)
        expect(again.status).to.equal(200)
        expect((await ask({}, { authorization: `Bearer ${access_token}x` })).status).to.equal(401)
      } finally {
        await app.stop()
      }
    })
  })

  describe(`RF-4 the token as a cookie of an https issuer (${engine.name})`, () => {
    it('is Secure, HttpOnly and bound to the host', async () => {
      const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'id.example.com' }
      const app = await startApp(engine, {
        env: {
          ISSUER: 'https://id.example.com',
          TRUSTED_PROXIES: '127.0.0.0/8',
        },
      })
      try {
        await seedRestaurant(app)
        await app.applications.put(
          {
            _id: 'till',
            name: 'Till',
            origins: [TILL],
            kind: 'spa',
            api: API,
            firstParty: true,
            login: true,
          },
          'test',
        )
        const response = await fetch(`http://127.0.0.1:${app.config.port}/login`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', origin: TILL, ...forwarded },
          body: JSON.stringify({
            client_id: 'till',
            identifier: 'ada@example.com',
            password: PASSWORD,
            cookie: true,
          }),
        })
        expect(response.status, await response.clone().text()).to.equal(200)
        const { access_token } = (await response.json()) as { access_token: string }
        const [cookie = '', ...others] = response.headers.getSetCookie().filter((line) => /access/.test(line))
        expect(others).to.deep.equal([])
        expect(cookie.split('; ').map((part) => part.replace(/^expires=.*/i, 'expires'))).to.have.members([
          ...[
            `__Host-maitred-access=${access_token}`,
            'path=/',
            'expires',
            'samesite=lax',
            'secure',
            'httponly',
          ],
        ])
      } finally {
        await app.stop()
      }
    })
  })
}

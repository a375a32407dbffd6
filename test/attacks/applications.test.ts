import { expect } from 'chai'
import { decodeJwt } from 'jose'
import type { Application } from '../../src/applications/applications.ts'
import { engines } from '../support/engines.ts'
import { API, CALLBACK } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor } from '../support/visitor.ts'
import {
  ADA,
  authUrl,
  basic,
  codeOf,
  type House,
  login,
  openHouse,
  redeem,
  refresh,
  send,
  token,
  tokensOf,
  userinfo,
} from './house.ts'

const PAYROLL = 'https://payroll.example/'

for (const engine of engines()) {
  describe(`applications under attack (${engine.name})`, () => {
    let house: House

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
      const scopes = ['salaries.read', 'salaries.write'].map((name) => ({ name, description: name }))
      await house.apis.put({ _id: PAYROLL, name: 'Payroll', scopes })
      await house.apis.put({
        _id: `${house.url}/api`,
        name: 'Own',
        scopes: [{ name: 'own', description: '' }],
      })
    })
    after(() => house?.stop())

    const stored = async (id: string): Promise<Application> => {
      const application = await house.applications.get(id)
      if (!application) throw new Error(`no ${id}`)
      return application
    }

    /** RFC 7591; its answer, with the token that manages it. */
    async function register(metadata: object): Promise<Record<string, string>> {
      const { status, json } = await send(house, '/reg', {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await house.oidc.initialAccessToken(60)}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(metadata),
      })
      expect(status, JSON.stringify(json)).to.equal(201)
      return json
    }

    /** RFC 7592 §2.2; each success brings another token to manage it with. */
    async function update(made: Record<string, string>, metadata: object) {
      const answer = await send(house, new URL(String(made.registration_client_uri)).pathname, {
        method: 'PUT',
        headers: {
          authorization: `Bearer ${made.registration_access_token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ client_id: made.client_id, ...metadata }),
      })
      const { registration_access_token } = answer.json
      if (registration_access_token) Object.assign(made, { registration_access_token })
      return answer
    }

    describe('a machine reaches its own API and nothing else', () => {
      const ask = (id: string, secret: string, extra: Record<string, string>) =>
        token(house, { grant_type: 'client_credentials', ...extra }, basic(id, secret))
      const MACHINE = { grant_types: ['client_credentials'], response_types: [], redirect_uris: [] }

      async function machine(_id: string, about: Partial<Application> = {}): Promise<string> {
        await house.applications.put({ _id, name: _id, kind: 'machine', ...about }, 'test')
        return house.applications.newSecret(_id, 'test')
      }

      it('a dynamic registration gets no API, and no scope that nobody listed', async () => {
        const { client_id = '', client_secret = '' } = await register(MACHINE)
        const far = await ask(client_id, client_secret, { resource: PAYROLL, scope: 'salaries.write' })
        expect(far.json).to.include({ error: 'invalid_target' })
        const near = await ask(client_id, client_secret, { scope: 'own' })
        expect(near.json).to.not.have.property('scope')
        expect(decodeJwt(near.json.access_token ?? '')).to.include({ aud: `${house.url}/api` })

        await house.applications.put({ ...(await stored(client_id)), api: PAYROLL }, 'test')
        const unlisted = await ask(client_id, client_secret, { scope: 'salaries.read' })
        expect(unlisted.json).to.not.have.property('scope')
        const listed = { ...(await stored(client_id)), scopes: ['salaries.read'] }
        await house.applications.put(listed, 'test')
        const all = await ask(client_id, client_secret, { scope: 'salaries.read salaries.write' })
        expect(all.json).to.include({ scope: 'salaries.read' })
        expect(decodeJwt(all.json.access_token ?? '')).to.include({ aud: PAYROLL })
      })

      it('one with an API and no list has all of that API, and none of another', async () => {
        const secret = await machine('clerk', { api: PAYROLL })
        const all = await ask('clerk', secret, { scope: 'salaries.read salaries.write' })
        expect(all.json).to.include({ scope: 'salaries.read salaries.write' })
        const far = await ask('clerk', secret, { resource: API, scope: 'bookings.read' })
        expect(far.json).to.include({ error: 'invalid_target' })
      })

      it('one without an API and without a list has nothing', async () => {
        const secret = await machine('drone')
        const far = await ask('drone', secret, { resource: PAYROLL, scope: 'salaries.write' })
        expect(far.json).to.include({ error: 'invalid_target' })
        expect((await ask('drone', secret, { scope: 'own' })).json).to.not.have.property('scope')
      })

      it('a website that is a machine besides has what is listed', async () => {
        const secret = await machine('both', {
          kind: 'web',
          api: PAYROLL,
          redirectUris: [CALLBACK],
          grants: ['authorization_code', 'client_credentials'],
        })
        expect((await ask('both', secret, { scope: 'salaries.read' })).json).to.not.have.property('scope')
        const far = await ask('both', secret, { resource: API })
        expect(far.json).to.include({ error: 'invalid_target' })
      })

      it('nor does a dynamic registration reach further in the name of a person', async () => {
        const made = await register({ redirect_uris: ['https://third.example/cb'] })
        const { visitor } = await codeOf(house)
        const page = await visitor.get(
          authUrl(house, {
            client_id: made.client_id,
            redirect_uri: 'https://third.example/cb',
            resource: PAYROLL,
            scope: 'openid salaries.write',
          }),
        )
        expect(page.leaves).to.include('error=invalid_target')
      })
    })

    describe('a registration that changes itself (RFC 7592)', () => {
      const redirect_uris = ['https://third.example/cb']

      it('keeps what an operator set, and is no first party', async () => {
        const made = await register({ redirect_uris, client_name: 'Third' })
        const id = String(made.client_id)
        expect((await stored(id)).origins).to.deep.equal(['https://third.example'])
        const set = {
          mfa: true,
          api: PAYROLL,
          signUp: 'open',
          signUpRoles: ['waiter'],
          pkce: false,
          requirePar: true,
          dpop: true,
        } as const
        const scopes = ['openid', 'salaries.read']
        const origins = ['https://tools.example']
        await house.applications.put(
          {
            ...(await stored(id)),
            ...set,
            signUpRoles: ['waiter'],
            scopes,
            origins,
            firstParty: true,
            login: true,
          },
          'test',
        )
        const changed = await update(made, {
          redirect_uris: [...redirect_uris, 'https://new.example/cb'],
          client_name: 'Third, again',
        })
        expect(changed.status, changed.text).to.equal(200)
        expect(await stored(id)).to.deep.include({
          name: 'Third, again',
          ...set,
          scopes,
          firstParty: false,
          login: false,
          // The operator took the first one away; what is new comes with its redirect.
          origins: ['https://new.example', 'https://tools.example'],
        })
      })

      it('narrows its scopes and never widens them', async () => {
        const made = await register({ redirect_uris, scope: 'openid email' })
        const wider = await update(made, { redirect_uris, scope: 'openid email phone' })
        expect(wider.json).to.include({ error: 'invalid_client_metadata' })
        expect((await update(made, { redirect_uris, scope: 'openid' })).status).to.equal(200)
        expect((await stored(String(made.client_id))).scopes).to.deep.equal(['openid'])
        expect((await update(made, { redirect_uris })).status).to.equal(200)
        expect((await stored(String(made.client_id))).scopes).to.deep.equal(['openid'])
        const back = await update(made, { redirect_uris, scope: 'openid email' })
        expect(back.json).to.include({ error: 'invalid_client_metadata' })
      })

      it('does not do without PKCE when it gives up its secret', async () => {
        const made = await register({ redirect_uris })
        const id = String(made.client_id)
        await house.applications.put({ ...(await stored(id)), pkce: false }, 'test')
        const changed = await update(made, { redirect_uris, token_endpoint_auth_method: 'none' })
        expect(changed.status, changed.text).to.equal(200)
        expect(await stored(id)).to.include({ authMethod: 'none', pkce: true })
      })
    })

    describe('one that is made again', () => {
      it('is the new one at once', async () => {
        const put = (redirectUri: string) =>
          house.applications.put(
            { _id: 'again', name: 'Again', kind: 'spa', firstParty: true, redirectUris: [redirectUri] },
            'test',
          )
        const visitor = createVisitor(house.url)
        const ask = async (redirect_uri: string) =>
          (await visitor.get(authUrl(house, { client_id: 'again', redirect_uri }))).status
        await put('https://old.example/cb')
        expect(await ask('https://old.example/cb')).to.equal(200)
        await house.applications.remove('again')
        await put('https://new.example/cb')
        expect(await ask('https://new.example/cb')).to.equal(200)
        expect(await ask('https://old.example/cb')).to.equal(400)
      })

      it('counts every one of racing changes', async () => {
        const versions = await Promise.all(
          ['a', 'b', 'c', 'd'].map(
            async (name) =>
              (await house.applications.put({ _id: 'raced', name, kind: 'spa' }, 'test')).version,
          ),
        )
        expect(versions.sort()).to.deep.equal([1, 2, 3, 4])
        const [secret] = await Promise.all([
          house.applications.newSecret('raced', 'test'),
          house.applications.newSecret('raced', 'test'),
        ])
        expect(secret).to.be.a('string')
        expect((await stored('raced')).version).to.equal(6)
      })

      it('loses what an optional field said', async () => {
        const about = { _id: 'bare', name: 'Bare', kind: 'spa' } as const
        await house.applications.put({ ...about, api: API, scopes: ['openid'], dpop: true }, 'test')
        await house.applications.put(about, 'test')
        expect(await stored('bare')).to.not.have.any.keys('api', 'scopes', 'dpop')
      })
    })

    it('no ID token is promised in an algorithm that has no key', async () => {
      const about = { _id: 'odd', name: 'Odd', redirectUris: [CALLBACK] }
      const error = await house.applications.put({ ...about, idTokenAlg: 'EdDSA' }, 'test').then(
        () => undefined,
        (raised: unknown) => raised,
      )
      expect(error).to.deep.include({ code: 'invalid_form', fields: { idTokenAlg: 'error.field.invalid' } })
      expect(String((error as Error).cause))
        .to.include('RS256')
        .and.include('ES256')
      expect(await house.applications.get('odd')).to.equal(undefined)
      await house.applications.put({ ...about, idTokenAlg: 'ES256' }, 'test')
    })

    describe('CORS of POST /login and POST /logout', () => {
      const PAGE = 'https://till.example'
      const allowed = (answer: { headers: Record<string, unknown> }) =>
        answer.headers['access-control-allow-origin']

      it('a registered page reads every answer, refusals and bearers as well', async () => {
        const page = { origin: PAGE, authorization: '' }
        const good = await login(house, { ...ADA, client_id: 'till' }, { headers: page })
        const bearer = `Bearer ${good.json.access_token}`
        const answers = [
          good,
          await login(house, {}, { headers: { origin: PAGE, authorization: bearer } }),
          await login(house, {}, { headers: { origin: PAGE, authorization: 'Bearer x' } }),
          await login(house, { ...ADA, client_id: 'kitchen' }, { headers: page }),
          await login(house, { identifier: 'x', password: 'y', client_id: 'till' }, { headers: page }),
          await login(house, '{', { headers: page }),
          await login(house, { unknown: 1 }, { headers: page }),
          await login(house, ADA, { headers: { origin: PAGE } }),
        ]
        expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 401, 401, 401, 400, 422, 200])
        for (const answer of answers) {
          expect(allowed(answer)).to.equal(PAGE)
          expect(answer.headers['access-control-allow-credentials']).to.equal('true')
          expect(answer.headers.vary).to.match(/Origin/)
        }
        const left = await send(house, '/logout', {
          method: 'POST',
          headers: { origin: PAGE, 'content-type': 'application/json' },
          body: '{}',
        })
        expect([left.status, allowed(left)]).to.deep.equal([401, PAGE])
      })

      it('nobody else’s page does, whatever it sends', async () => {
        const { json } = await login(house, ADA)
        for (const origin of ['https://evil.example', 'https://spa.example', 'null']) {
          const bearer = { origin, authorization: `Bearer ${json.access_token}` }
          const answers = [
            await login(house, ADA, { headers: { origin } }),
            await login(house, {}, { headers: bearer }),
            await login(house, { ...ADA, client_id: 'till' }, { headers: { origin, authorization: '' } }),
            await send(house, '/login', { method: 'OPTIONS', headers: { origin } }),
            await send(house, '/logout', { method: 'OPTIONS', headers: { origin } }),
          ]
          for (const { headers } of answers) {
            expect(headers).to.not.have.any.keys(
              'access-control-allow-origin',
              'access-control-allow-credentials',
            )
            expect(headers.vary).to.match(/Origin/)
          }
        }
      })

      it('a preflight reads nothing, and hears of a change', async () => {
        const preflight = (origin: string) =>
          send(house, '/login', { method: 'OPTIONS', headers: { origin } })
        expect(allowed(await preflight(PAGE))).to.equal(PAGE)
        const put = (origins: string[]) =>
          house.applications.put(
            { _id: 'bar', name: 'Bar', firstParty: true, login: true, redirectUris: [CALLBACK], origins },
            'test',
          )
        const first = await house.applications.loginOrigins()
        expect(await house.applications.loginOrigins()).to.equal(first)
        await put(['https://bar.example'])
        expect(allowed(await preflight('https://bar.example'))).to.equal('https://bar.example')
        await put([])
        expect(allowed(await preflight('https://bar.example'))).to.equal(undefined)
      })
    })

    describe('one that is removed', () => {
      it('takes its tokens along, and its registration, for good', async () => {
        const before = await stored('kitchen')
        const old = await tokensOf(house)
        const late = await codeOf(house)
        expect((await userinfo(house, old.access_token)).status).to.equal(200)
        await house.applications.remove('kitchen')
        await until(async () => expect((await userinfo(house, old.access_token)).status).to.equal(401))
        await house.applications.put(before, 'test')
        expect((await userinfo(house, old.access_token)).status).to.equal(401)
        expect((await refresh(house, old.refresh_token)).json.error).to.equal('invalid_grant')
        expect((await redeem(house, late.code)).json.error).to.equal('invalid_grant')
        expect((await userinfo(house, (await tokensOf(house)).access_token)).status).to.equal(200)
      })

      it('cannot be managed by whoever registered it once', async () => {
        const metadata = { redirect_uris: ['https://third.example/cb'] }
        const made = await register(metadata)
        const before = await stored(String(made.client_id))
        await house.applications.remove(before._id)
        await house.applications.put(before, 'test')
        expect((await update(made, metadata)).status).to.equal(401)
      })

      it('has to ask people anew', async () => {
        const consent = {
          in: (await import('../../src/applications/consents.ts')).consentCollection,
          put: {
            _id: `${house.cast.person.id}:spa`,
            person: house.cast.person.id,
            application: 'spa',
            scopes: ['openid'],
            claims: [],
            resources: [],
            givenAt: new Date(),
          },
        }
        await house.store.batch([consent])
        await house.applications.remove('spa')
        expect(await house.store.collection(consent.in).count({ application: 'spa' })).to.equal(0)
        await house.applications.remove('spa')
      })
    })
  })
}

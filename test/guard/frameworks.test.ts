import { expect } from 'chai'
import { clientCredentialsGrant } from 'openid-client'
import { API, relyingParty } from '../support/restaurant.ts'
import { type House, openHouse } from './house.ts'
import { type Api, frameworks, startApi } from './servers.ts'

describe('the guard in a real server', () => {
  let house: House
  before(async () => {
    house = await openHouse()
  })
  after(() => house?.app.stop())

  for (const framework of frameworks) {
    describe(`RF-5 RF-6 GW-6 (${framework})`, () => {
      let api: Api
      const revoked = new Set<string>()

      before(async () => {
        api = await startApi(framework, {
          issuer: house.app.url,
          audience: API,
          cookie: 'access',
          origins: ['https://pages.example'],
          scopes: ['bookings.read'],
          isRevoked: ({ jti }) => revoked.has(jti),
        })
      })
      after(() => api?.close())

      const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
        fetch(api.url + path, { method, headers })
      const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

      it('lets a person in who signed in, and puts them on the context', async () => {
        const { access } = await house.tokens()
        for (const headers of [bearer(access), { authorization: `bearer  ${access}` }, bearer(access)]) {
          const response = await get('/token', headers)
          expect(response.status).to.equal(200)
          expect(await response.json()).to.deep.equal({ id: house.cast.person.id, roles: ['waiter'] })
        }
      })

      it('answers 401 without a token, and says what to bring', async () => {
        const response = await get('/token')
        expect(response.status).to.equal(401)
        const where = `resource_metadata="${api.url}/.well-known/oauth-protected-resource"`
        expect(response.headers.get('www-authenticate')).to.equal(
          `Bearer ${where}, DPoP algs="ES256 EdDSA Ed25519", ${where}`,
        )
        expect(response.headers.get('content-type')).to.match(/^application\/problem\+json/)
        expect(response.headers.get('cache-control')).to.equal('no-store')
        expect(await response.json()).to.deep.equal({
          type: 'about:blank',
          title: 'Authentication required',
          status: 401,
          detail: 'The request has no access token',
          code: 'missing_token',
        })
        expect((await get('/token', { authorization: 'Basic YTpi' })).status).to.equal(401)
        expect((await get('/token?access_token=x', {})).status).to.equal(401)
      })

      it('answers 401 for an expired token and names the error (RFC 6750)', async () => {
        const response = await get('/token', bearer(await house.sign({ exp: 1_000, iat: 900 })))
        expect(response.status).to.equal(401)
        expect(response.headers.get('www-authenticate')).to.match(
          /^Bearer error="invalid_token", error_description="The access token has expired", resource_metadata=/,
        )
      })

      it('answers 403 for a missing role or permission', async () => {
        const { access } = await house.tokens()
        for (const path of ['/manager', '/shifts']) {
          const response = await get(path, bearer(access))
          expect(response.status).to.equal(403)
          expect(response.headers.get('www-authenticate')).to.match(/^Bearer error="insufficient_scope"/)
          expect(await response.json()).to.include({ status: 403, code: 'insufficient_scope' })
        }
        const manager = await house.sign()
        expect((await get('/manager', bearer(manager))).status).to.equal(200)
        expect((await get('/shifts', bearer(manager))).status).to.equal(200)
      })

      it('takes one of several roles, and one of several permissions', async () => {
        const asks: [path: string, claims: Record<string, unknown>, status: number][] = [
          ['/desk', { roles: ['owner'] }, 200],
          ['/desk', { roles: ['guest', 'waiter'] }, 200],
          ['/desk', { roles: ['manager'] }, 403],
          ['/desk', { roles: [], org_id: 'napoli', org_roles: ['owner'] }, 403],
          ['/desk', { roles: undefined, permissions: ['owner'], scope: 'owner' }, 403],
          ['/bookings', { permissions: ['bookings.read'] }, 200],
          ['/bookings', { permissions: ['x', 'bookings.update'] }, 200],
          ['/bookings', { permissions: ['bookings'] }, 403],
          ['/bookings', { permissions: ['bookings.read bookings.update'] }, 403],
          ['/bookings', { permissions: undefined, permissions_omitted: true }, 403],
          ['/bookings', { permissions: [], roles: ['bookings.read'], scope: 'bookings.read' }, 403],
        ]
        for (const [path, claims, status] of asks) {
          const response = await get(path, bearer(await house.sign(claims)))
          expect([path, claims, response.status]).to.deep.equal([path, claims, status])
        }
        const { detail } = await (await get('/bookings', bearer(await house.sign()))).json()
        expect(detail).to.equal('This takes the permission bookings.read or bookings.update')
      })

      it('takes a scope, or one of several, and names what is missing (RFC 6750 §3.1)', async () => {
        const asks: [path: string, claims: Record<string, unknown>, status: number][] = [
          ['/rota', { scope: 'rota.schedule' }, 200],
          ['/rota', { scope: 'openid rota.schedule' }, 200],
          ['/rota', { scope: 'rota.read' }, 403],
          ['/rota', { scope: 'rota.schedules' }, 403],
          ['/rota', { scope: undefined, permissions: ['rota.schedule'], roles: ['rota.schedule'] }, 403],
          ['/rotas', { scope: 'bookings.read' }, 200],
          ['/rotas', { scope: 'rota.schedule' }, 200],
          ['/rotas', { scope: 'rota' }, 403],
          ['/robots', { scope: 'rota.schedule', sub: 'robot', client_id: 'robot' }, 200],
          ['/robots', { scope: 'rota.schedule', sub: 'ada', client_id: 'robot' }, 403],
          ['/robots', { scope: 'rota.read', sub: 'robot', client_id: 'robot' }, 403],
        ]
        for (const [path, claims, status] of asks) {
          const response = await get(path, bearer(await house.sign(claims)))
          expect([path, claims, response.status]).to.deep.equal([path, claims, status])
        }
        const refused = await get('/rotas', bearer(await house.sign()))
        expect(refused.headers.get('content-type')).to.match(/^application\/problem\+json/)
        expect(refused.headers.get('www-authenticate')).to.match(
          /^Bearer error="insufficient_scope", error_description="This takes the scope bookings.read or rota.schedule", scope="bookings.read rota.schedule", resource_metadata=/,
        )
        expect(await refused.json()).to.deep.equal({
          type: 'about:blank',
          title: 'Not allowed',
          status: 403,
          detail: 'This takes the scope bookings.read or rota.schedule',
          code: 'insufficient_scope',
        })
        const other = await get('/shifts', bearer(await house.sign({ permissions: [] })))
        expect(other.headers.get('www-authenticate')).not.to.contain('scope="')
      })

      it('lets a machine in by what it was granted', async () => {
        const robot = await relyingParty(house.app, 'robot', house.cast.machineSecret)
        const { access_token: token } = await clientCredentialsGrant(robot, { scope: 'bookings.read' })
        const answers = ['/rotas', '/bookings', '/rota'].map(async (path) => get(path, bearer(token)))
        expect((await Promise.all(answers)).map(({ status }) => status)).to.deep.equal([200, 403, 403])
      })

      it('asks for a role within the organisation of the path', async () => {
        const napoli = { org_id: 'napoli', org_roles: ['manager'], teams: ['kitchen'] }
        const token = await house.sign({ roles: [], ...napoli })
        expect((await get('/restaurants/napoli', bearer(token))).status).to.equal(200)
        expect((await get('/restaurants/roma', bearer(token))).status).to.equal(403)
        const others: Record<string, unknown>[] = [
          { ...napoli, org_roles: ['waiter'], roles: ['manager'] },
          { roles: ['manager', 'owner'] },
          { ...napoli, org_id: 'Napoli' },
        ]
        for (const claims of others) {
          expect((await get('/restaurants/napoli', bearer(await house.sign(claims)))).status).to.equal(403)
        }
      })

      it('asks each time whether the token was revoked', async () => {
        const token = await house.sign({ jti: `revoked-${framework}` })
        expect((await get('/token', bearer(token))).status).to.equal(200)
        revoked.add(`revoked-${framework}`)
        expect((await get('/token', bearer(token))).status).to.equal(401)
        revoked.clear()
        expect((await get('/token', bearer(token))).status).to.equal(200)
      })

      it('takes the token from the named cookie, unless a header says otherwise', async () => {
        const { access } = await house.tokens()
        const cookie = `a=b; access=${access}; c=d`
        expect((await get('/token', { cookie })).status).to.equal(200)
        expect((await get('/token', { cookie, authorization: 'Bearer x' })).status).to.equal(401)
        expect((await get('/token', { cookie, authorization: 'Basic x' })).status).to.equal(401)
        expect((await get('/token', { cookie: `${cookie}; access=${access}` })).status).to.equal(401)
        expect((await get('/token', { cookie: `Access=${access}` })).status).to.equal(401)
      })

      it('lets no page of another site change anything with the cookie', async () => {
        const { access } = await house.tokens()
        const cookie = `access=${access}`
        const posts: [headers: Record<string, string>, status: number][] = [
          [{}, 200],
          [{ origin: api.url }, 200],
          [{ origin: 'https://pages.example', 'sec-fetch-site': 'same-site' }, 200],
          [{ 'sec-fetch-site': 'same-origin' }, 200],
          [{ 'sec-fetch-site': 'same-site' }, 403],
          [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
          [{ origin: 'null' }, 403],
        ]
        for (const [headers, status] of posts) {
          const response = await get('/token', { cookie, ...headers }, 'POST')
          expect([headers, response.status]).to.deep.equal([headers, status])
        }
        const byHeader = { ...bearer(access), origin: 'https://evil.example' }
        expect((await get('/token', byHeader, 'POST')).status).to.equal(200)
      })

      it('tells clients about itself (RFC 9728)', async () => {
        const response = await get('/.well-known/oauth-protected-resource')
        expect(response.status).to.equal(200)
        expect(response.headers.get('access-control-allow-origin')).to.equal('*')
        expect(await response.json()).to.deep.equal({
          resource: API,
          authorization_servers: [house.app.url],
          scopes_supported: ['bookings.read'],
          bearer_methods_supported: ['header'],
          dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519'],
        })
      })
    })
  }
})

import { expect } from 'chai'
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import {
  API,
  beginSignIn,
  CALLBACK,
  type Cast,
  relyingParty,
  seedRestaurant,
  signIn,
} from '../support/restaurant.ts'

const PAYROLL = 'https://payroll.bella-napoli.example/'

for (const engine of engines()) {
  describe(`DC-1 DC-4 RF-6 which API a token is for, and what it says of the person (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast
    let kitchen: client.Configuration
    let passwordHash = ''
    let clara = ''
    const roles = ['waiter', 'clerk']

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
      kitchen = await relyingParty(app, 'kitchen', cast.secret)
      await app.apis.put({
        _id: PAYROLL,
        name: 'Payroll',
        scopes: [{ name: 'salaries.read', description: 'See salaries' }],
      })
      await app.roles.put({
        _id: 'clerk',
        title: 'Clerk',
        permissions: [
          { api: PAYROLL, names: ['salaries.read', 'salaries.update'] },
          { api: `${app.url}/api`, names: ['reports.read'] },
        ],
        mfa: false,
      })
      passwordHash = (await app.accounts.find(cast.person.id))?.password?.hash ?? ''
      clara = await hire('clara@example.com', roles)
      const about = { kind: 'spa' as const, firstParty: true, redirectUris: [CALLBACK] }
      await app.applications.put({ _id: 'board', name: 'Board', ...about }, 'test')
    })
    after(() => app?.stop())

    async function hire(email: string, ids: readonly string[]): Promise<string> {
      const about = { email, emailVerified: true, passwordHash, roles: app.roles.copy(ids) }
      return (await app.accounts.create(about))._id
    }

    const enter = (extra: Record<string, string> = {}, party = kitchen) =>
      signIn(app, party, { identifier: 'clara@example.com', extra })

    /** Roles and permissions of a token beside its audience. */
    function told(token: string) {
      const { aud, roles, permissions } = decodeJwt(token)
      return { aud, roles, permissions }
    }

    it('is the application’s own when none is named, else Maitred’s', async () => {
      const own = await enter()
      expect(told(own.tokens.access_token)).to.deep.equal({
        aud: [API, app.url],
        roles,
        permissions: ['bookings.read', 'shifts.read'],
      })
      const none = await enter({}, await relyingParty(app, 'board'))
      expect(told(none.tokens.access_token)).to.deep.equal({
        aud: [`${app.url}/api`, app.url],
        roles,
        permissions: ['reports.read'],
      })
    })

    it('is the one that is named (RFC 8707), with what the person may do there and nothing else', async () => {
      const { tokens } = await enter({ resource: PAYROLL })
      const payroll = { aud: [PAYROLL, app.url], roles, permissions: ['salaries.read', 'salaries.update'] }
      expect(told(tokens.access_token)).to.deep.equal(payroll)
      const refreshed = await client.refreshTokenGrant(kitchen, String(tokens.refresh_token))
      expect(told(refreshed.access_token)).to.deep.equal(payroll)
      const seen = await client.tokenIntrospection(kitchen, refreshed.access_token)
      expect(seen).to.deep.include({ active: true, ...payroll })
      const further = await client
        .refreshTokenGrant(kitchen, String(refreshed.refresh_token), { resource: API })
        .catch(({ error }: { error: string }) => error)
      expect(further).to.equal('invalid_target')
    })

    it('is never one that nobody has registered', async () => {
      const { visitor } = await enter()
      const { url } = await beginSignIn(kitchen, { resource: 'https://elsewhere.example/' })
      expect((await visitor.get(url.href)).leaves).to.include('error=invalid_target')
    })

    it('while the scope roles tells the application itself, in the ID token and at userinfo', async () => {
      for (const [scope, wanted] of [
        ['openid roles', { roles }],
        ['openid', {}],
      ] as const) {
        const { tokens } = await enter({ scope })
        const info = await client.fetchUserInfo(kitchen, tokens.access_token, clara)
        for (const claims of [tokens.claims(), info]) {
          expect({ ...(claims?.roles !== undefined && { roles: claims.roles }) }, scope).to.deep.equal(wanted)
        }
      }
    })

    it('and permissions that fit into no header are left out, which the token says', async () => {
      const names = Array.from({ length: 200 }, (_, at) => `shelves.${at}.update`)
      await app.roles.put({ _id: 'stock', title: 'Stock', permissions: [{ api: API, names }], mfa: false })
      await hire('stella@example.com', ['stock'])
      const { tokens } = await signIn(app, kitchen, { identifier: 'stella@example.com' })
      const claims = decodeJwt(tokens.access_token)
      expect(claims).to.deep.include({ roles: ['stock'], permissions_omitted: true })
      expect(claims).to.not.have.property('permissions')
    })
  })
}

import { expect } from 'chai'
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { API, beginSignIn, type Cast, PASSWORD, relyingParty, seedRestaurant } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor } from '../support/visitor.ts'

const ADA = { identifier: 'ada@example.com', password: PASSWORD }

for (const engine of engines()) {
  describe(`A01 DC-1 what somebody else’s application may do in a person’s name (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
    })
    after(() => app?.stop())

    /** Signs Ada in there; she allows what it asks for. */
    async function tokenFor(
      id: string,
      scope: string,
    ): Promise<{ token: string; party: client.Configuration }> {
      const party = await relyingParty(app, id, await app.applications.newSecret(id, 'test'))
      const visitor = createVisitor(app.url)
      const { url, finish } = await beginSignIn(party, { scope })
      const asked = await visitor.submit(await visitor.get(url.href), ADA, 'sign-in')
      const done = asked.leaves ? asked : await visitor.submit(asked, {}, 'consent')
      return { token: (await finish(String(done.leaves))).access_token, party }
    }

    it('is what she allowed it, and not all that she may', async () => {
      for (const [scope, permissions] of [
        ['openid', []],
        ['openid profile roles', []],
        ['openid bookings.read', ['bookings.read']],
      ] as const) {
        const { token } = await tokenFor('planner', scope)
        expect(decodeJwt(token), scope).to.deep.include({ permissions }).and.not.have.property('roles')
      }
    })

    it('whatever of her it may know', async () => {
      const { token, party } = await tokenFor('planner', 'openid roles bookings.read')
      const info = await client.fetchUserInfo(party, token, cast.person.id)
      expect(info.roles).to.deep.equal(['waiter'])
    })

    it('while an application of the house does all that she may', async () => {
      const { token } = await tokenFor('kitchen', 'openid')
      expect(decodeJwt(token)).to.deep.include({
        aud: [API, app.url],
        roles: ['waiter'],
        permissions: ['bookings.read', 'shifts.read'],
      })
    })

    it('A02: it ends when the role behind it changes', async () => {
      const { token } = await tokenFor('planner', 'openid bookings.read')
      const status = async () =>
        (await fetch(`${app.url}/me`, { headers: { authorization: `Bearer ${token}` } })).status
      expect(await status()).to.equal(200)
      await app.roles.put({ _id: 'waiter', title: 'Waiter', permissions: [], mfa: false })
      await until(async () => expect(await status()).to.equal(401), 1_000)
    })
  })
}

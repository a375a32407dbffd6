import { expect } from 'chai'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { API, beginSignIn, type Cast, PASSWORD, relyingParty, seedRestaurant } from '../support/restaurant.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`DC-1 a password sign-in gives tokens (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
    })
    after(() => app?.stop())

    it('from the authorization request to an access token with roles', async () => {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const { url, finish } = await beginSignIn(config)
      const visitor = createVisitor(app.url)
      const page = await visitor.get(url.href)
      expect(textOf(page.html)).to.include('Kitchen display')
      const after = await visitor.submit(page, { identifier: 'ada@example.com', password: PASSWORD })
      expect(after.leaves, textOf(after.html)).to.be.a('string')
      const tokens = await finish(String(after.leaves))
      expect(decodeProtectedHeader(tokens.access_token)).to.include({ typ: 'at+jwt', alg: 'ES256' })
      const claims = decodeJwt(tokens.access_token)
      expect(claims).to.deep.include({
        sub: cast.person.id,
        aud: [API, app.url],
        client_id: 'kitchen',
        roles: ['waiter'],
      })
      expect(claims.permissions).to.deep.equal(['bookings.read', 'shifts.read'])
      expect(tokens.claims()).to.deep.include({ name: 'Ada Rossi', roles: ['waiter'], amr: ['pwd'] })
    })
  })
}

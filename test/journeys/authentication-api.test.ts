import { expect } from 'chai'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import { basic, type House, login, newestMail, openHouse, send, userinfo } from '../attacks/house.ts'
import { engines } from '../support/engines.ts'
import { API, CALLBACK, PASSWORD } from '../support/restaurant.ts'
import { createVisitor } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`AA-1 AA-9 sign up, sign in, verify a token, sign out (${engine.name})`, () => {
    let house: House

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
      const about = { kind: 'spa' as const, firstParty: true, signUp: 'open' as const }
      await house.applications.put({ _id: 'door', name: 'Door', redirectUris: [CALLBACK], ...about }, 'test')
    })
    after(() => house?.stop())

    const nora = { identifier: 'nora@example.com', password: PASSWORD }

    /** As an API asks, which knows nothing but the token. */
    async function isActive(token: string): Promise<boolean> {
      const headers = basic('kitchen', house.cast.secret)
      return JSON.parse((await send(house, '/token/introspection', { form: { token }, headers })).text).active
    }

    it('by one who was nobody before, and is nobody afterwards', async () => {
      expect((await login(house, nora)).status).to.equal(401)
      const visitor = createVisitor(house.url)
      const query = new URLSearchParams({
        client_id: 'door',
        response_type: 'code',
        scope: 'openid',
        prompt: 'create',
        redirect_uri: CALLBACK,
        code_challenge: 'mg3QoZgnRJxQy_jYdfW7D8wJkoziCuM8Yhos7PwVvsI',
        code_challenge_method: 'S256',
      })
      const form = await visitor.get(`${house.url}/auth?${query}`)
      const asked = await visitor.submit(form, { email: nora.identifier, password: PASSWORD }, 'sign-up')
      // Nobody is anybody before the address is proven.
      expect((await login(house, nora)).status).to.equal(401)
      const [, a = '', b = ''] = /\b(\d{3}) ?(\d{3})\b/.exec(await newestMail(house, nora.identifier)) ?? []
      expect((await visitor.submit(asked, { code: a + b }, 'verify')).leaves).to.include('code=')

      const { status, json } = await login(house, nora)
      expect([status, json.token_type]).to.deep.equal([200, 'Bearer'])
      const token = String(json.access_token)
      const jwks = createRemoteJWKSet(new URL(`${house.url}/jwks`))
      const { payload } = await jwtVerify(token, jwks, { issuer: house.url, audience: API, typ: 'at+jwt' })
      expect(payload.sub).to.equal((await house.accounts.findByIdentifier(nora.identifier))?._id)
      expect(await isActive(token)).to.equal(true)
      expect(await isActive(`${token.slice(0, -8)}AAAAAAAA`)).to.equal(false)

      const leave = () =>
        send(house, '/logout', {
          method: 'POST',
          body: '{}',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        })
      expect((await leave()).status).to.equal(204)
      expect(await isActive(token)).to.equal(false)
      expect((await userinfo(house, token)).status).to.equal(401)
      expect((await leave()).status).to.equal(401)
    })
  })
}

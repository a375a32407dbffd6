import { expect } from 'chai'
import { importJWK, SignJWT } from 'jose'
import { staff } from '../../examples/restaurant/back-office/documents.ts'
import { claimsWith, strangersKey } from '../guard/house.ts'
import { type BackOfficeHouse, openBackOffice, RESTAURANT_API } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'
import { CALLBACK, PASSWORD, relyingParty, signIn } from '../support/restaurant.ts'

for (const engine of engines()) {
  describe(`SB-3 GW-6 who may ask the back office (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse
    let call: BackOfficeHouse['call']
    const silenced = { down: false }

    before(async () => {
      house = await openBackOffice(engine, {
        fetch: (...request) =>
          silenced.down ? Promise.reject(new TypeError('fetch failed')) : fetch(...request),
      })
      call = house.call
    })
    after(() => house?.stop())

    const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })

    /** As Maitred would sign it, but for the changes. */
    async function signed(claims: object = {}, header: object = {}, key?: CryptoKey): Promise<string> {
      const [jwk] = house.maitred.keys.jwks().keys.filter(({ alg }) => alg === 'ES256')
      if (!jwk?.kid) throw new Error('no key')
      const usual = { aud: RESTAURANT_API, permissions: ['staff.read'] }
      return new SignJWT(claimsWith(house.maitred.url, { ...usual, ...claims }))
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: jwk.kid, ...header })
        .sign(key ?? (await importJWK(jwk, 'ES256')))
    }

    async function idToken(): Promise<string> {
      const party = await relyingParty(house.maitred, 'front-of-house', house.secret)
      const { tokens } = await signIn(house.maitred, party, { identifier: 'bruno@bella-napoli.example' })
      return String(tokens.id_token)
    }

    /** A real one, for Maitred's own API. */
    async function otherAudience(): Promise<string> {
      const { applications } = house.maitred
      const shared = { name: 'Elsewhere', firstParty: true, redirectUris: [CALLBACK] }
      await applications.put({ _id: 'elsewhere', ...shared }, 'test')
      const party = await relyingParty(
        house.maitred,
        'elsewhere',
        await applications.newSecret('elsewhere', 'test'),
      )
      const { tokens } = await signIn(house.maitred, party, { identifier: 'ada@bella-napoli.example' })
      return tokens.access_token
    }

    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const past = Math.floor(Date.now() / 1000) - 600
    const refused: [string, () => Promise<string>][] = [
      ['an ID token', idToken],
      ['a token for another API', otherAudience],
      ['an expired token', () => signed({ iat: past - 300, exp: past })],
      ['a token of another issuer', () => signed({ iss: 'https://id.elsewhere.example' })],
      ['a token signed with a key that is nobody’s', async () => signed({}, {}, await strangersKey())],
      ['a token that calls itself something else', () => signed({}, { typ: 'JWT' })],
      [
        'an unsigned token',
        async () =>
          `${encoded({ alg: 'none', typ: 'at+jwt' })}.${encoded(claimsWith(house.maitred.url, { aud: RESTAURANT_API }))}.`,
      ],
      ['what is no token', async () => 'saffron'],
    ]
    for (const [what, token] of refused)
      it(`refuses ${what}`, async () => {
        const answer = await call(undefined, 'GET', '/staff', bearer(await token()))
        expect([answer.status, answer.body.code]).to.deep.equal([401, 'invalid_token'])
        expect(answer.headers.get('www-authenticate')).to.include('error="invalid_token"')
      })

    it('asks for a token, and says whose', async () => {
      const answer = await call(undefined, 'GET', '/staff')
      expect([answer.status, answer.body.code]).to.deep.equal([401, 'missing_token'])
      const place = `${house.backOffice.url}/.well-known/oauth-protected-resource`
      expect(answer.headers.get('www-authenticate')).to.include(place)
      const metadata = await (await fetch(place)).json()
      expect(metadata).to.deep.include({
        resource: RESTAURANT_API,
        authorization_servers: [house.maitred.url],
      })
    })

    it('refuses what the role does not allow', async () => {
      const body = { email: 'x@example.com', firstName: 'X', lastName: 'Y', job: 'chef' }
      for (const who of ['bruno', 'carla', 'dario'] as const) {
        const answer = await call(who, 'POST', '/staff', { body })
        expect([answer.status, answer.body.code], who).to.deep.equal([403, 'insufficient_scope'])
      }
      expect((await call('carla', 'POST', '/customers', { body: {} })).status).to.equal(403)
      expect((await call('dario', 'GET', '/transactions')).status).to.equal(403)
    })

    it('links a member of the staff once, by the email that Maitred has verified', async () => {
      const me = await call('carla', 'GET', '/me')
      expect(me.body.staff).to.deep.include({ id: 'staff-carla', linked: true })
      expect(me.body.restaurant).to.deep.include({ id: 'napoli', currency: 'EUR', timeZone: 'Europe/Rome' })
      const [document] = await house.store.collection(staff).find({ email: 'carla@bella-napoli.example' })
      expect(document?.sub).to.equal(me.body.sub)

      const guest = await call('dario', 'GET', '/me')
      expect(guest.body).to.deep.equal({ sub: guest.body.sub, permissions: ['bookings.own'] })
    })

    it('links nobody whose email is not verified, or whose place is taken', async () => {
      const { accounts, roles } = house.maitred
      const party = await relyingParty(house.maitred, 'front-of-house', house.secret)
      const secrets = { password: PASSWORD, roles: roles.copy(['owner']), by: 'test' }
      const body = { firstName: 'Eva', lastName: 'Neri', job: 'waiter' }
      const cases = ['eva@example.com', 'eve@example.com', 'evi@example.com']
      for (const email of cases) {
        const person = { email, emailVerified: true, firstName: 'Eva', lastName: 'Neri' }
        const { _id } = await accounts.create({ ...person, ...secrets })
        await call('ada', 'POST', '/staff', { body: { ...body, email } })
        const { tokens } = await signIn(house.maitred, party, { identifier: email })
        if (email === 'eva@example.com') await accounts.change(_id, {}, { $set: { emailVerified: false } })
        if (email === 'eve@example.com')
          await house.store.collection(staff).update({ email }, { $set: { sub: 'somebody-else' } })
        const answer = await call(undefined, 'GET', '/staff', bearer(tokens.access_token))
        expect(answer.status, email).to.equal(email === 'evi@example.com' ? 200 : 403)
      }
    })

    it('gives a machine no restaurant', async () => {
      const machine = await signed({ sub: 'kitchen', client_id: 'kitchen' })
      const answer = await call(undefined, 'GET', '/staff', bearer(machine))
      expect([answer.status, answer.body.errors]).to.deep.equal([403, undefined])
    })

    it('lets nobody in who has left', async () => {
      const tag = (await call('ada', 'GET', '/staff/staff-bruno')).headers.get('etag') ?? ''
      expect((await call('bruno', 'GET', '/staff')).status).to.equal(200)
      // Their first call has made a new version.
      const stale = { body: { active: false }, headers: { 'If-Match': tag } }
      expect((await call('ada', 'PATCH', '/staff/staff-bruno', stale)).status).to.equal(412)
      const now = { body: { active: false }, headers: { 'If-Match': '*' } }
      expect((await call('ada', 'PATCH', '/staff/staff-bruno', now)).status).to.equal(200)
      expect((await call('bruno', 'GET', '/staff')).status).to.equal(403)
      const back = { body: { active: true }, headers: { 'If-Match': '*' } }
      await call('ada', 'PATCH', '/staff/staff-bruno', back)
      expect((await call('bruno', 'GET', '/staff')).status).to.equal(200)
    })

    it('hides another restaurant’s documents', async () => {
      const person = { firstName: 'Ugo', lastName: 'Tognazzi' }
      const customer = (await call('ada', 'POST', '/customers', { body: person })).body.id
      const dish = { name: 'Pizza', amount: 850, category: 'Pizza' }
      const product = (await call('ada', 'POST', '/products', { body: dish })).body.id
      const sale = { customer, lines: [{ product, quantity: 1 }] }
      const transaction = (await call('ada', 'POST', '/transactions', { body: sale })).body.id
      const places = [
        ['/staff/staff-carla', { firstName: 'X' }],
        [`/customers/${customer}`, { firstName: 'X' }],
        [`/products/${product}`, { amount: 1 }],
        [`/transactions/${transaction}`, { at: '2026-01-01T00:00:00Z' }],
      ] as const
      for (const [path, body] of places) {
        const headers = { 'If-Match': '*' }
        const answers = [
          await call('rosa', 'GET', path),
          await call('rosa', 'PATCH', path, { body, headers }),
          await call('rosa', 'DELETE', path, { headers }),
        ]
        expect(
          answers.map(({ status }) => status),
          path,
        ).to.deep.equal([404, 404, 404])
        expect((await call('ada', 'GET', path)).status).to.equal(200)
      }
      for (const path of ['/customers', '/products', '/transactions'])
        expect((await call('rosa', 'GET', path)).body.items).to.deep.equal([])
      expect((await call('rosa', 'GET', '/staff')).body.items).to.have.length(1)
      const sold = await call('rosa', 'POST', '/transactions', { body: sale })
      expect(sold.body.errors).to.deep.equal([{ field: 'customer', message: 'is not known here' }])
    })

    it('says so when it cannot ask who somebody is, and serves those it knows', async () => {
      const { accounts, roles } = house.maitred
      const email = 'fabio@example.com'
      const person = { email, emailVerified: true, firstName: 'Fabio', lastName: 'Bo', password: PASSWORD }
      await accounts.create({ ...person, roles: roles.copy(['waiter']), by: 'test' })
      const party = await relyingParty(house.maitred, 'front-of-house', house.secret)
      const { tokens } = await signIn(house.maitred, party, { identifier: email })
      await call('carla', 'GET', '/staff')
      silenced.down = true
      try {
        const unknown = await call(undefined, 'GET', '/staff', bearer(tokens.access_token))
        expect([unknown.status, unknown.headers.get('retry-after')]).to.deep.equal([503, '5'])
        expect((await call('carla', 'GET', '/staff')).status).to.equal(200)
      } finally {
        silenced.down = false
      }
    })
  })
}

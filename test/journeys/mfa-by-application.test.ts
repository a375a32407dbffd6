import { expect } from 'chai'
import { generateSecret, generateSync } from 'otplib'
import { readDocument } from '../../src/admin/admin.ts'
import {
  ADA,
  authUrl,
  basic,
  type House,
  login,
  openHouse,
  refresh,
  send,
  tokensOf,
  userinfo,
} from '../attacks/house.ts'
import { engines } from '../support/engines.ts'
import { API, CALLBACK, PASSWORD, relyingParty, signIn } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`DC-7 a second factor that an application needs of everybody (${engine.name})`, () => {
    let house: House
    const totp = generateSecret()

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
      await house.desiredState.apply(
        readDocument(`
apis: { "${API}": { name: Bookings } }
applications:
  vault:
    name: Vault
    firstParty: true
    mfa: true
    login: true
    api: ${API}
    redirectUris: [${CALLBACK}]
    secret: ${'secret-of-the-vault-'.repeat(2)}
people:
  - { email: otto@example.com, password: ${PASSWORD}, totp: ${totp} }
`),
      )
    })
    after(() => house?.stop())

    it('is set up there by who has none, who is known elsewhere by the password alone', async () => {
      const kitchen = await relyingParty(house, 'kitchen', house.cast.secret)
      const { visitor } = await signIn(house, kitchen)
      const silent = await visitor.get(authUrl(house, { client_id: 'vault', prompt: 'none' }))
      expect(silent.leaves).to.include('error=interaction_required')
      const enrol = await visitor.get(authUrl(house, { client_id: 'vault' }))
      expect(textOf(enrol.html)).to.include('Set up two-step sign-in')
      // A picture to scan, and the same key to type.
      const secret = /id="secret">([A-Z2-7 ]+)</.exec(enrol.html)?.[1]?.replaceAll(' ', '') ?? ''
      expect(enrol.html).to.match(/<svg[^>]*>[\s\S]*<path/)
      const shown = await visitor.submit(enrol, { code: generateSync({ secret }) }, 'enrolFactor')
      expect((await visitor.submit(shown, {}, 'saved')).leaves).to.include('code=')
    })

    it('is asked for there of who has one', async () => {
      const visitor = createVisitor(house.url)
      const door = await visitor.get(authUrl(house, { client_id: 'vault' }))
      const asked = await visitor.submit(
        door,
        { identifier: 'otto@example.com', password: PASSWORD },
        'sign-in',
      )
      expect([asked.leaves, textOf(asked.html)])
        .to.have.property('1')
        .that.includes('Enter your code')
      const done = await visitor.submit(asked, { code: generateSync({ secret: totp }) }, 'secondFactor')
      expect(done.leaves).to.include('code=')
    })

    it('is not passed by POST /login', async () => {
      const ask = (identifier: string) =>
        send(house, '/login', {
          method: 'POST',
          body: JSON.stringify({ identifier, password: PASSWORD }),
          headers: {
            'content-type': 'application/json',
            ...basic('vault', 'secret-of-the-vault-'.repeat(2)),
          },
        })
      const otto = await ask('otto@example.com')
      expect([otto.status, otto.json.code]).to.deep.equal([401, 'mfa_required'])
      await house.accounts.create({ email: 'ida@example.com', emailVerified: true, password: PASSWORD })
      const ida = await ask('ida@example.com')
      expect([ida.status, ida.json.code, ida.json.steps]).to.deep.equal([
        403,
        'sign_in_incomplete',
        ['enrolFactor'],
      ])
    })
  })

  describe(`DC-7 a role that begins to need a second factor (${engine.name})`, () => {
    it('asks everybody who has it, those who are signed in too, at every door', async () => {
      const house = await openHouse(engine, { realHashes: false })
      try {
        const { visitor, access_token, refresh_token } = await tokensOf(house)
        expect((await userinfo(house, access_token)).status).to.equal(200)
        await house.roles.put({ _id: 'waiter', title: 'Waiter', permissions: [], mfa: true })
        expect((await refresh(house, refresh_token)).json.error).to.equal('invalid_grant')
        await until(async () => expect((await userinfo(house, access_token)).status).to.equal(401), 1_000)
        expect((await visitor.get('/account/profile')).html).to.include('enrolFactor')
        expect((await login(house, ADA)).json.code).to.equal('sign_in_incomplete')
        const silent = await visitor.get(authUrl(house, { prompt: 'none' }))
        expect(silent.leaves).to.include('error=interaction_required')
      } finally {
        await house.stop()
      }
    })
  })
}

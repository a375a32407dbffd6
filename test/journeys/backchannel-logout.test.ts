import { mock } from 'node:test'
import { expect } from 'chai'
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { type LogoutReceiver, openLogoutReceiver } from '../support/logout-receiver.ts'
import { inhabit } from '../support/resident.ts'
import { API, CALLBACK, PASSWORD, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import type { Visitor } from '../support/visitor.ts'

const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

for (const engine of engines()) {
  describe(`DC-5 applications are told of the end of a session (${engine.name})`, function () {
    this.timeout(30_000)
    let app: RunningApp
    let pos: client.Configuration
    let receiver: LogoutReceiver

    before(async () => {
      app = await startApp(engine)
      await seedRestaurant(app)
      receiver = await openLogoutReceiver()
      const about = { kind: 'spa' as const, firstParty: true, redirectUris: [CALLBACK], api: API }
      await app.applications.put(
        { _id: 'pos', name: 'Till', backchannelLogoutUri: receiver.url, ...about },
        'test',
      )
      pos = await relyingParty(app, 'pos')
    })
    after(async () => {
      receiver?.close()
      await app?.stop()
    })
    beforeEach(() => {
      receiver.bodies.length = 0
      receiver.status = 200
    })
    afterEach(() => mock.timers.reset())

    async function leave(visitor: Visitor): Promise<void> {
      const page = await visitor.get(client.buildEndSessionUrl(pos).href)
      await visitor.submit(page, { logout: 'yes' }, 'session/end')
    }

    async function told(): Promise<JWTPayload> {
      const body = await until(() => {
        expect(receiver.bodies).to.have.length(1)
        return receiver.bodies[0] ?? ''
      })
      const token = new URLSearchParams(body).get('logout_token') ?? ''
      const jwks = createRemoteJWKSet(new URL(`${app.url}/jwks`))
      const expected = { issuer: app.url, audience: 'pos', typ: 'logout+jwt' }
      return (await jwtVerify(token, jwks, expected)).payload
    }

    it('by a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4)', async () => {
      const { visitor, tokens } = await signIn(app, pos)
      await leave(visitor)
      const payload = await told()
      const { sub, sid } = { sid: undefined, ...tokens.claims() }
      expect(sid).to.be.a('string')
      expect(payload).to.deep.include({ sub, sid, events: { [EVENT]: {} } })
      expect(payload).to.not.have.property('nonce')
      expect(payload.jti).to.be.a('string')
      expect(Number(payload.exp) - Number(payload.iat)).to.be.within(1, 120)
      expect(receiver.types).to.deep.equal(['application/x-www-form-urlencoded'])
    })

    it('however it ends: by the person from elsewhere', async () => {
      const phone = await signIn(app, pos)
      const laptop = inhabit(app, (await signIn(app, pos)).visitor)
      await laptop.fill('/account/sessions', '/account/sessions/end-others')
      expect(await told()).to.include({ sid: phone.tokens.claims()?.sid })
      await leave(laptop)
      await until(() => expect(receiver.bodies).to.have.length(2))
    })

    it('and nobody waits for them: a receiver that is down is told when it is back', async function () {
      // It waits for real seconds: not in the quick tests.
      if (process.env.QUICK === '1') this.skip()
      const { visitor, tokens } = await signIn(app, pos)
      receiver.status = 503
      await leave(visitor)
      await until(() => expect(receiver.bodies).to.have.length(1))
      expect((await visitor.get('/account')).url).to.include('/flow/')
      receiver.bodies.length = 0
      receiver.status = 204
      // The second try comes five seconds after the first.
      mock.timers.enable({ apis: ['Date'], now: Date.now() + 6_000 })
      expect(await told()).to.include({ sid: tokens.claims()?.sid })
    })

    it('once: a session that ended is not told of again', async () => {
      const { visitor } = await signIn(app, pos)
      await leave(visitor)
      await told()
      await leave(visitor)
      mock.timers.enable({ apis: ['Date'], now: Date.now() + 60_000 })
      const other = await signIn(app, pos)
      await leave(other.visitor)
      await until(() => expect(receiver.bodies).to.have.length(2))
    })

    it('and by a new password', async () => {
      const phone = await signIn(app, pos)
      const laptop = inhabit(app, (await signIn(app, pos)).visitor)
      const fields = { currentPassword: PASSWORD, password: 'another-calm-river-at-dawn', others: 'yes' }
      const done = await laptop.fill('/account/password', '/account/password', fields)
      expect(done.status).to.equal(200)
      expect(await told()).to.include({ sid: phone.tokens.claims()?.sid })
    })
  })
}

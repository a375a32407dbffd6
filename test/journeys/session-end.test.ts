import { mock } from 'node:test'
import { expect } from 'chai'
import * as client from 'openid-client'
import { createSessions, sessionCollection } from '../../src/accounts/accounts.ts'
import { audit } from '../../src/events/audit.ts'
import { deliveries } from '../../src/events/deliveries.ts'
import { type House, login, openHouse, openTwin, userinfo } from '../attacks/house.ts'
import { engines } from '../support/engines.ts'
import { type LogoutReceiver, openLogoutReceiver } from '../support/logout-receiver.ts'
import { inhabit } from '../support/resident.ts'
import { API, beginSignIn, CALLBACK, PASSWORD, relyingParty, signIn } from '../support/restaurant.ts'
import { until } from '../support/until.ts'

const MINUTE = 60
const DAY = 24 * 60 * MINUTE
const lifetimes = { accessToken: 900, refreshToken: 5 * DAY, session: 2 * DAY, code: 60, refreshGrace: 30 }
const limits: [name: string, life: number, idle?: number][] = [
  ['its absolute end', 2 * DAY],
  ['its idle limit', 30 * MINUTE, 30 * MINUTE],
]

for (const engine of engines()) {
  for (const [limit, life, sessionIdle] of limits) {
    describe(`DC-5 AA-5 a session that nobody ends, ends by ${limit} (${engine.name})`, function () {
      this.timeout(30_000)
      let app: House
      let pos: client.Configuration
      let receiver: LogoutReceiver

      before(async () => {
        const config = { lifetimes: { ...lifetimes, sessionIdle } }
        app = await openHouse(engine, { realHashes: false, config })
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
      beforeEach(async () => {
        receiver.bodies.length = 0
        await app.store.collection(sessionCollection).remove({})
        await app.store.collection(audit).remove({ type: 'session_ended' })
      })
      afterEach(async () => {
        // What one test has promised is not told in the next.
        await until(async () => expect(await app.store.collection(deliveries).count({})).to.equal(0))
        mock.timers.reset()
      })

      const sessions = () => app.store.collection(sessionCollection).find({ person: app.cast.person.id })
      const trail = () => app.store.collection(audit).find({ type: 'session_ended' })
      const isSignedIn = async (visitor: Awaited<ReturnType<typeof signIn>>['visitor']) =>
        (await visitor.get((await beginSignIn(pos)).url.href)).leaves !== undefined

      it('and then its applications are told, its tokens are refused and the trail says why', async () => {
        const later = stopTheClock()
        const { tokens } = await signIn(app, pos)
        later(life - MINUTE)
        await app.oidc.endExpired()
        expect(await sessions()).to.have.length(1)
        later(MINUTE + 1)
        await app.oidc.endExpired()
        expect(await sessions()).to.deep.equal([])
        await until(() => expect(receiver.told()).to.have.length(1))
        expect(receiver.told()[0]).to.include({
          sub: app.cast.person.id,
          sid: tokens.claims()?.sid,
          aud: 'pos',
        })
        const rows = await trail()
        expect(rows).to.have.length(1)
        expect(rows[0]).to.deep.include({ person: app.cast.person.id, detail: { reason: 'expired' } })
      })

      it('with the access tokens that would outlive it', async () => {
        const later = stopTheClock()
        const { visitor, tokens } = await signIn(app, pos)
        let current = tokens
        for (let past = 0; past < life; past += life / 4) {
          current = await client.refreshTokenGrant(pos, String(current.refresh_token))
          later(life / 4 - MINUTE)
          expect(await isSignedIn(visitor)).to.equal(true)
          current = await client.refreshTokenGrant(pos, String(current.refresh_token))
          later(MINUTE)
        }
        // Used until now, it has only its absolute end.
        if (sessionIdle) return
        expect((await userinfo(app, current.access_token)).status).to.equal(200)
        later(1)
        await app.oidc.endExpired()
        expect((await userinfo(app, current.access_token)).status).to.equal(401)
      })

      it('and is gone for every reader before somebody has ended it', async () => {
        const later = stopTheClock()
        const { visitor, tokens } = await signIn(app, pos)
        const person = app.cast.person.id
        later(life + 1)
        const resident = inhabit(app, visitor)
        expect((await resident.get('/account/sessions')).url).to.include('/flow/')
        await app.oidc.endExpired()

        const second = await signIn(app, pos)
        const sid = (await sessions()).at(0)?._id ?? ''
        const known = createSessions({ store: app.store, now: () => new Date() })
        expect(await known.list(person)).to.have.length(1)
        later(life + 1)
        expect(await sessions(), 'the store still has it').to.have.length(1)
        expect(await known.list(person)).to.deep.equal([])
        expect(await known.get(sid)).to.equal(undefined)
        for (const { refresh_token } of [tokens, second.tokens]) {
          const refused = await client.refreshTokenGrant(pos, String(refresh_token)).catch((error) => error)
          expect(refused).to.have.property('error', 'invalid_grant')
        }
      })

      it('once, though processes end it side by side, and whoever comes with its cookie', async () => {
        const later = stopTheClock()
        const { visitor } = await signIn(app, pos)
        await signIn(app, pos)
        const twin = await openTwin(app)
        try {
          later(life + 1)
          await Promise.all([app.oidc.endExpired(), twin.app.oidc.endExpired(), isSignedIn(visitor)])
          await Promise.all([app.oidc.endExpired(), twin.app.oidc.endExpired()])
          await until(() => expect(receiver.told()).to.have.length(2))
          expect(new Set(receiver.told().map(({ sid }) => sid))).to.have.length(2)
          expect((await trail()).map(({ detail }) => detail)).to.deep.equal([
            { reason: 'expired' },
            { reason: 'expired' },
          ])
        } finally {
          await twin.stop()
        }
      })

      it('though no process was there at that moment: the next start ends it', async () => {
        const later = stopTheClock()
        await signIn(app, pos)
        later(life + DAY / 2)
        const twin = await openTwin(app)
        try {
          await until(async () => expect(await sessions()).to.deep.equal([]))
          await until(() => expect(receiver.told()).to.have.length(1))
        } finally {
          await twin.stop()
        }
      })

      it('and one of POST /login ends with its token', async () => {
        const later = stopTheClock()
        const answer = await login(app, { identifier: 'ada@example.com', password: PASSWORD })
        expect(answer.status).to.equal(200)
        later(901)
        await app.oidc.endExpired()
        expect(await sessions()).to.deep.equal([])
        expect(await trail()).to.have.length(1)
      })
    })
  }
}

/** The library asks `Date` itself; nothing else of time stands still. */
function stopTheClock(): (seconds: number) => void {
  let time = Date.now()
  mock.timers.enable({ apis: ['Date'], now: time })
  return (seconds) => {
    time += seconds * 1000
    mock.timers.setTime(time)
  }
}

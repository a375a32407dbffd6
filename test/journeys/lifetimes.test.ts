import { mock } from 'node:test'
import { expect } from 'chai'
import * as client from 'openid-client'
import { sessionCollection } from '../../src/accounts/accounts.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { type Engine, engines } from '../support/engines.ts'
import {
  beginSignIn,
  type Cast,
  PASSWORD,
  relyingParty,
  seedRestaurant,
  signIn,
} from '../support/restaurant.ts'
import { createVisitor, textOf, type Visitor } from '../support/visitor.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const lifetimes = {
  accessToken: 900,
  refreshToken: 5 * DAY,
  session: 2 * DAY,
  code: 60,
  refreshGrace: 30,
}

for (const engine of engines()) {
  describe(`AA-5 AA-9 how long sessions and tokens last (${engine.name})`, () => {
    let house: House

    describe('by their absolute limits', () => {
      before(async () => {
        house = await openHouse(engine, lifetimes)
      })
      after(() => house?.app.stop())
      afterEach(() => mock.timers.reset())

      it('a refresh token without offline_access lasts as long as its session, however often it rotates', async () => {
        const later = stopTheClock()
        const { tokens } = await house.kitchen()
        const first = await house.left(tokens)
        expect(first).to.be.closeTo(2 * DAY, MINUTE)
        later(DAY)
        const second = await house.refresh(tokens)
        expect(await house.left(second)).to.be.closeTo(DAY, MINUTE)
        later(DAY - HOUR)
        const third = await house.refresh(second)
        expect(await house.left(third)).to.be.closeTo(HOUR, MINUTE)
        later(HOUR + 1)
        await refused(house.refresh(third))
      })

      it('one with offline_access has its own absolute end, and survives the session', async () => {
        const later = stopTheClock()
        const { tokens, visitor } = await house.offline()
        expect(await house.left(tokens)).to.be.closeTo(5 * DAY, MINUTE)
        later(3 * DAY)
        expect((await visitor.get((await beginSignIn(house.config)).url.href)).leaves).to.equal(undefined)
        const second = await house.refresh(tokens)
        expect(await house.left(second)).to.be.closeTo(2 * DAY, MINUTE)
        later(2 * DAY + 1)
        await refused(house.refresh(second))
      })

      it('a session ends at its absolute limit, however often it is used', async () => {
        const later = stopTheClock()
        const { visitor } = await house.kitchen()
        for (let n = 0; n < 3; n += 1) {
          later(15 * HOUR)
          expect(await isSignedIn(house, visitor), `after ${(n + 1) * 15} hours`).to.equal(true)
        }
        later(3 * HOUR + 1)
        expect(await isSignedIn(house, visitor)).to.equal(false)
      })

      it('offline_access needs the person’s consent, each time', async () => {
        const scope = 'openid offline_access'
        const visitor = createVisitor(house.app.url)
        const without = await signIn(house.app, house.config, { visitor, extra: { scope } })
        expect(without.tokens.scope).to.equal('openid')
        expect(await house.left(without.tokens)).to.be.below(2 * DAY + MINUTE)
        for (let n = 0; n < 2; n += 1) {
          const { url } = await beginSignIn(house.config, { scope, prompt: 'consent' })
          const asked = await visitor.get(url.href)
          expect(textOf(asked.html)).to.include('Stay connected')
          expect((await visitor.submit(asked, {}, 'consent')).leaves).to.include('code=')
        }
      })

      it('signing out ends what has no offline_access, and leaves what has', async () => {
        const offline = await house.offline()
        const second = await relyingParty(house.app, 'spa')
        const bound = await signIn(house.app, second, { visitor: offline.visitor })
        const leave = await offline.visitor.get(client.buildEndSessionUrl(second).href)
        await offline.visitor.submit(leave, { logout: 'yes' }, 'session/end')
        expect(await isSignedIn(house, offline.visitor)).to.equal(false)
        await refused(client.refreshTokenGrant(second, String(bound.tokens.refresh_token)))
        expect((await house.refresh(offline.tokens)).access_token).to.be.a('string')
      })
    })

    describe('by an idle limit', () => {
      before(async () => {
        house = await openHouse(engine, { ...lifetimes, sessionIdle: 30 * MINUTE })
      })
      after(() => house?.app.stop())
      afterEach(() => mock.timers.reset())

      it('a session lasts while it is used, in the browser or by refreshes', async () => {
        const later = stopTheClock()
        const { visitor, tokens } = await house.kitchen()
        let current = tokens
        for (let n = 0; n < 4; n += 1) {
          later(25 * MINUTE)
          expect(await isSignedIn(house, visitor)).to.equal(true)
          later(25 * MINUTE)
          current = await house.refresh(current)
        }
        later(31 * MINUTE)
        await refused(house.refresh(current))
        expect(await isSignedIn(house, visitor)).to.equal(false)
      })

      it('refreshes alone keep it, and write it at most every few minutes', async () => {
        const later = stopTheClock()
        const { visitor, tokens } = await house.kitchen()
        const lastUsed = async () => {
          const all = await house.app.store
            .collection(sessionCollection)
            .find({ person: house.cast.person.id })
          return Math.max(...all.map(({ lastUsedAt }) => lastUsedAt.getTime()))
        }
        const began = await lastUsed()
        later(MINUTE)
        let current = await house.refresh(tokens)
        expect(await lastUsed()).to.equal(began)
        for (let n = 0; n < 5; n += 1) {
          later(20 * MINUTE)
          current = await house.refresh(current)
          expect(await lastUsed()).to.be.above(began + n * 20 * MINUTE * 1000)
        }
        expect(await isSignedIn(house, visitor)).to.equal(true)
      })

      it('a session over its limit ends for good, with its tokens and wherever it is first noticed', async () => {
        const later = stopTheClock()
        const { visitor, tokens } = await house.kitchen()
        later(31 * MINUTE)
        expect(await isSignedIn(house, visitor)).to.equal(false)
        expect(await house.introspect(tokens)).to.deep.equal({ active: false })
        later(-20 * MINUTE)
        await refused(house.refresh(tokens))
        expect(await isSignedIn(house, visitor)).to.equal(false)
      })

      it('offline_access does not care', async () => {
        const later = stopTheClock()
        const { tokens } = await house.offline()
        later(DAY)
        expect((await house.refresh(tokens)).access_token).to.be.a('string')
      })
    })
  })
}

type Tokens = Pick<client.TokenEndpointResponse, 'refresh_token'>
type House = Awaited<ReturnType<typeof openHouse>>

async function openHouse(engine: Engine, given: RunningApp['config']['lifetimes']) {
  const app = await startApp(engine, { config: { lifetimes: given } })
  const cast: Cast = await seedRestaurant(app)
  const config = await relyingParty(app, 'kitchen', cast.secret)
  const introspect = ({ refresh_token }: Tokens) => client.tokenIntrospection(config, String(refresh_token))
  return {
    app,
    cast,
    config,
    introspect,
    kitchen: () => signIn(app, config),
    async offline() {
      const visitor = createVisitor(app.url)
      const extra = { scope: 'openid offline_access', prompt: 'consent' }
      const { url, finish } = await beginSignIn(config, extra)
      const page = await visitor.get(url.href)
      const asked = await visitor.submit(
        page,
        { identifier: 'ada@example.com', password: PASSWORD },
        'sign-in',
      )
      const done = await visitor.submit(asked, {}, 'consent')
      if (!done.leaves) throw new Error(`it stopped at ${done.url}: ${textOf(done.html)}`)
      return { visitor, tokens: await finish(done.leaves) }
    },
    refresh: ({ refresh_token }: Tokens) => client.refreshTokenGrant(config, String(refresh_token)),
    /** Seconds until a refresh token ends. */
    async left(tokens: Tokens) {
      const { active, exp } = await introspect(tokens)
      expect(active).to.equal(true)
      return Number(exp) - Date.now() / 1000
    },
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

async function isSignedIn(house: House, visitor: Visitor): Promise<boolean> {
  const page = await visitor.get((await beginSignIn(house.config)).url.href)
  return page.leaves !== undefined
}

async function refused(promise: Promise<unknown>): Promise<void> {
  const error = await promise.then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).to.have.property('error', 'invalid_grant')
}

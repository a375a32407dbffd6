import { expect } from 'chai'
import { attempts } from '../../src/http/store-tally.ts'
import { StoreUnavailableError } from '../../src/storage/storage.ts'
import { startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { type Redis, startRedis, withoutRedis } from '../support/redis.ts'
import { until } from '../support/until.ts'
import { createVisitor } from '../support/visitor.ts'
import {
  ADA,
  type Answer,
  authUrl,
  codeOf,
  type House,
  login,
  openHouse,
  openTwin,
  race,
  send,
} from './house.ts'

for (const engine of engines()) {
  describe(`attempts that are counted in Redis (${engine.name})`, function () {
    this.timeout(60_000)
    const reason = withoutRedis()
    if (reason) {
      it(`are left out: ${reason}`)
      return
    }
    let redis: Redis
    let house: House

    before(async () => {
      redis = await startRedis()
      house = await openHouse(engine, { env: { REDIS_URL: redis.url } })
    })
    after(async () => {
      await house?.stop()
      await redis?.kill()
    })

    it('B09 B11: two hundred guesses at two instances are told no more often than one account allows', async () => {
      const twin = await openTwin(house)
      try {
        const wrong = { ...ADA, password: 'not the one' }
        const answers = await race(200, (racer) =>
          login(house, wrong, { at: racer % 2 ? twin.url : house.url }),
        )
        const told = (status: number) => answers.filter((answer: Answer) => answer.status === status).length
        expect(told(401)).to.be.within(1, 20)
        expect(told(401) + told(429) + told(503)).to.equal(200)
        expect((await login(house, ADA)).status).to.equal(429)
        expect(await house.store.collection(attempts).count({})).to.equal(0)
      } finally {
        await twin.stop()
      }
    })

    it('F03: without Redis nobody guesses, which is told within five seconds, and all is well when it is back', async () => {
      const grace = { identifier: 'grace@example.com', password: ADA.password }
      await house.accounts.create({ email: grace.identifier, emailVerified: true, password: grace.password })
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house))
      await redis.kill()
      const begun = performance.now()
      const refused = await visitor.submit(page, grace, 'sign-in')
      expect([refused.status, refused.headers.get('retry-after')]).to.deep.equal([503, '2'])
      expect(performance.now() - begun).to.be.below(5_000)
      expect((await send(house, '/readyz')).status).to.equal(503)
      expect((await send(house, '/healthz')).status).to.equal(200)
      await redis.start()
      await until(async () => expect((await send(house, '/readyz')).status).to.equal(200))
      expect((await codeOf(house, { as: grace })).code).to.be.a('string')
    })

    it('is said at the start when no Redis answers, without its password', async () => {
      const env = { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' }
      const failed = await startApp(engine, { env }).then(
        () => undefined,
        (error: unknown) => error,
      )
      expect(failed).to.be.instanceOf(StoreUnavailableError)
      const cause = (failed as Error).cause as Error
      expect(cause.message).to.equal('the Redis that REDIS_URL names does not answer')
      expect(JSON.stringify([cause.message, String(cause.cause)])).not.to.include('hunter2')
    })
  })
}

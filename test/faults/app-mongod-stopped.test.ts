import { performance } from 'node:perf_hooks'
import { expect } from 'chai'
import * as client from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { type Mongod, startMongod } from '../support/mongod.ts'
import {
  beginSignIn,
  type Cast,
  PASSWORD,
  relyingParty,
  seedRestaurant,
  signIn,
} from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor } from '../support/visitor.ts'

const engine = engines().find(({ name }) => name === 'mongodb')

;(engine ? describe : describe.skip)('F03 the whole program while mongod is frozen', function () {
  if (!engine) return
  this.timeout(60_000)
  let mongod: Mongod
  let app: RunningApp
  let cast: Cast
  let kitchen: client.Configuration

  before(async () => {
    mongod = await startMongod()
    app = await startApp(engine, { env: { MONGODB_URI: mongod.freshUri() } })
    cast = await seedRestaurant(app)
    kitchen = await relyingParty(app, 'kitchen', cast.secret)
  })
  after(async () => {
    await mongod?.signal('SIGCONT')
    await app?.stop()
    await mongod?.stop()
  })

  const probe = async (path: string) => (await fetch(`${app.url}${path}`)).status

  it('answers 503 with Retry-After within five seconds, and works again by itself', async () => {
    const { tokens, visitor } = await signIn(app, kitchen)
    const page = await createFresh()
    let [refreshToken, accessToken] = [String(tokens.refresh_token), tokens.access_token]
    for (let round = 0; round < 2; round += 1) {
      await mongod.signal('SIGSTOP')
      const began = performance.now()
      const answers = await Promise.all([
        post('/token', { grant_type: 'refresh_token', refresh_token: refreshToken }),
        post('/token/revocation', { token: accessToken }),
        visitor.request((await beginSignIn(kitchen)).url.href),
        page.visitor.submit(page.page, { identifier: 'ada@example.com', password: PASSWORD }, 'sign-in'),
        visitor.request('/account/profile'),
      ])
      expect(performance.now() - began).to.be.below(5_000)
      expect(answers.map(({ status }) => status)).to.deep.equal([503, 503, 503, 503, 503])
      for (const { headers } of answers) expect(Number(headers.get('retry-after'))).to.be.above(0)
      expect(await probe('/healthz')).to.equal(200)
      expect(await probe('/readyz')).to.equal(503)
      // What needs no store goes on.
      expect(await probe('/.well-known/openid-configuration')).to.equal(200)
      expect(await probe('/jwks')).to.equal(200)
      expect((await createFresh()).page.status).to.equal(200)

      await mongod.signal('SIGCONT')
      const back = performance.now()
      await until(async () => expect(await probe('/readyz')).to.equal(200), 5_000)
      expect(performance.now() - back).to.be.below(5_000)
      // What was refused may be tried again, though it may have been done behind the 503.
      const next = await client.refreshTokenGrant(kitchen, refreshToken)
      expect((await post('/token/revocation', { token: accessToken })).status).to.equal(200)
      const seen = await client.tokenIntrospection(kitchen, accessToken)
      expect(seen).to.deep.equal({ active: false })
      refreshToken = String(next.refresh_token)
      accessToken = next.access_token
      const silent = await visitor.get((await beginSignIn(kitchen, { prompt: 'none' })).url.href)
      expect(silent.leaves).to.include('code=')
    }
  })

  async function createFresh() {
    const visitor = createVisitor(app.url)
    return { visitor, page: await visitor.get((await beginSignIn(kitchen)).url.href) }
  }

  function post(path: string, form: Record<string, string>): Promise<Response> {
    return fetch(`${app.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa(`kitchen:${cast.secret}`)}` },
      body: new URLSearchParams(form),
    })
  }
})

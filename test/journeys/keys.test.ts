import { get } from 'node:http'
import { mock } from 'node:test'
import { expect } from 'chai'
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import * as client from 'openid-client'
import { openTwin } from '../attacks/house.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { API, beginSignIn, type Cast, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'
import { until } from '../support/until.ts'

for (const engine of engines()) {
  describe(`RF-11 signing keys rotate without a refused request (${engine.name})`, function () {
    this.timeout(60_000)
    let app: RunningApp
    let cast: Cast
    let kitchen: client.Configuration
    let robot: client.Configuration

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
      kitchen = await relyingParty(app, 'kitchen', cast.secret)
      robot = await relyingParty(app, 'robot', cast.machineSecret)
    })
    after(() => app?.stop())

    const published = async () => {
      const { keys } = (await (await fetch(`${app.url}/jwks`)).json()) as { keys: { kid: string }[] }
      return keys.map(({ kid }) => kid)
    }

    it('tokens from before still hold, and the next key was published before it signed', async () => {
      const before = await signIn(app, kitchen)
      const known = await published()
      await app.keys.rotate()
      const after = await signIn(app, kitchen)
      const kids = [before, after].map(({ tokens }) => decodeProtectedHeader(tokens.access_token).kid)
      expect(kids[0]).to.not.equal(kids[1])
      expect(known).to.include.members(kids)
      expect(await published()).to.include.members(kids)

      const jwks = createRemoteJWKSet(new URL(`${app.url}/jwks`))
      for (const { tokens, visitor } of [before, after]) {
        const { payload } = await jwtVerify(tokens.access_token, jwks, { issuer: app.url, audience: API })
        expect(payload.sub).to.equal(cast.person.id)
        await jwtVerify(String(tokens.id_token), jwks, { issuer: app.url, audience: 'kitchen' })
        const info = await client.fetchUserInfo(kitchen, tokens.access_token, cast.person.id)
        expect(info.email).to.equal('ada@example.com')
        expect(await client.tokenIntrospection(kitchen, tokens.access_token)).to.include({ active: true })
        const hint = { id_token_hint: String(tokens.id_token), prompt: 'none' }
        expect((await visitor.get((await beginSignIn(kitchen, hint)).url.href)).leaves).to.include('code=')
      }
    })

    it('under load, here and in another process that has not heard of it yet', async () => {
      const twin = await openTwin(app)
      // Verifiers are given ten minutes to learn of the next key.
      mock.timers.enable({ apis: ['Date'], now: Date.now() + 11 * 60_000 })
      const { tokens } = await signIn(app, kitchen)
      let [running, answered] = [true, 0]
      const load = async () => {
        while (running) {
          const { access_token } = await client.clientCredentialsGrant(robot)
          expect(await client.tokenIntrospection(kitchen, access_token)).to.include({ active: true })
          const headers = { authorization: `Bearer ${(await signIn(app, kitchen)).tokens.access_token}` }
          for (const url of [app.url, twin.url]) {
            const response = await request(`${url}/me`, headers)
            expect(response).to.equal(200)
          }
          answered += 1
        }
      }
      const workers = Promise.all([load(), load(), load()])
      const signing = async () => {
        const { access_token } = await client.clientCredentialsGrant(robot)
        return decodeProtectedHeader(access_token).kid
      }
      try {
        const before = await signing()
        await app.keys.rotate()
        expect(await signing()).to.not.equal(before)
        const enough = answered + 9
        await Promise.race([workers, until(() => expect(answered).to.be.above(enough), 20_000)])
        await client.fetchUserInfo(kitchen, tokens.access_token, cast.person.id)
      } finally {
        running = false
        mock.timers.reset()
      }
      await workers.finally(twin.stop)
    })

    /** The twin answers as the same issuer, whose name it has to be called by. */
    async function request(url: string, headers: Record<string, string>): Promise<number> {
      const { host } = new URL(app.url)
      const { port } = new URL(url)
      return new Promise((resolve, reject) => {
        get(
          { host: '127.0.0.1', port, path: new URL(url).pathname, headers: { ...headers, host } },
          (answer) => {
            answer.resume()
            resolve(answer.statusCode ?? 0)
          },
        ).on('error', reject)
      })
    }
  })

  describe(`DC-1 tokens signed with each algorithm (${engine.name})`, () => {
    for (const algorithm of ['ES256', 'EdDSA', 'RS256'] as const) {
      it(algorithm, async () => {
        const algorithms = { accessToken: algorithm, idToken: algorithm }
        const app = await startApp(engine, { config: { algorithms } })
        try {
          const cast = await seedRestaurant(app)
          const kitchen = await relyingParty(app, 'kitchen', cast.secret)
          const { tokens } = await signIn(app, kitchen)
          const jwks = createRemoteJWKSet(new URL(`${app.url}/jwks`))
          const trusted = { issuer: app.url, algorithms: [algorithm] }
          const access = await jwtVerify(tokens.access_token, jwks, { ...trusted, audience: API })
          const id = await jwtVerify(String(tokens.id_token), jwks, { ...trusted, audience: 'kitchen' })
          expect([access.payload.sub, id.payload.sub]).to.deep.equal([cast.person.id, cast.person.id])
          await client.fetchUserInfo(kitchen, tokens.access_token, cast.person.id)
        } finally {
          await app.stop()
        }
      })
    }
  })
}

import { expect } from 'chai'
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { API, type Cast, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'

for (const engine of engines()) {
  describe(`AA-9 DC-1 tokens are issued, validated, renewed and revoked (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast
    let kitchen: client.Configuration

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
      kitchen = await relyingParty(app, 'kitchen', cast.secret)
    })
    after(() => app?.stop())

    it('gives 50 parallel refreshes one and the same successor', async () => {
      const { tokens } = await signIn(app, kitchen)
      const racers = Array.from({ length: 50 }, () =>
        client.refreshTokenGrant(kitchen, String(tokens.refresh_token)),
      )
      const successors = new Set((await Promise.all(racers)).map(({ refresh_token }) => refresh_token))
      expect(successors.size).to.equal(1)
      const [successor] = successors
      expect(successor).not.to.equal(tokens.refresh_token)
      const next = await client.refreshTokenGrant(kitchen, String(successor))
      expect(decodeJwt(next.access_token)).to.include({ sub: cast.person.id })
    })

    it('revokes the grant when a refresh token two generations old comes back', async () => {
      const { tokens } = await signIn(app, kitchen)
      const second = await client.refreshTokenGrant(kitchen, String(tokens.refresh_token))
      const third = await client.refreshTokenGrant(kitchen, String(second.refresh_token))
      await refused(client.refreshTokenGrant(kitchen, String(tokens.refresh_token)))
      await refused(client.refreshTokenGrant(kitchen, String(third.refresh_token)))
    })

    it('lets exactly one of 50 redeem a code', async () => {
      const { callback } = await signIn(app, kitchen)
      const code = new URL(callback).searchParams.get('code') ?? ''
      const answers = await Promise.all(Array.from({ length: 50 }, () => redeem(app, cast, code)))
      expect(answers.filter((status) => status === 200)).to.have.length(0)

      const statuses = await raceForCode()
      expect(statuses.filter((status) => status === 200)).to.have.length(1)
    })

    /** A fresh code, redeemed by 50 at once with the right verifier. */
    async function raceForCode(): Promise<number[]> {
      const verifier = client.randomPKCECodeVerifier()
      const challenge = await client.calculatePKCECodeChallenge(verifier)
      const { visitor } = await signIn(app, kitchen)
      const query = new URLSearchParams({
        client_id: 'kitchen',
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'http://127.0.0.1:39999/callback',
        code_challenge: challenge,
        code_challenge_method: 'S256',
      })
      const page = await visitor.get(`${app.url}/auth?${query}`)
      const code = new URL(String(page.leaves)).searchParams.get('code') ?? ''
      return Promise.all(Array.from({ length: 50 }, () => redeem(app, cast, code, verifier)))
    }

    it('answers userinfo and introspection from the JWT alone, until it is revoked', async () => {
      const { tokens } = await signIn(app, kitchen)
      const info = await client.fetchUserInfo(kitchen, tokens.access_token, cast.person.id)
      expect(info).to.deep.include({ email: 'ada@example.com', roles: ['waiter'] })
      const seen = await client.tokenIntrospection(kitchen, tokens.access_token)
      expect(seen).to.deep.include({
        active: true,
        sub: cast.person.id,
        aud: [API, app.url],
        roles: ['waiter'],
      })
      await client.tokenRevocation(kitchen, tokens.access_token)
      expect(await client.tokenIntrospection(kitchen, tokens.access_token)).to.deep.equal({ active: false })
      await refused(client.fetchUserInfo(kitchen, tokens.access_token, cast.person.id))
    })

    it('gives a machine tokens of its own', async () => {
      const robot = await relyingParty(app, 'robot', cast.machineSecret)
      const { access_token } = await client.clientCredentialsGrant(robot, { scope: 'bookings.read' })
      expect(decodeJwt(access_token)).to.deep.include({ sub: 'robot', aud: API, scope: 'bookings.read' })
      expect(await client.tokenIntrospection(kitchen, access_token)).to.include({
        active: true,
        client_id: 'robot',
      })
    })
  })
}

async function refused(promise: Promise<unknown>): Promise<void> {
  const outcome = await promise.then(
    () => 'accepted',
    () => 'refused',
  )
  expect(outcome).to.equal('refused')
}

async function redeem(app: RunningApp, cast: Cast, code: string, verifier = 'x'.repeat(43)): Promise<number> {
  const response = await fetch(`${app.url}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`kitchen:${cast.secret}`).toString('base64')}` },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: 'http://127.0.0.1:39999/callback',
      code_verifier: verifier,
    }),
  })
  await response.arrayBuffer()
  return response.status
}

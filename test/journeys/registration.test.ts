import { expect } from 'chai'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { beginSignIn, CALLBACK, type Cast, PASSWORD, seedRestaurant } from '../support/restaurant.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`DC-1 an application that registers itself, by the libraries (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
    })
    after(() => app?.stop())

    const metadata = { client_name: 'Wine List', redirect_uris: [CALLBACK], application_type: 'native' }

    it('with openid-client, and signs people in who are asked first', async () => {
      const party = await client.dynamicClientRegistration(new URL(app.url), metadata, undefined, {
        initialAccessToken: await app.oidc.initialAccessToken(60),
        execute: [client.allowInsecureRequests],
      })
      expect(party.clientMetadata()).to.deep.include({ client_name: 'Wine List', redirect_uris: [CALLBACK] })
      const visitor = createVisitor(app.url)
      const { url, finish } = await beginSignIn(party, { scope: 'openid email' })
      const who = { identifier: 'ada@example.com', password: PASSWORD }
      const asked = await visitor.submit(await visitor.get(url.href), who, 'sign-in')
      expect(textOf(asked.html)).to.include('Wine List').and.include('See your email address')
      const tokens = await finish(String((await visitor.submit(asked, {}, 'consent')).leaves))
      expect(tokens.claims()).to.include({ sub: cast.person.id })
      const info = await client.fetchUserInfo(party, tokens.access_token, cast.person.id)
      expect(info).to.include({ email: 'ada@example.com' })
    })

    it('with oauth4webapi, reads, changes and removes what it registered (RFC 7592)', async () => {
      const insecure = { [oauth.allowInsecureRequests]: true }
      const issuer = new URL(app.url)
      const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
      const response = await oauth.dynamicClientRegistrationRequest(as, metadata, {
        ...insecure,
        initialAccessToken: await app.oidc.initialAccessToken(60),
      })
      const made = await oauth.processDynamicClientRegistrationResponse(response)
      const manage = async (method: string, token: unknown, body?: object) => {
        const answer = await fetch(String(made.registration_client_uri), {
          method,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          ...(body && { body: JSON.stringify(body) }),
        })
        const text = await answer.text()
        return { status: answer.status, json: text ? JSON.parse(text) : undefined }
      }
      const mine = made.registration_access_token
      const read = await manage('GET', mine)
      expect([read.status, read.json.client_name]).to.deep.equal([200, 'Wine List'])
      const change = { ...metadata, client_id: made.client_id, client_name: 'Wine Cellar' }
      const changed = await manage('PUT', mine, change)
      expect([changed.status, changed.json?.client_name]).to.deep.equal([200, 'Wine Cellar'])
      expect(await app.applications.get(made.client_id)).to.include({
        name: 'Wine Cellar',
        firstParty: false,
      })
      const now = changed.json.registration_access_token ?? mine
      expect((await manage('DELETE', 'somebody-else')).status).to.equal(401)
      expect((await manage('DELETE', now)).status).to.equal(204)
      expect(await app.applications.get(made.client_id)).to.equal(undefined)
    })

    it('and nobody without the token that an operator issued', async () => {
      for (const initialAccessToken of [undefined, 'made-up', await app.oidc.initialAccessToken(-1)]) {
        const refused = await client
          .dynamicClientRegistration(new URL(app.url), metadata, undefined, {
            ...(initialAccessToken && { initialAccessToken }),
            execute: [client.allowInsecureRequests],
          })
          .catch((error: unknown) => error)
        expect(refused).to.have.property('status').that.is.oneOf([400, 401])
      }
    })
  })
}

import { expect } from 'chai'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import * as client from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import {
  beginSignIn,
  CALLBACK,
  type Cast,
  PASSWORD,
  relyingParty,
  seedRestaurant,
  signIn,
} from '../support/restaurant.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

for (const engine of engines()) {
  describe(`DC-1 further grants and endpoints (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast
    let kitchen: client.Configuration

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
      kitchen = await relyingParty(app, 'kitchen', cast.secret)
      await app.applications.put(
        {
          _id: 'tv',
          name: 'Menu board',
          kind: 'native',
          firstParty: true,
          grants: [DEVICE, 'refresh_token'],
        },
        'test',
      )
    })
    after(() => app?.stop())

    it('takes a pushed authorization request, once (RFC 9126)', async () => {
      const verifier = client.randomPKCECodeVerifier()
      const url = await client.buildAuthorizationUrlWithPAR(kitchen, {
        redirect_uri: CALLBACK,
        scope: 'openid',
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: 'pushed',
      })
      const visitor = createVisitor(app.url)
      const done = await visitor.submit(await visitor.get(url.href), {
        identifier: 'ada@example.com',
        password: PASSWORD,
      })
      expect(done.leaves).to.include('state=pushed')
      const again = await visitor.get(url.href)
      expect(again.leaves ?? '').not.to.include('code=')
    })

    it('binds tokens to a key, without whose proof they are nothing (DPoP, RFC 9449)', async () => {
      const DPoP = client.getDPoPHandle(kitchen, await client.randomDPoPKeyPair('ES256'))
      const { url } = await beginSignIn(kitchen)
      const verifier = client.randomPKCECodeVerifier()
      url.searchParams.set('code_challenge', await client.calculatePKCECodeChallenge(verifier))
      const visitor = createVisitor(app.url)
      const done = await visitor.submit(await visitor.get(url.href), {
        identifier: 'ada@example.com',
        password: PASSWORD,
      })
      const tokens = await client.authorizationCodeGrant(
        kitchen,
        new URL(String(done.leaves)),
        {
          pkceCodeVerifier: verifier,
          expectedState: url.searchParams.get('state') ?? '',
          expectedNonce: url.searchParams.get('nonce') ?? '',
        },
        undefined,
        { DPoP },
      )
      expect(tokens.token_type).to.equal('dpop')
      expect(decodeJwt(tokens.access_token)).to.have.nested.property('cnf.jkt')
      const info = await client.fetchUserInfo(kitchen, tokens.access_token, cast.person.id, { DPoP })
      expect(info.sub).to.equal(cast.person.id)
      const stolen = await fetch(`${app.url}/me`, {
        headers: { authorization: `Bearer ${tokens.access_token}` },
      })
      expect(stolen.status).to.equal(401)
    })

    it('connects a device by a code (RFC 8628)', async () => {
      const tv = await relyingParty(app, 'tv')
      const device = await client.initiateDeviceAuthorization(tv, { scope: 'openid roles' })
      const visitor = createVisitor(app.url)
      const entered = await visitor.submit(await visitor.get(device.verification_uri), {
        user_code: device.user_code,
      })
      expect(textOf(entered.html)).to.include('Menu board')
      const asked = await visitor.submit(entered, { confirm: 'yes' }, 'device')
      const done = await visitor.submit(
        asked,
        { identifier: 'ada@example.com', password: PASSWORD },
        'sign-in',
      )
      const CONNECTED = /Your device is connected.*close this page and go on on your device/
      expect(textOf(done.html)).to.match(CONNECTED)
      expect(textOf((await visitor.get(done.url)).html), 'reloaded').to.match(CONNECTED)
      const polls = await Promise.allSettled(
        Array.from({ length: 20 }, () =>
          client.genericGrantRequest(tv, DEVICE, { device_code: device.device_code }),
        ),
      )
      const won = polls.filter(({ status }) => status === 'fulfilled')
      expect(won).to.have.length(1)
    })

    it('says that a device was stopped only to who stopped it', async () => {
      const tv = await relyingParty(app, 'tv')
      const enter = async () => {
        const { user_code } = await client.initiateDeviceAuthorization(tv, { scope: 'openid' })
        const visitor = createVisitor(app.url)
        const confirm = await visitor.submit(await visitor.get(`${app.url}/device`), { user_code })
        return { visitor, confirm }
      }
      const { visitor, confirm } = await enter()
      const stopped = await visitor.submit(confirm, { abort: 'yes' }, 'device')
      expect(textOf(stopped.html)).to.include('You stopped this')

      const { visitor: other, confirm: theirs } = await enter()
      const asked = await other.submit(theirs, { confirm: 'yes' }, 'device')
      const [uid = ''] = /(?<=\/flow\/)[^?]+/.exec(asked.url) ?? []
      const signedIn = await other.submit(asked, { identifier: 'ada@example.com', password: PASSWORD })
      expect(textOf(signedIn.html)).to.include('connected')
      const late = await other.get(`${app.url}/device/${uid}`)
      expect(textOf(late.html)).to.include('This step is over').and.not.include('You stopped')
    })

    it('registers an application only with an initial access token, as a third party (RFC 7591, RFC 7592)', async () => {
      const metadata = { client_name: 'Somebody’s app', redirect_uris: ['https://third.example/cb'] }
      const register = (token?: string) =>
        fetch(`${app.url}/reg`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
          body: JSON.stringify(metadata),
        })
      expect((await register()).status).to.be.within(400, 401)
      const token = await app.oidc.initialAccessToken(3_600)
      const response = await register(token)
      expect(response.status).to.equal(201)
      const made = (await response.json()) as Record<string, string>
      expect(await app.applications.get(String(made.client_id))).to.include({ firstParty: false })
      const read = await fetch(String(made.registration_client_uri), {
        headers: { authorization: `Bearer ${made.registration_access_token}` },
      })
      const seen = (await read.json()) as Record<string, string>
      expect(read.status).to.equal(200)
      expect(seen.client_secret).to.equal(undefined)
      expect(seen.client_name).to.equal('Somebody’s app')
      const basic = `Basic ${Buffer.from(`${made.client_id}:${made.client_secret}`).toString('base64')}`
      const used = await fetch(`${app.url}/token/introspection`, {
        method: 'POST',
        headers: { authorization: basic },
        body: new URLSearchParams({ token: 'nothing' }),
      })
      expect(used.status).to.equal(200)
      const gone = await fetch(String(made.registration_client_uri), {
        method: 'DELETE',
        headers: { authorization: `Bearer ${made.registration_access_token}` },
      })
      expect(gone.status).to.equal(204)
      expect(await app.applications.get(String(made.client_id))).to.equal(undefined)
    })

    it('authenticates a machine by a signed assertion (RFC 7523)', async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
      const jwk = { ...(await exportJWK(publicKey)), alg: 'ES256', use: 'sig', kid: 'k1' }
      await app.applications.put(
        {
          _id: 'signer',
          name: 'Signer',
          kind: 'machine',
          authMethod: 'private_key_jwt',
          jwks: { keys: [jwk] },
        },
        'test',
      )
      const config = await client.discovery(
        new URL(app.url),
        'signer',
        undefined,
        client.PrivateKeyJwt({ key: privateKey, kid: 'k1' }),
        { execute: [client.allowInsecureRequests] },
      )
      const { access_token } = await client.clientCredentialsGrant(config)
      expect(decodeJwt(access_token).sub).to.equal('signer')
    })

    it('takes an authorization request by POST from another site', async () => {
      const { visitor } = await signIn(app, kitchen)
      const { url, finish } = await beginSignIn(kitchen)
      const response = await visitor.request(`${app.url}/auth`, {
        method: 'POST',
        headers: { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' },
        body: url.searchParams,
      })
      expect(response.status).to.equal(303)
      const page = await visitor.get(String(response.headers.get('location')))
      expect((await finish(String(page.leaves))).access_token).to.be.a('string')
    })

    it('meets prompt=login, max_age=0 and prompt=none', async () => {
      const { visitor } = await signIn(app, kitchen)
      for (const extra of [{ prompt: 'login' }, { max_age: '0' }]) {
        const { url, finish } = await beginSignIn(kitchen, extra)
        const asked = await visitor.get(url.href)
        expect(asked.leaves).to.equal(undefined)
        const done = await visitor.submit(asked, { password: PASSWORD }, 'sign-in')
        expect((await finish(String(done.leaves))).claims()?.auth_time).to.be.closeTo(Date.now() / 1000, 10)
      }
      const silent = await visitor.get((await beginSignIn(kitchen, { prompt: 'none' })).url.href)
      expect(silent.leaves).to.include('code=')
      const stranger = await createVisitor(app.url).get(
        (await beginSignIn(kitchen, { prompt: 'none' })).url.href,
      )
      expect(stranger.leaves).to.include('error=login_required')
    })

    it('posts the answer to the application when asked to (form_post)', async () => {
      const { visitor } = await signIn(app, kitchen)
      const page = await visitor.get((await beginSignIn(kitchen, { response_mode: 'form_post' })).url.href)
      expect(page.html).to.include(CALLBACK).and.include('name="code"')
      // Where the application sends people on from there nobody here can know.
      expect(page.headers.get('content-security-policy')).not.to.include('form-action')
    })
  })
}

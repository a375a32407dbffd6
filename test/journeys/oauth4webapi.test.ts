/** Everything an application does, by a library that knows nothing of resources and checks all that it may. */
import { expect } from 'chai'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { API, CALLBACK, type Cast, PASSWORD, seedRestaurant } from '../support/restaurant.ts'
import { createVisitor, type Page, textOf } from '../support/visitor.ts'

const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
const insecure = { [oauth.allowInsecureRequests]: true }
const kitchen: oauth.Client = { client_id: 'kitchen' }
const ada = { identifier: 'ada@example.com', password: PASSWORD }

for (const engine of engines()) {
  describe(`DC-1 AA-9 every grant and endpoint with a library that sends no resource (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast
    let as: oauth.AuthorizationServer
    let secret: oauth.ClientAuth

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
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
      secret = oauth.ClientSecretBasic(cast.secret)
      const issuer = new URL(app.url)
      as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
    })
    after(() => app?.stop())

    function asked(challenge: string, state: string): URLSearchParams {
      return new URLSearchParams({
        client_id: 'kitchen',
        response_type: 'code',
        redirect_uri: CALLBACK,
        scope: 'openid profile email roles',
        state,
        code_challenge: challenge,
        code_challenge_method: 'S256',
      })
    }

    async function signIn(options: { pushed?: boolean; DPoP?: oauth.DPoPHandle } = {}) {
      const verifier = oauth.generateRandomCodeVerifier()
      const state = oauth.generateRandomState()
      let query = asked(await oauth.calculatePKCECodeChallenge(verifier), state)
      if (options.pushed) {
        const response = await oauth.pushedAuthorizationRequest(as, kitchen, secret, query, insecure)
        const { request_uri } = await oauth.processPushedAuthorizationResponse(as, kitchen, response)
        query = new URLSearchParams({ client_id: 'kitchen', request_uri })
      }
      const visitor = createVisitor(app.url)
      const page = await visitor.get(`${as.authorization_endpoint}?${query}`)
      const left = await visitor.submit(page, ada, 'sign-in')
      const answer = oauth.validateAuthResponse(as, kitchen, new URL(leavesOf(left)), state)
      const response = await oauth.authorizationCodeGrantRequest(
        ...([as, kitchen, secret, answer, CALLBACK, verifier] as const),
        { ...insecure, ...(options.DPoP && { DPoP: options.DPoP }) },
      )
      const tokens = await oauth.processAuthorizationCodeResponse(as, kitchen, response, {
        requireIdToken: true,
      })
      await oauth.validateApplicationLevelSignature(as, response, insecure)
      return tokens
    }

    async function userinfo(accessToken: string, options: oauth.UserInfoRequestOptions = {}) {
      const response = await oauth.userInfoRequest(as, kitchen, accessToken, { ...insecure, ...options })
      return oauth.processUserInfoResponse(as, kitchen, cast.person.id, response)
    }

    async function introspect(token: string) {
      const response = await oauth.introspectionRequest(as, kitchen, secret, token, insecure)
      return oauth.processIntrospectionResponse(as, kitchen, response)
    }

    it('DC-4 gives a JWT that the application’s API can hold against our published keys', async () => {
      const { access_token, expires_in } = await signIn()
      const jwks = createRemoteJWKSet(new URL(String(as.jwks_uri)))
      const { payload, protectedHeader } = await jwtVerify(access_token, jwks, {
        issuer: app.url,
        audience: API,
        typ: 'at+jwt',
        algorithms: ['ES256'],
        requiredClaims: ['exp', 'iat', 'sub', 'client_id', 'jti', 'auth_time', 'acr', 'amr', 'scope'],
      })
      expect(protectedHeader).to.have.all.keys('alg', 'typ', 'kid')
      expect(payload).to.deep.include({
        sub: cast.person.id,
        client_id: 'kitchen',
        roles: ['waiter'],
        permissions: ['bookings.read', 'shifts.read'],
      })
      expect(Number(payload.exp) - Number(payload.iat))
        .to.equal(900)
        .and.equal(expires_in)

      const request = new Request(API, { headers: { authorization: `Bearer ${access_token}` } })
      const claims = await oauth.validateJwtAccessToken(as, request, API, insecure)
      expect(claims.sub).to.equal(cast.person.id)
    })

    it('DC-4 keeps a token of one kind from the place of another', async () => {
      const { access_token, id_token = '' } = await signIn()
      const jwks = createRemoteJWKSet(new URL(String(as.jwks_uri)))
      const asAccessToken = { issuer: app.url, typ: 'at+jwt' }
      const refused = await jwtVerify(id_token, jwks, asAccessToken).catch((error) => error.code)
      expect(refused).to.equal('ERR_JWT_CLAIM_VALIDATION_FAILED')
      const audience = await jwtVerify(access_token, jwks, { audience: 'kitchen' }).catch(({ code }) => code)
      expect(audience).to.equal('ERR_JWT_CLAIM_VALIDATION_FAILED')
      const seen = await fetch(`${as.userinfo_endpoint}`, {
        headers: { authorization: `Bearer ${id_token}` },
      })
      expect(seen.status).to.equal(401)
    })

    it('renews by a refresh token that rotates', async () => {
      const { refresh_token = '', id_token = '' } = await signIn()
      const response = await oauth.refreshTokenGrantRequest(as, kitchen, secret, refresh_token, insecure)
      const next = await oauth.processRefreshTokenResponse(as, kitchen, response)
      expect(next.refresh_token).to.be.a('string').and.not.to.equal(refresh_token)
      expect(decodeJwt(next.access_token)).to.deep.include({ aud: [API, app.url], roles: ['waiter'] })
      const renewed = oauth.getValidatedIdTokenClaims(next)
      const { auth_time, acr, amr } = decodeJwt(id_token)
      expect(renewed).to.deep.include({ auth_time, acr, amr, sub: cast.person.id })
    })

    it('answers userinfo and introspection, until the token is revoked', async () => {
      const { access_token, refresh_token = '' } = await signIn()
      expect(await userinfo(access_token)).to.deep.include({
        name: 'Ada Rossi',
        email: 'ada@example.com',
        email_verified: true,
        roles: ['waiter'],
      })
      expect(await introspect(access_token)).to.deep.include({ active: true, aud: [API, app.url] })
      expect(await introspect(refresh_token)).to.include({ active: true, client_id: 'kitchen' })
      const revoke = async (token: string) =>
        oauth.processRevocationResponse(await oauth.revocationRequest(as, kitchen, secret, token, insecure))
      await revoke(access_token)
      expect(await introspect(access_token)).to.deep.equal({ active: false })
      const error = await userinfo(access_token).catch((thrown) => thrown)
      expect(error).to.be.instanceOf(oauth.WWWAuthenticateChallengeError)
      await revoke(refresh_token)
      expect(await introspect(refresh_token)).to.deep.equal({ active: false })
    })

    it('takes pushed authorization requests', async () => {
      expect((await signIn({ pushed: true })).access_token).to.be.a('string')
    })

    it('binds tokens to a key by DPoP', async () => {
      const keys = await oauth.generateKeyPair('ES256')
      const DPoP = oauth.DPoP(kitchen, keys)
      const { access_token, refresh_token = '', token_type } = await signIn({ DPoP })
      expect(token_type).to.equal('dpop')
      expect(await userinfo(access_token, { DPoP })).to.include({ email: 'ada@example.com' })
      const thumbprint = await DPoP.calculateThumbprint()
      expect(await introspect(access_token)).to.deep.include({ cnf: { jkt: thumbprint } })
      const options = { ...insecure, DPoP }
      const response = await oauth.refreshTokenGrantRequest(as, kitchen, secret, refresh_token, options)
      const next = await oauth.processRefreshTokenResponse(as, kitchen, response)
      expect(decodeJwt(next.access_token)).to.have.nested.property('cnf.jkt', thumbprint)
      const error = await userinfo(next.access_token).catch((thrown) => thrown)
      expect(error).to.be.instanceOf(oauth.WWWAuthenticateChallengeError)
    })

    it('connects a device', async () => {
      const tv: oauth.Client = { client_id: 'tv' }
      const none = oauth.None()
      const begun = await oauth.deviceAuthorizationRequest(as, tv, none, { scope: 'openid roles' }, insecure)
      const device = await oauth.processDeviceAuthorizationResponse(as, tv, begun)
      const poll = () => oauth.deviceCodeGrantRequest(as, tv, none, device.device_code, insecure)
      const early = await oauth.processDeviceCodeResponse(as, tv, await poll()).catch(({ error }) => error)
      expect(early).to.equal('authorization_pending')
      const visitor = createVisitor(app.url)
      const entered = await visitor.get(String(device.verification_uri_complete))
      const confirmed = await visitor.submit(entered, {})
      const signingIn = await visitor.submit(confirmed, { confirm: 'yes' }, 'device')
      const done = await visitor.submit(signingIn, ada, 'sign-in')
      expect(textOf(done.html)).to.include('connected')
      const tokens = await oauth.processDeviceCodeResponse(as, tv, await poll())
      expect(decodeJwt(tokens.access_token)).to.deep.include({
        sub: cast.person.id,
        client_id: 'tv',
        aud: [`${app.url}/api`, app.url],
        roles: ['waiter'],
      })
    })

    it('gives a machine a token of its own', async () => {
      const robot: oauth.Client = { client_id: 'robot' }
      const response = await oauth.clientCredentialsGrantRequest(
        ...([as, robot, oauth.ClientSecretBasic(cast.machineSecret)] as const),
        { scope: 'bookings.read' },
        insecure,
      )
      const { access_token } = await oauth.processClientCredentialsResponse(as, robot, response)
      const request = new Request(API, { headers: { authorization: `Bearer ${access_token}` } })
      const claims = await oauth.validateJwtAccessToken(as, request, API, insecure)
      expect(claims).to.include({ sub: 'robot', client_id: 'robot', scope: 'bookings.read' })
      expect(claims).to.not.have.any.keys('roles', 'permissions', 'gid')
    })
  })
}

function leavesOf(page: Page): string {
  if (!page.leaves) throw new Error(`the sign-in stopped at ${page.url}: ${textOf(page.html)}`)
  return page.leaves
}

import { expect } from 'chai'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { beginSignIn, type Cast, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'

const OWN = 'https://spa.example'
const FOREIGN = 'https://elsewhere.example'

for (const engine of engines()) {
  describe(`DC-1 what the protocol says of itself, and to whom (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
    })
    after(() => app?.stop())

    const allowed = (response: Response) => response.headers.get('access-control-allow-origin')

    it('promises what there is, and every endpoint lies on the issuer', async () => {
      const response = await fetch(`${app.url}/.well-known/openid-configuration`)
      const about = (await response.json()) as Record<string, unknown>
      expect(about).to.deep.include({
        issuer: app.url,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        subject_types_supported: ['public'],
        authorization_response_iss_parameter_supported: true,
        backchannel_logout_supported: true,
        backchannel_logout_session_supported: true,
        claims_parameter_supported: true,
        request_uri_parameter_supported: false,
        ui_locales_supported: ['en', 'de'],
        acr_values_supported: ['urn:maitred:acr:1fa', 'urn:maitred:acr:2fa'],
      })
      expect(about.grant_types_supported).to.have.members([
        'authorization_code',
        'refresh_token',
        'client_credentials',
        'urn:ietf:params:oauth:grant-type:device_code',
      ])
      expect(about.response_modes_supported).to.have.members(['query', 'form_post', 'fragment'])
      expect(about.prompt_values_supported).to.include.members(['none', 'login', 'consent', 'create'])
      expect(about.scopes_supported).to.include.members(['openid', 'offline_access', 'email', 'roles'])
      expect(about.token_endpoint_auth_methods_supported).to.not.include('client_secret_jwt')
      expect(about.dpop_signing_alg_values_supported).to.include('ES256')
      const endpoints = Object.entries(about).filter(([name]) => /_(endpoint|uri)$/.test(name))
      expect(endpoints.map(([name]) => name)).to.include.members([
        ...['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri'],
        ...['introspection_endpoint', 'revocation_endpoint', 'end_session_endpoint'],
        ...['pushed_authorization_request_endpoint', 'device_authorization_endpoint'],
        ...['registration_endpoint'],
      ])
      for (const [name, url] of endpoints) expect([name, new URL(String(url)).origin]).to.include(app.url)
    })

    it('publishes public keys only: for each algorithm one that signs, and the one that is next', async () => {
      const response = await fetch(`${app.url}/jwks`)
      const { keys } = (await response.json()) as { keys: Record<string, string>[] }
      expect(keys.map(({ alg }) => alg).sort()).to.deep.equal(['ES256', 'ES256', 'RS256', 'RS256'])
      for (const key of keys) expect(key).to.not.have.any.keys('d', 'p', 'q', 'dp', 'dq', 'qi', 'k')
    })

    it('lets pages of every origin read discovery and keys', async () => {
      for (const path of ['/.well-known/openid-configuration', '/jwks']) {
        const response = await fetch(`${app.url}${path}`, { headers: { origin: FOREIGN } })
        expect([path, response.status, allowed(response)]).to.deep.equal([path, 200, FOREIGN])
        expect(response.headers.get('access-control-allow-credentials')).to.equal(null)
      }
    })

    it('lets pages of an application’s origins alone read its tokens', async () => {
      const spa = await relyingParty(app, 'spa')
      const { tokens, visitor } = await signIn(app, spa)
      const ask: Record<string, (origin: string) => Promise<Response>> = {
        '/token': (origin) =>
          post('/token', origin, {
            grant_type: 'refresh_token',
            refresh_token: String(tokens.refresh_token),
            client_id: 'spa',
          }),
        '/me': (origin) =>
          fetch(`${app.url}/me`, {
            headers: { origin, authorization: `Bearer ${tokens.access_token}` },
          }),
        '/token/revocation': (origin) =>
          post('/token/revocation', origin, { token: 'unknown', client_id: 'spa' }),
      }
      for (const [path, request] of Object.entries(ask)) {
        const own = await request(OWN)
        expect([path, own.status, allowed(own)]).to.deep.equal([path, 200, OWN])
        expect(own.headers.get('access-control-allow-credentials')).to.equal(null)
        const foreign = await request(FOREIGN)
        expect([path, foreign.status, allowed(foreign)]).to.deep.equal([path, 400, null])
        const text = await foreign.text()
        expect(text).to.not.match(/access_token|ada@/)
        const preflight = await fetch(`${app.url}${path}`, {
          method: 'OPTIONS',
          headers: { origin: OWN, 'access-control-request-method': 'POST' },
        })
        expect([path, preflight.status]).to.deep.equal([path, 204])
      }
      const { url } = await beginSignIn(spa)
      const page = await visitor.request(url.href, { headers: { origin: OWN, 'sec-fetch-mode': 'cors' } })
      expect(allowed(page)).to.equal(null)
      const preflight = await fetch(url, {
        method: 'OPTIONS',
        headers: { origin: OWN, 'access-control-request-method': 'GET' },
      })
      expect([allowed(preflight), preflight.ok]).to.deep.equal([null, false])
    })

    it('lets no page read the answers to an application that has registered no origin', async () => {
      const authorization = `Basic ${Buffer.from(`kitchen:${cast.secret}`).toString('base64')}`
      const response = await post('/token', OWN, { grant_type: 'client_credentials' }, { authorization })
      expect([response.status, allowed(response)]).to.deep.equal([400, null])
    })

    function post(path: string, origin: string, form: Record<string, string>, headers = {}) {
      return fetch(`${app.url}${path}`, {
        method: 'POST',
        headers: { origin, ...headers },
        body: new URLSearchParams(form),
      })
    }
  })
}

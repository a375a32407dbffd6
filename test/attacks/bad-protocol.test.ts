import { expect } from 'chai'
import { engines } from '../support/engines.ts'
import { CALLBACK } from '../support/restaurant.ts'
import { createVisitor } from '../support/visitor.ts'
import { type Answer, authUrl, basic, codeOf, type House, openHouse, send } from './house.ts'

const NUL = String.fromCharCode(0)
const deep = JSON.parse(`${'{"a":'.repeat(300)}1${'}'.repeat(300)}`) as object

for (const engine of engines()) {
  describe(`bad input to the protocol gets a clear answer (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
    })
    after(() => house?.stop())

    /** No failure of ours was written down since. */
    let seen = 0
    beforeEach(() => {
      seen = house.lines.length
    })
    afterEach(() => {
      const failures = house.lines.slice(seen).filter((line) => JSON.parse(line).level >= 50)
      expect(failures, failures.join('').slice(0, 3_000)).to.deep.equal([])
    })

    it('W11: authorization requests with everything wrong in turn', async () => {
      const { visitor } = await codeOf(house)
      const junk = [
        '',
        ' ',
        NUL,
        'x'.repeat(5_000),
        '__proto__',
        '{}',
        '[]',
        '{"a":',
        '-1',
        '9'.repeat(400),
        '\u202e',
      ]
      const claims = [
        ...['{"id_token":{"acr":{"values":5}}}', '{"id_token":{"acr":{"value":{"a":1}}}}', '{"id_token":5}'],
        ...['{"id_token":{"acr":{"essential":true,"values":["x"]}}}', '{"userinfo":{"__proto__":null}}'],
        ...[
          '{"id_token":{"acr":null}}',
          '{"id_token":{"acr":{"values":"x"}}}',
          '{"id_token":{"acr":{"value":5}}}',
        ],
        ...['{"id_token":{"acr":{"values":[5,{}]}}}', '{"id_token":{"sub":{"value":5}}}', '[]', '5', 'null'],
        ...['a\\u0000b', '$where', '__proto__', ''].map((name) => `{"userinfo":{"${name}":null}}`),
        `{"userinfo":{"a":${JSON.stringify(deep)}}}`,
        `{"userinfo":{"a":{"value":${JSON.stringify(deep)}}}}`,
      ]
      const names = [
        ...[
          'client_id',
          'redirect_uri',
          'response_type',
          'response_mode',
          'scope',
          'state',
          'nonce',
          'prompt',
        ],
        ...['max_age', 'ui_locales', 'login_hint', 'acr_values', 'id_token_hint', 'claims', 'claims_locales'],
        ...[
          'code_challenge',
          'code_challenge_method',
          'resource',
          'request',
          'request_uri',
          'display',
          'dpop_jkt',
        ],
        ...['posted', 'registration', 'web_message_uri', 'authorization_details'],
      ]
      const attempts = names.flatMap((name) =>
        junk.map((value) => ({ [name]: value }) as Record<string, string>),
      )
      const visitors = [visitor, createVisitor(house.url)]
      for (const [at, extra] of [...attempts, ...claims.map((value) => ({ claims: value }))].entries()) {
        const url = authUrl(house, extra as Record<string, string>)
        if (url.length > 14_000) continue
        const page = await (visitors[at % 2] ?? visitor).get(url)
        expect(page.status, JSON.stringify(extra).slice(0, 100)).to.be.below(500)
      }
      for (const repeated of [
        'client_id',
        'redirect_uri',
        'state',
        'scope',
        'code_challenge',
        'prompt',
        'claims',
      ]) {
        const page = await visitor.get(`${authUrl(house)}&${repeated}=x`)
        expect(page.leaves ?? '', repeated).not.to.include('code=')
        expect(page.status, repeated).to.be.below(500)
      }
    })

    it('W07: the protocol’s endpoints with bodies of every kind', async () => {
      const secret = basic('kitchen', house.cast.secret)
      const type = 'application/x-www-form-urlencoded'
      const json = 'application/json'
      const bodies: [string, string | Buffer][] = [
        [type, 'x'.repeat(1_000_000)],
        [type, 'grant_type=authorization_code&code=%00&redirect_uri=x&code_verifier=x'],
        [type, Buffer.from([0xff, 0xfe, 0x00])],
        [type, 'grant_type=a&grant_type=b'],
        [type, 'grant_type=refresh_token&refresh_token=%E0%A4%A'],
        [type, '__proto__=x&token=__proto__&grant_type=__proto__'],
        [type, `user_code=${NUL}&xsrf=x&client_id=tv&token=${NUL}`],
        [type, ''],
        [json, '{"token":{"$ne":1},"grant_type":["x"]}'],
        [json, '{"__proto__":{"x":1},"redirect_uris":"x"}'],
        [json, `{"redirect_uris":["${'x'.repeat(50_000)}"]}`],
        [json, '[1'],
        [`${type}; charset=latin-1`, 'grant_type=x'],
        [`${type}; charset=nonsense`, 'grant_type=x'],
        ['text/plain', 'x'],
      ]
      const paths = [
        ...[
          '/token',
          '/token/introspection',
          '/token/revocation',
          '/device/auth',
          '/device',
          '/request',
          '/auth',
        ],
        ...['/session/end', '/session/end/confirm', '/reg', '/me', '/login', '/logout', '/forgot-password'],
      ]
      const initial = await house.oidc.initialAccessToken(60)
      for (const path of paths) {
        for (const [contentType, body] of bodies) {
          const credentials = path === '/reg' ? { authorization: `Bearer ${initial}` } : secret
          const answer = await send(house, path, {
            method: 'POST',
            body,
            headers: { 'content-type': contentType, ...credentials },
          })
          // A token that is none is inactive, and revoked already (RFC 7009 §2.2, RFC 7662 §2.2).
          const least = path.startsWith('/token/') ? 200 : 303
          const told = `${path} ${contentType} ${body.toString().slice(0, 40)}`
          expect(answer.status, told).to.be.within(least, 499)
        }
      }
    })

    it('O21 Keycloak 8: registrations that are not metadata, and links that run', async () => {
      const initial = await house.oidc.initialAccessToken(60)
      const register = (metadata: object): Promise<Answer> =>
        send(house, '/reg', {
          method: 'POST',
          body: JSON.stringify({ redirect_uris: ['https://third.example/cb'], ...metadata }),
          headers: { authorization: `Bearer ${initial}`, 'content-type': 'application/json' },
        })
      const wrong: object[] = [
        ...[5, '', 'x'.repeat(201), ['x'], {}, null].map((client_name) => ({ client_name })),
        ...[
          'javascript:alert(1)',
          'JaVaScRiPt:alert(1)',
          'data:text/html,x',
          'http://third.example/cb',
          'x',
          '',
        ].map((uri) => ({ redirect_uris: [uri] })),
        ...[
          'https://third.example/cb#x',
          'https://*.third.example/cb',
          'https://u:p@third.example/cb#',
          '//x',
        ].map((uri) => ({ redirect_uris: [`${uri}#fragment`] })),
        ...[
          'client_uri',
          'logo_uri',
          'policy_uri',
          'tos_uri',
          'initiate_login_uri',
          'backchannel_logout_uri',
          'jwks_uri',
        ].flatMap((name) => ['JaVaScRiPt:alert(1)', 'data:text/html,x', 5].map((uri) => ({ [name]: uri }))),
        ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)'].map((uri) => ({
          post_logout_redirect_uris: [uri],
        })),
        { redirect_uris: 'https://third.example/cb' },
        { redirect_uris: [] },
        { redirect_uris: Array.from({ length: 101 }, (_, at) => `https://third.example/${at}`) },
        { redirect_uris: [`https://third.example/${'x'.repeat(3_000)}`] },
        { grant_types: ['implicit'], response_types: ['token'] },
        { token_endpoint_auth_method: 'client_secret_jwt' },
        { jwks: { keys: ['x'] } },
        { jwks: { keys: [{ kty: 'EC', x: deep }] } },
        { jwks: { keys: [{ kty: 'EC', [`x${NUL}`]: 'y' }] } },
        { jwks: { keys: Array.from({ length: 21 }, () => ({ kty: 'oct' })) } },
        { scope: 5 },
        { id_token_signed_response_alg: 'none' },
        { id_token_signed_response_alg: 'HS256' },
        { contacts: 'x' },
        { default_max_age: 'x' },
      ]
      for (const metadata of wrong) {
        const { status, json } = await register(metadata)
        expect(status, JSON.stringify(metadata).slice(0, 120) + JSON.stringify(json)).to.be.oneOf([400, 413])
      }
      const odd: object[] = [
        { 'a.b': 'x' },
        { $where: 'x' },
        { first_party: true, login: true, roles: ['admin'] },
      ]
      for (const metadata of odd) {
        const { status, json } = await register(metadata)
        expect(status, JSON.stringify(metadata)).to.be.oneOf([201, 400])
        if (status === 400) continue
        const made = await house.applications.get(String(json.client_id))
        expect(made).to.include({ firstParty: false, login: false, signUp: 'closed' })
      }
    })

    it('O01: a request that names no application of ours goes nowhere', async () => {
      const visitor = createVisitor(house.url)
      for (const client_id of [
        'nobody',
        '',
        '__proto__',
        NUL,
        'x'.repeat(1_000),
        'kitchen\u200b',
        'KITCHEN',
      ]) {
        const page = await visitor.get(authUrl(house, { client_id, redirect_uri: CALLBACK }))
        expect([page.status, page.leaves], client_id.slice(0, 20)).to.deep.equal([400, undefined])
      }
    })
  })
}

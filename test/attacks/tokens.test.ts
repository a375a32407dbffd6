import { randomBytes, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { decodeJwt, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { engines } from '../support/engines.ts'
import { CALLBACK, PASSWORD } from '../support/restaurant.ts'
import { createVisitor } from '../support/visitor.ts'
import {
  ADA,
  authUrl,
  basic,
  codeOf,
  DEVICE,
  type House,
  login,
  openHouse,
  redeem,
  refresh,
  resetLink,
  send,
  signUp,
  token,
  tokensOf,
  userinfo,
  VERIFIER,
} from './house.ts'

for (const engine of engines()) {
  describe(`tokens at the wrong place and in the wrong hands (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
    })
    after(() => house?.stop())

    const kitchen = () => basic('kitchen', house.cast.secret)
    const till = () => basic('till', house.till)

    it('J04 Keycloak 4: no secret of one kind opens the place of another', async () => {
      const { code, visitor, access_token, refresh_token, id_token } = await tokensOf(house)
      const { code: unspent } = await codeOf(house)
      const begun = await send(house, '/device/auth', { form: { client_id: 'tv', scope: 'openid' } })
      const { link } = await signUp(house, 'kim@example.com')
      const reset = new URL(await resetLink(house, 'ada@example.com')).searchParams.get('token')
      const interaction = await createVisitor(house.url).get(authUrl(house))
      const session = visitor.cookies.find(({ name }) => name.endsWith('session'))?.value ?? ''
      expect(session).to.have.length.above(20)
      const secrets: Record<string, string> = {
        'a used code': code,
        'a code': unspent,
        'an access token': access_token,
        'a refresh token': refresh_token,
        'an ID token': id_token,
        'a device code': String(begun.json.device_code),
        'a user code': String(begun.json.user_code),
        'a registration token': await house.oidc.initialAccessToken(60),
        'a sign-up link': new URL(link).searchParams.get('token') ?? '',
        'a reset link': String(reset),
        'an interaction': new URL(interaction.url).pathname.split('/')[2] ?? '',
        'a session': session,
        'a uid of a session': String(decodeJwt(access_token).sid),
        'a grant': String(decodeJwt(access_token).gid),
      }
      const places: Record<string, (secret: string) => Promise<{ status: number; text: string }>> = {
        'a used code': (secret) => redeem(house, secret),
        'a code': (secret) => redeem(house, secret),
        'a refresh token': (secret) => refresh(house, secret),
        'an access token': (secret) => userinfo(house, secret),
        'a device code': (device_code) => token(house, { grant_type: DEVICE, client_id: 'tv', device_code }),
        'a registration token': (secret) =>
          send(house, '/reg', {
            method: 'POST',
            body: JSON.stringify({ redirect_uris: ['https://a.example/'] }),
            headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
          }),
        'a reset link': (secret) => send(house, `/reset-password?token=${secret}`),
        'a sign-up link': (secret) => send(house, `/verify-email?token=${secret}`),
        'an invitation': (secret) => send(house, `/welcome?token=${secret}`),
        'an MFA token': (mfa_token) => login(house, { mfa_token, code: '123456' }),
        'a posted request': (secret) => send(house, `/auth?posted=${secret}`),
        'a pushed request': (secret) =>
          send(
            house,
            `/auth?client_id=kitchen&request_uri=${encodeURIComponent(`urn:ietf:params:oauth:request_uri:${secret}`)}`,
          ),
        'a bearer at /login': (secret) =>
          login(house, {}, { headers: { authorization: `Bearer ${secret}` } }),
      }
      for (const [kind, secret] of Object.entries(secrets)) {
        for (const [place, present] of Object.entries(places)) {
          if (kind === place || (kind === 'an access token' && place === 'a bearer at /login')) continue
          if (place === 'a used code' || (kind === 'a used code' && place === 'a code')) continue
          const { status, text } = await present(secret)
          expect(status, `${kind} as ${place}: ${text.slice(0, 200)}`).to.be.within(303, 499)
          expect(text, `${kind} as ${place}`).not.to.include('access_token')
        }
      }
      for (const name of visitor.cookies
        .map(({ name: cookie }) => cookie)
        .filter((n) => n.includes('session'))) {
        const stolen = createVisitor(house.url)
        for (const secret of Object.values(secrets).filter((value) => value !== session)) {
          stolen.cookies.splice(0, 10, { name, value: secret, path: '/' })
          const page = await stolen.get(authUrl(house, { prompt: 'none' }))
          expect(page.leaves).to.include('error=login_required')
        }
      }
    })

    it('J01 J02 J03: made-up, re-signed and foreign JWTs are no access tokens', async () => {
      const { access_token } = await tokensOf(house)
      const claims = decodeJwt(access_token)
      const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
      const jwk = await exportJWK(publicKey)
      const keys = (await send(house, '/jwks')).json as unknown as { keys: { kid: string }[] }
      const kid = keys.keys[0]?.kid ?? ''
      const [head = '', body = '', signature = ''] = access_token.split('.')
      const forged = [
        new UnsecuredJWT(claims).encode(),
        await new SignJWT(claims)
          .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid, jwk })
          .sign(privateKey),
        await new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
          .sign(new TextEncoder().encode(JSON.stringify(keys.keys[0]))),
        `${head}.${Buffer.from(JSON.stringify({ ...claims, sub: 'another' })).toString('base64url')}.${signature}`,
        `${head}.${body}.`,
        `${head}.${body}`,
        `${access_token.slice(0, -1)}`,
        `${access_token}A`,
        access_token.replaceAll('.', '~'),
      ]
      for (const forgery of forged) {
        expect((await userinfo(house, forgery)).status, forgery.slice(0, 60)).to.equal(401)
        const seen = await send(house, '/token/introspection', {
          form: { token: forgery },
          headers: kitchen(),
        })
        expect(seen.json.active, forgery.slice(0, 60)).to.equal(false)
        const bearer = { headers: { authorization: `Bearer ${forgery}` } }
        expect((await login(house, {}, bearer)).status).to.equal(401)
      }
    })

    it('O12 ZITADEL 29: a refresh token counts as a whole', async () => {
      const { refresh_token } = await tokensOf(house)
      const other = await tokensOf(house)
      const [own, foreign] = [refresh_token, other.refresh_token].map((value) =>
        Buffer.from(value, 'base64url'),
      )
      if (!own || !foreign) throw new TypeError('no tokens')
      const raised = Buffer.from(own)
      raised.writeUInt32BE(raised.readUInt32BE(24) + 1, 24)
      const forged = [
        refresh_token.slice(0, -1),
        refresh_token.slice(0, 32),
        `${refresh_token}A`,
        `${refresh_token}==`,
        refresh_token.toLowerCase(),
        raised.toString('base64url'),
        Buffer.concat([own.subarray(0, 28), foreign.subarray(28)]).toString('base64url'),
        Buffer.concat([foreign.subarray(0, 24), own.subarray(24)]).toString('base64url'),
        Buffer.concat([own.subarray(0, 28), Buffer.alloc(24)]).toString('base64url'),
        randomBytes(52).toString('base64url'),
        own.toString('base64'),
      ].filter((value) => value !== refresh_token)
      for (const value of forged) {
        const answer = await refresh(house, value)
        expect({ status: answer.status, error: answer.json.error }, value).to.deep.equal({
          status: 400,
          error: 'invalid_grant',
        })
      }
      expect((await refresh(house, refresh_token)).status).to.equal(200)
    })

    it('O05 ZITADEL 30 Pocket ID 50: a code and a refresh token are their application’s', async () => {
      const { code } = await codeOf(house)
      const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER }
      expect((await token(house, form, till())).json.error).to.equal('invalid_grant')
      expect((await token(house, { ...form, client_id: 'spa' })).json.error).to.equal('invalid_grant')
      for (const wrong of [
        { redirect_uri: `${CALLBACK}/` },
        { redirect_uri: CALLBACK.replace('39999', '40000') },
        { code_verifier: `${VERIFIER}x` },
      ]) {
        const own = await codeOf(house)
        expect((await redeem(house, own.code, { extra: wrong })).json.error, JSON.stringify(wrong)).to.equal(
          'invalid_grant',
        )
      }
      const { refresh_token } = await tokensOf(house)
      const theirs = { grant_type: 'refresh_token', refresh_token }
      expect((await token(house, theirs, till())).json.error).to.equal('invalid_grant')
      expect((await token(house, { ...theirs, client_id: 'spa' })).json.error).to.equal('invalid_grant')
      expect((await token(house, theirs, basic('kitchen', 'wrong'))).status).to.equal(401)
      expect((await token(house, { ...theirs, client_id: 'kitchen' })).status).to.equal(401)
      expect((await refresh(house, refresh_token)).status).to.equal(200)
    })

    it('O08: who shows another’s rotated token neither ends the grant nor sends a warning', async () => {
      const { refresh_token } = await tokensOf(house)
      const second = await refresh(house, refresh_token)
      const third = await refresh(house, String(second.json.refresh_token))
      await house.mail.pass()
      const before = (await house.mail.sent()).length
      await token(house, { grant_type: 'refresh_token', refresh_token }, till())
      await house.mail.pass()
      expect((await house.mail.sent()).length).to.equal(before)
      expect((await refresh(house, String(third.json.refresh_token))).status).to.equal(200)
    })

    it('J03: a token that is bound to a key is nothing without its proof (RFC 9449 §7.1)', async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256')
      const dpop = await new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${house.url}/token` })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey) })
        .setIssuedAt()
        .sign(privateKey)
      const { code } = await codeOf(house)
      const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER }
      const { json } = await token(house, form, { ...kitchen(), dpop })
      expect(json.token_type).to.equal('DPoP')
      const authorization = `Bearer ${json.access_token}`
      const answers = [
        await login(house, { cookie: true }, { headers: { authorization } }),
        await send(house, '/logout', {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json', authorization },
        }),
        await userinfo(house, String(json.access_token)),
      ]
      expect(answers.map(({ status }) => status)).to.deep.equal([401, 401, 401])
      expect(answers.flatMap(({ headers }) => headers['set-cookie'] ?? []).join()).not.to.include(
        json.access_token,
      )
    })

    it('S04: a machine’s token is nobody’s: it signs nobody in, and no sign-out says that it ended', async () => {
      const robot = basic('robot', house.cast.machineSecret)
      const { json } = await token(house, { grant_type: 'client_credentials' }, robot)
      const headers = { authorization: `Bearer ${json.access_token}`, 'content-type': 'application/json' }
      expect((await login(house, { cookie: true }, { headers })).status).to.equal(401)
      expect((await send(house, '/logout', { method: 'POST', body: '{}', headers })).status).to.equal(401)
    })

    it('O23: revocation and introspection are for who may', async () => {
      const { access_token, refresh_token } = await tokensOf(house)
      for (const [path, form] of [
        ['/token/revocation', { token: access_token }],
        ['/token/introspection', { token: access_token }],
      ] as const) {
        expect((await send(house, path, { form })).status).to.be.oneOf([400, 401])
        expect((await send(house, path, { form, headers: basic('kitchen', 'x') })).status).to.equal(401)
      }
      await send(house, '/token/revocation', { form: { token: refresh_token }, headers: till() })
      expect((await refresh(house, refresh_token)).status).to.equal(200)
      await send(house, '/token/revocation', { form: { token: access_token }, headers: till() })
      expect((await userinfo(house, access_token)).status).to.equal(200)
    })

    it('O06: PKCE is asked of everybody, and only S256', async () => {
      const { visitor } = await codeOf(house)
      for (const extra of [
        { code_challenge: undefined, code_challenge_method: undefined },
        { code_challenge_method: undefined },
        { code_challenge_method: 'plain' },
        { code_challenge: 'short' },
        { code_challenge: '' },
      ]) {
        const page = await visitor.get(authUrl(house, extra))
        expect(page.leaves ?? '', JSON.stringify(extra)).not.to.include('code=')
      }
      const { code } = await codeOf(house, { visitor })
      const none = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK }
      expect((await token(house, none, kitchen())).json.error).to.equal('invalid_grant')
    })

    it('O07: no implicit, no hybrid, no password grant', async () => {
      const { visitor } = await codeOf(house)
      for (const response_type of ['token', 'id_token', 'code id_token', 'none', 'code token']) {
        const page = await visitor.get(authUrl(house, { response_type, nonce: 'n' }))
        expect(page.leaves ?? '').not.to.match(/(code|token)=/)
      }
      const form = { grant_type: 'password', username: ADA.identifier, password: PASSWORD }
      expect((await token(house, form, kitchen())).json.error).to.equal('unsupported_grant_type')
      const { json } = await send(house, '/.well-known/openid-configuration')
      expect(json.response_types_supported).to.deep.equal(['code'])
      expect(json.grant_types_supported).not.to.include('implicit').and.not.to.include('password')
    })

    it('authentik 23: no scope that is not registered, on any grant', async () => {
      const { visitor } = await codeOf(house)
      const machine = (scope: string) =>
        token(house, { grant_type: 'client_credentials', scope }, basic('robot', house.cast.machineSecret))
      for (const scope of ['openid', 'roles', 'offline_access', 'admin', 'bookings.write', 'profile email']) {
        const { json, status } = await machine(scope)
        expect(status === 200 ? (json.scope ?? '') : '', scope).not.to.match(/\S/)
      }
      await house.applications.put(
        {
          _id: 'narrow',
          name: 'Narrow',
          kind: 'machine',
          api: 'https://api.bella-napoli.example/',
          scopes: [],
        },
        'test',
      )
      const secret = await house.applications.newSecret('narrow', 'test')
      const narrow = await token(
        house,
        { grant_type: 'client_credentials', scope: 'bookings.read' },
        basic('narrow', secret),
      )
      expect(narrow.status === 200 ? (narrow.json.scope ?? '') : '').to.equal('')
      await house.applications.put(
        { _id: 'box', name: 'Box', kind: 'native', firstParty: true, grants: [DEVICE], scopes: ['openid'] },
        'test',
      )
      const begun = await send(house, '/device/auth', { form: { client_id: 'box', scope: 'openid email' } })
      expect(begun.json.error).to.equal('invalid_scope')
      for (const scopes of [['openid'], []]) {
        await house.applications.put(
          {
            _id: 'small',
            name: 'Small',
            kind: 'spa',
            firstParty: true,
            redirectUris: [CALLBACK],
            scopes,
          },
          'test',
        )
        const page = await visitor.get(authUrl(house, { client_id: 'small', scope: 'openid email' }))
        expect(page.leaves).to.include('error=invalid_scope')
      }
      const { refresh_token } = await tokensOf(house)
      const wider = { grant_type: 'refresh_token', refresh_token, scope: 'openid email' }
      expect((await token(house, wider, kitchen())).json.error).to.equal('invalid_scope')
    })

    it('O10: offline_access needs consent, and no grant is wider for having been asked twice', async () => {
      const { visitor } = await codeOf(house, { extra: { scope: 'openid' } })
      const { json } = await redeem(house, (await codeOf(house, { visitor })).code)
      expect(json.scope).to.equal('openid')
      await house.applications.put(
        { _id: 'planner2', name: 'Planner', kind: 'spa', redirectUris: [CALLBACK] },
        'test',
      )
      const page = await visitor.get(
        authUrl(house, { client_id: 'planner2', scope: 'openid offline_access', prompt: 'consent' }),
      )
      expect(page.leaves).to.equal(undefined)
      const silent = await visitor.get(
        authUrl(house, { client_id: 'planner2', scope: 'openid offline_access', prompt: 'none' }),
      )
      expect(silent.leaves).to.match(/error=(consent|interaction)_required/)
    })

    it('O13 J07: no token in a URL, and token answers are not kept', async () => {
      const { access_token, refresh_token } = await tokensOf(house)
      expect((await send(house, `/me?access_token=${access_token}`)).status).to.be.within(400, 401)
      const query = new URLSearchParams({ grant_type: 'refresh_token', refresh_token })
      expect(
        (await send(house, `/token?${query}`, { method: 'POST', headers: kitchen() })).status,
      ).to.be.within(400, 415)
      const answer = await refresh(house, refresh_token)
      expect(answer.headers['cache-control']).to.include('no-store')
      const cors = await send(house, authUrl(house).slice(house.url.length), {
        headers: { origin: 'https://spa.example' },
      })
      expect(cors.headers['access-control-allow-origin']).to.equal(undefined)
    })
  })
}

import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { generateSecret, generateSync } from 'otplib'
import { readDocument } from '../../src/admin/admin.ts'
import { sha256 } from '../../src/keys/keys.ts'
import { builtInFactors } from '../../src/plugins/plugins.ts'
import { engines } from '../support/engines.ts'
import { CALLBACK, PASSWORD } from '../support/restaurant.ts'
import { createVisitor, formsIn, type Page, type Visitor } from '../support/visitor.ts'
import {
  ADA,
  type Answer,
  authUrl,
  basic,
  CHALLENGE,
  codeOf,
  DEVICE,
  type House,
  login,
  openHouse,
  openProcess,
  openTwin,
  race,
  redeem,
  refresh,
  resetLink,
  send,
  signUp,
  token,
  tokensOf,
  uidOf,
  userinfo,
} from './house.ts'

for (const engine of engines()) {
  const two = engine.name === 'mongodb' ? 'processes' : 'instances'
  describe(`AA-7 AA-9 SB-6 one-time things under 50 racers at two ${two} (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House
    let twin: Awaited<ReturnType<typeof openProcess>>
    const at = (racer: number): string => (racer % 2 === 0 ? house.url : twin.url)

    before(async () => {
      house = await openHouse(engine)
      twin = await (engine.name === 'mongodb' ? openProcess(house) : openTwin(house))
    })
    after(async () => {
      await twin?.stop()
      await house?.stop()
    })

    it('O03 Keycloak 4: a code is redeemed once, and what it gave is taken back', async () => {
      const { code } = await codeOf(house)
      const answers = await race(50, (racer) => redeem(house, code, { at: at(racer) }))
      const [won, ...others] = granted(answers)
      expect(others).to.deep.equal([])
      expect(won?.json.refresh_token).to.be.a('string')
      expect((await refresh(house, String(won?.json.refresh_token))).json.error).to.equal('invalid_grant')
      expect((await userinfo(house, String(won?.json.access_token))).status).to.equal(401)
    })

    it('O03: a code of an application without refresh tokens is redeemed once', async () => {
      await house.applications.put(
        {
          _id: 'kiosk',
          name: 'Kiosk',
          firstParty: true,
          kind: 'spa',
          grants: ['authorization_code'],
          redirectUris: [CALLBACK],
        },
        'test',
      )
      const { code } = await codeOf(house, { extra: { client_id: 'kiosk' } })
      const form = {
        grant_type: 'authorization_code',
        client_id: 'kiosk',
        code,
        redirect_uri: CALLBACK,
        code_verifier: 'a-verifier-of-at-least-forty-three-characters',
      }
      const answers = await race(50, (racer) => token(house, form, {}, at(racer)))
      expect(granted(answers)).to.have.length(1)
    })

    it('O03: a code that was redeemed is not redeemed again after a sign-out', async () => {
      const { code, visitor, id_token } = await tokensOf(house)
      const leave = await visitor.get(`${house.url}/session/end?id_token_hint=${id_token}`)
      await visitor.submit(leave, { logout: 'yes' }, 'session/end')
      expect((await redeem(house, code)).json.error).to.equal('invalid_grant')
    })

    it('S04: a code on its way ends with its session', async () => {
      const { code, visitor } = await codeOf(house)
      const leave = await visitor.get(`${house.url}/session/end`)
      await visitor.submit(leave, { logout: 'yes' }, 'session/end')
      expect((await redeem(house, code)).json.error).to.equal('invalid_grant')
    })

    it('O03 Keycloak 4: a code is not redeemed again after its refresh token was revoked', async () => {
      const { code, refresh_token } = await tokensOf(house)
      const { status } = await send(house, '/token/revocation', {
        form: { token: refresh_token },
        headers: basic('kitchen', house.cast.secret),
      })
      expect(status).to.equal(200)
      expect((await redeem(house, code)).json.error).to.equal('invalid_grant')
    })

    it('Keycloak 2 better-auth 52: a refresh token has one successor', async () => {
      const { refresh_token } = await tokensOf(house)
      const answers = await race(50, (racer) => refresh(house, refresh_token, at(racer)))
      expect(granted(answers)).to.have.length(50)
      expect(new Set(answers.map(({ json }) => json.refresh_token)).size).to.equal(1)
    })

    it('M03 M08: a TOTP step and a recovery code are accepted once', async () => {
      const totp = generateSecret()
      const { codes, recovery } = builtInFactors({ vault: house.vault })[1].make(new Date())
      for (const [name, code] of [
        ['tia', generateSync({ secret: totp })],
        ['tom', String(codes[0])],
      ] as const) {
        const identifier = `${name}@example.com`
        await house.desiredState.apply(
          readDocument(`people:\n  - email: ${identifier}\n    password: ${PASSWORD}\n    totp: ${totp}\n`),
        )
        const person = await house.accounts.findByIdentifier(identifier)
        await house.accounts.change(String(person?._id), {}, { $set: { recovery } })
        const asked = await race(10, () => login(house, { ...ADA, identifier }))
        const proofs = asked.map(({ json }) => json.mfa_token)
        const answers = await race(50, (racer) =>
          login(house, { mfa_token: proofs[racer % 10], code }, { at: at(racer) }),
        )
        expect(granted(answers), answers.map(({ status }) => status).join()).to.have.length(1)
        const { mfa_token } = (await login(house, { ...ADA, identifier })).json
        expect((await login(house, { mfa_token, code })).status).to.be.oneOf([422, 429])
      }
    })

    it('R01 Keycloak 16: a reset link opened in two browsers sets one password', async () => {
      await house.accounts.create({ email: 'rita@example.com', emailVerified: true, password: PASSWORD })
      const link = await resetLink(house, 'rita@example.com')
      const browsers = await race(2, async () => {
        const visitor = createVisitor(house.url)
        return { visitor, page: await visitor.get(link) }
      })
      const answers = await race(50, (racer) => {
        const { visitor, page } = browsers[racer % 2] ?? browsers[0] ?? expect.fail()
        return post(visitor, page, at(racer), { password: `calm-river-number-${racer}` })
      })
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
      expect(answers.filter(({ status }) => ![200, 410, 503].includes(status))).to.deep.equal([])
    })

    it('R01: a sign-up code and its link make one account, once', async () => {
      const { visitor, page, code, link } = await signUp(house, 'sina@example.com')
      const elsewhere = createVisitor(house.url)
      const opened = await elsewhere.get(link)
      const answers = await race(8, (racer) =>
        racer % 4 < 2
          ? post(visitor, page, at(racer), { code }, 'verify')
          : post(elsewhere, opened, at(racer), { password: PASSWORD }, 'verify-email'),
      )
      expect(answers.filter(({ status }) => status >= 500)).to.deep.equal([])
      const won = answers.filter(
        ({ status, headers }) => status === 200 || headers.location?.includes('/auth/'),
      )
      expect(won).to.have.length(1)
      // Gone with its account, the other half of the pair must not bring it back.
      const person = await house.accounts.findByIdentifier('sina@example.com')
      if (person) await house.accounts.remove(person)
      await post(visitor, page, house.url, { code }, 'verify')
      await post(elsewhere, opened, house.url, { password: PASSWORD }, 'verify-email')
      expect(await house.accounts.findByIdentifier('sina@example.com')).to.equal(undefined)
    })

    it('F10: a DPoP proof is accepted once, at the token endpoint and at userinfo', async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256')
      const jwk = await exportJWK(publicKey)
      const proof = (htm: string, path: string, more = {}) =>
        new SignJWT({ jti: randomUUID(), htm, htu: house.url + path, ...more })
          .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
          .setIssuedAt()
          .sign(privateKey)
      const robot = basic('robot', house.cast.machineSecret)
      const headers = { ...robot, dpop: await proof('POST', '/token') }
      const answers = await race(50, (racer) =>
        token(house, { grant_type: 'client_credentials' }, headers, at(racer)),
      )
      expect(granted(answers)).to.have.length(1)
      expect(statuses(answers)).to.deep.equal([200, 400])

      const { code } = await codeOf(house)
      const form = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: CALLBACK,
        code_verifier: 'a-verifier-of-at-least-forty-three-characters',
      }
      const bound = await token(house, form, {
        ...basic('kitchen', house.cast.secret),
        dpop: await proof('POST', '/token'),
      })
      const ath = sha256(String(bound.json.access_token))
      const shown = {
        authorization: `DPoP ${bound.json.access_token}`,
        accept: 'application/json',
        dpop: await proof('GET', '/me', { ath }),
      }
      const asked = await race(50, (racer) => send(house, '/me', { headers: shown, at: at(racer) }))
      expect(granted(asked)).to.have.length(1)
      expect(asked.filter(({ status }) => status >= 500)).to.deep.equal([])
    })

    it('O15 Ory 39: a client assertion is accepted once', async () => {
      const { privateKey, publicKey } = await generateKeyPair('ES256')
      const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'k' }] }
      await house.applications.put(
        { _id: 'signer', name: 'Signer', kind: 'machine', authMethod: 'private_key_jwt', jwks },
        'test',
      )
      const assertion = (aud: string | string[], seconds = 60) =>
        new SignJWT({ jti: randomUUID() })
          .setProtectedHeader({ alg: 'ES256', kid: 'k' })
          .setIssuer('signer')
          .setSubject('signer')
          .setAudience(aud)
          .setIssuedAt()
          .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
          .sign(privateKey)
      const form = (client_assertion: string) => ({
        grant_type: 'client_credentials',
        client_assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      })
      const once = form(await assertion(house.url))
      const answers = await race(50, (racer) => token(house, once, {}, at(racer)))
      expect(granted(answers)).to.have.length(1)
      expect(answers.filter(({ status }) => status >= 500)).to.deep.equal([])
      for (const wrong of [
        'https://elsewhere.example',
        `${house.url}.evil.example`,
        // What another server may have asked for, to use it here (RFC 7523bis §4).
        `${house.url}/token`,
        [house.url, 'https://elsewhere.example'],
      ])
        expect((await token(house, form(await assertion(wrong)))).status, String(wrong)).to.equal(401)
      expect((await token(house, form(await assertion(house.url, 400)))).status).to.equal(401)
      expect((await token(house, form(await assertion(house.url, 290)))).status).to.equal(200)
    })

    it('F10: a device code gives tokens once, and a user code serves one person', async () => {
      const begun = await send(house, '/device/auth', { form: { client_id: 'tv', scope: 'openid' } })
      const { device_code = '', user_code = '' } = begun.json
      const visitor = createVisitor(house.url)
      const entered = await visitor.submit(await visitor.get(`${house.url}/device`), { user_code })
      const asked = await visitor.submit(entered, { confirm: 'yes' }, 'device')
      await visitor.submit(asked, ADA, 'sign-in')
      const form = { grant_type: DEVICE, client_id: 'tv', device_code }
      const answers = await race(50, (racer) => token(house, form, {}, at(racer)))
      expect(granted(answers)).to.have.length(1)
      expect(answers.filter(({ status }) => status >= 500)).to.deep.equal([])
      const late = createVisitor(house.url)
      const again = await late.submit(await late.get(`${house.url}/device`), { user_code })
      expect(again.status).to.equal(400)
    })

    it('O20: a pushed request is used once', async () => {
      const { visitor } = await codeOf(house)
      const pushed = await send(house, '/request', {
        form: {
          client_id: 'kitchen',
          response_type: 'code',
          scope: 'openid',
          redirect_uri: CALLBACK,
          code_challenge: CHALLENGE,
          code_challenge_method: 'S256',
        },
        headers: basic('kitchen', house.cast.secret),
      })
      const { request_uri } = pushed.json
      const query = new URLSearchParams({ client_id: 'kitchen', request_uri: String(request_uri) })
      const answers = await race(50, () => visitor.request(`${house.url}/auth?${query}`))
      const codes = answers.filter(({ headers }) => headers.get('location')?.includes('code='))
      expect(codes).to.have.length(1)
      expect(answers.filter(({ status }) => status >= 500)).to.deep.equal([])
    })

    it('O21: an initial access token registers until it expires, and nothing else', async () => {
      const initial = await house.oidc.initialAccessToken(60)
      const register = (bearer: string) =>
        send(house, '/reg', {
          method: 'POST',
          headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
          body: JSON.stringify({ redirect_uris: ['https://third.example/cb'] }),
        })
      const made = await race(4, () => register(initial))
      expect(statuses(made)).to.deep.equal([201])
      expect(new Set(made.map(({ json }) => json.client_id)).size).to.equal(4)
      const [first, second] = made
      const manage = (client: Answer | undefined, bearer: string) =>
        send(house, new URL(String(client?.json.registration_client_uri)).pathname, {
          headers: { authorization: `Bearer ${bearer}` },
        })
      expect((await manage(first, String(first?.json.registration_access_token))).status).to.equal(200)
      expect((await manage(first, initial)).status).to.equal(401)
      expect((await manage(first, String(second?.json.registration_access_token))).status).to.be.oneOf([
        401, 403,
      ])
      expect((await register(String(first?.json.registration_access_token))).status).to.equal(401)
      expect((await userinfo(house, initial)).status).to.equal(401)
    })

    it('ZITADEL 36: a sign-in is taken up once', async () => {
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house))
      const answers = await race(10, (racer) => post(visitor, page, at(racer), ADA, 'sign-in'))
      expect(granted(answers)).to.have.length(1)
      expect(answers.filter(({ text }) => text.includes('code='))).to.have.length(1)
      expect(answers.filter(({ status }) => ![200, 410, 503].includes(status))).to.deep.equal([])
      expect((await post(visitor, page, house.url, ADA, 'sign-in')).status).to.equal(410)
      // Neither by the way that a browser goes which comes back: its cookies, which know of no answer, ask again.
      const uid = uidOf(page)
      const resume = visitor.cookies.filter(({ path }) => path === `/auth/${uid}`)
      expect(resume).to.have.length(1)
      const back = await visitor.get(`${house.url}/auth/${uid}`)
      expect([back.url, back.leaves]).to.deep.equal([`${house.url}/flow/${uid}`, undefined])
      visitor.cookies.splice(0, visitor.cookies.length, ...resume)
      expect((await visitor.get(`${house.url}/auth/${uid}`)).status).to.equal(410)
    })

    /** Submits the page's form at one of the two instances. */
    async function post(
      visitor: Visitor,
      page: Page,
      where: string,
      fields: Record<string, string>,
      to = '',
    ): Promise<Answer> {
      const form = formsIn(page.html).find(({ action }) => action.includes(to))
      const cookie = visitor.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
      return send(house, String(form?.action), {
        at: where,
        form: { ...form?.hidden, ...fields },
        headers: { cookie, origin: house.url, accept: 'text/html' },
      })
    }
  })
}

function granted(answers: Answer[]): Answer[] {
  return answers.filter(({ status }) => status === 200)
}

function statuses(answers: Answer[]): number[] {
  return [...new Set(answers.map(({ status }) => status))].sort((a, b) => a - b)
}

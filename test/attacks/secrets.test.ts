import { expect } from 'chai'
import { generateSecret, generateSync } from 'otplib'
import { readDocument } from '../../src/admin/admin.ts'
import { engines } from '../support/engines.ts'
import { CALLBACK, PASSWORD } from '../support/restaurant.ts'
import { createVisitor, formsIn } from '../support/visitor.ts'
import { dump } from './dump.ts'
import {
  ADA,
  authUrl,
  basic,
  CHALLENGE,
  codeOf,
  type House,
  login,
  newestMail,
  openHouse,
  redeem,
  refresh,
  resetLink,
  send,
  signUp,
  tokensOf,
  userinfo,
  VERIFIER,
} from './house.ts'

const TOTP = generateSecret()
const OTTO = { identifier: 'otto@example.com', password: 'seven-lanterns-by-the-quay' }

for (const engine of engines()) {
  describe(`secrets stay secret (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House
    /** Everything that crossed the wire and opens something, by what it is. */
    let secrets: Map<string, string>

    before(async () => {
      house = await openHouse(engine, { realHashes: false, firstStart: true })
      await house.desiredState.apply(
        readDocument(
          `people:\n  - email: ${OTTO.identifier}\n    password: ${OTTO.password}\n    totp: ${TOTP}\n`,
        ),
      )
      secrets = await journey()
    })
    after(() => house?.stop())

    async function journey(): Promise<Map<string, string>> {
      const found = new Map<string, string>()
      const keep = (name: string, value: unknown) => {
        if (typeof value !== 'string' || value.length < 6) throw new TypeError(`no ${name}: ${value}`)
        found.set(name, value)
      }
      keep('a password', PASSWORD)
      keep('another password', OTTO.password)
      keep('a TOTP secret', TOTP)
      keep('an application’s secret', house.cast.secret)
      keep('a machine’s secret', house.cast.machineSecret)
      // Pages, tokens, all three kinds of grants.
      const first = await tokensOf(house, { extra: { scope: 'openid profile email roles' } })
      const { json } = await refresh(house, first.refresh_token)
      for (const name of ['access_token', 'refresh_token', 'id_token', 'code'] as const)
        keep(name, first[name])
      keep('a second refresh token', json.refresh_token)
      keep('a verifier', VERIFIER)
      await userinfo(house, first.access_token)
      await send(house, '/token/introspection', {
        form: { token: String(json.refresh_token) },
        headers: basic('kitchen', house.cast.secret),
      })
      keep('a code on its way', (await codeOf(house, { visitor: first.visitor })).code)
      for (const { name, value } of first.visitor.cookies) keep(`cookie ${name}`, value)
      // Wrong and right: two factors, wrong passwords.
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house))
      const wrong = await visitor.submit(
        page,
        { ...OTTO, password: 'a-wrong-yet-telling-password' },
        'sign-in',
      )
      keep('a wrong password', 'a-wrong-yet-telling-password')
      const half = await visitor.submit(wrong, OTTO, 'sign-in')
      for (const { name, value } of visitor.cookies) keep(`half ${name}`, value)
      const code = generateSync({ secret: TOTP })
      await visitor.submit(half, { code }, 'secondFactor')
      const mfa = await login(house, OTTO)
      keep('an MFA token', mfa.json.mfa_token)
      await login(house, { mfa_token: mfa.json.mfa_token, code: '123123' })
      const direct = await login(house, { ...ADA, cookie: true })
      keep('a token of /login', direct.json.access_token)
      // Mails.
      const signedUp = await signUp(house, 'gina@example.com')
      keep('a sign-up code', signedUp.code)
      keep('a sign-up link', new URL(signedUp.link).searchParams.get('token'))
      keep('a proof cookie', signedUp.visitor.cookies.find(({ name }) => name.includes('proof'))?.value)
      await createVisitor(house.url).get(signedUp.link)
      await signedUp.visitor.submit(signedUp.page, { code: '000000' }, 'verify')
      const link = await resetLink(house, 'ada@example.com')
      keep('a reset link', new URL(link).searchParams.get('token'))
      await createVisitor(house.url).get(link)
      // Devices, pushed and posted requests, registration.
      const device = await send(house, '/device/auth', { form: { client_id: 'tv', scope: 'openid' } })
      keep('a device code', device.json.device_code)
      keep('a user code', device.json.user_code)
      keep('a bare user code', String(device.json.user_code).replace('-', ''))
      const entered = createVisitor(house.url)
      const asked = await entered.submit(await entered.get(`${house.url}/device`), {
        user_code: String(device.json.user_code),
      })
      await entered.submit(asked, { confirm: 'yes' }, 'device')
      const pushed = await send(house, '/request', {
        form: {
          client_id: 'kitchen',
          response_type: 'code',
          scope: 'openid',
          redirect_uri: CALLBACK,
          code_challenge: CHALLENGE,
          code_challenge_method: 'S256',
          id_token_hint: first.id_token,
        },
        headers: basic('kitchen', house.cast.secret),
      })
      keep('a pushed request', String(pushed.json.request_uri).split(':').at(-1))
      await visitor.request(`${house.url}/session/end`, {
        method: 'POST',
        body: new URLSearchParams({ id_token_hint: first.id_token }),
      })
      await createVisitor(house.url).get(authUrl(house, { id_token_hint: first.id_token }))
      const initial = await house.oidc.initialAccessToken(60)
      keep('an initial access token', initial)
      const made = await send(house, '/reg', {
        method: 'POST',
        body: JSON.stringify({ redirect_uris: ['https://third.example/cb'] }),
        headers: { authorization: `Bearer ${initial}`, 'content-type': 'application/json' },
      })
      keep('a registered secret', made.json.client_secret)
      keep('a registration token', made.json.registration_access_token)
      // An enrolment: its secret, its codes.
      const enrolled = createVisitor(house.url)
      const begun = await enrolled.get(authUrl(house, { acr_values: 'urn:maitred:acr:2fa' }))
      const offered = await enrolled.submit(begun, ADA, 'sign-in')
      const secret = /id="secret">([A-Z2-7 ]+)</.exec(offered.html)?.[1]?.replaceAll(' ', '') ?? ''
      keep('an enrolled secret', secret)
      const shown = await enrolled.submit(offered, { code: generateSync({ secret }) }, 'enrolFactor')
      const [recovery] = /[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}/.exec(shown.html) ?? []
      keep('a recovery code', recovery)
      keep('a bare recovery code', recovery?.replaceAll('-', ''))
      for (const { name, value } of enrolled.cookies) keep(`enrolled ${name}`, value)
      // Mistakes that carry secrets.
      await redeem(house, first.code)
      await send(house, `/me?access_token=${first.access_token}`)
      await send(house, `/nowhere?token=${first.refresh_token}`)
      await userinfo(house, `${json.refresh_token}`)
      await newestMail(house, 'ada@example.com')
      // What a browser may know and what is bound to nothing: CSRF cookies are random and open nothing alone.
      return new Map([...found].filter(([name]) => !/csrf|devices/.test(name)))
    }

    it('W12 S09: not in the log', () => {
      expect(house.lines.length).to.be.above(40)
      const log = house.lines.join('')
      expect(leaked(log)).to.deep.equal([])
      for (const word of ['ada@example.com', 'gina@example.com']) expect(log).not.to.include(word)
    })

    it('R01 O12 M05: not in the store', async () => {
      for (const [name, rows] of await dump(house))
        for (const row of rows.values())
          expect(leaked(row), `${name}: ${row.slice(0, 600)}`).to.deep.equal([])
    })

    it('M05 O14: no answer shows again what was shown once', async () => {
      const { visitor } = await codeOf(house).catch(() => ({ visitor: createVisitor(house.url) }))
      for (const path of ['/account', '/account/security', '/account/data/download', '/account/sessions']) {
        const { html } = await visitor.get(house.url + path)
        const own = formsIn(html).flatMap(({ hidden }) => Object.values(hidden))
        expect(
          leaked(html).filter((name) => !own.includes(secrets.get(name) ?? '')),
          path,
        ).to.deep.equal([])
      }
    })

    function leaked(text: string): string[] {
      return [...secrets].filter(([, secret]) => text.includes(secret)).map(([name]) => name)
    }
  })
}

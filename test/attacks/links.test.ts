import { expect } from 'chai'
import { engines } from '../support/engines.ts'
import { CALLBACK, PASSWORD } from '../support/restaurant.ts'
import { createVisitor } from '../support/visitor.ts'
import {
  ADA,
  authUrl,
  codeOf,
  type House,
  login,
  newestMail,
  openHouse,
  resetLink,
  send,
  signUp,
  tokensOf,
} from './house.ts'

const EVIL = 'evil.example'
const XSS = `"><img src=x onerror=alert(1)>'><script>alert(1)</script>{{7*7}}<%= 7*7 %>`

for (const engine of engines()) {
  describe(`links, redirects and what is written into pages (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
    })
    after(() => house?.stop())

    const claims = [
      { 'x-forwarded-host': EVIL },
      { 'x-forwarded-proto': 'https' },
      { 'x-forwarded-proto': 'https', 'x-forwarded-host': EVIL },
      { forwarded: `host=${EVIL};proto=https` },
      { 'x-forwarded-for': '198.51.100.9' },
      { 'x-original-host': EVIL, 'x-host': EVIL, 'x-forwarded-server': EVIL, 'x-rewrite-url': '/evil' },
      { referer: `https://${EVIL}/`, 'x-forwarded-uri': `https://${EVIL}/`, 'x-forwarded-prefix': '/evil' },
    ] as Record<string, string>[]

    it('R05 ZITADEL 25 better-auth 56: no header moves a link, not even the first request’s', async () => {
      for (const headers of claims) {
        const { text, status } = await send(house, '/.well-known/openid-configuration', { headers })
        expect(status).to.equal(200)
        expect(text).not.to.include(EVIL).and.not.to.include('https://localhost')
        const visitor = createVisitor(house.url, headers)
        const email = `host${claims.indexOf(headers)}@example.com`
        await house.accounts.create({ email, emailVerified: true, password: PASSWORD })
        expect(new URL(await resetLink(house, email, visitor)).origin).to.equal(house.url)
        const { link, mail, page } = await signUp(house, `new-${email}`, createVisitor(house.url, headers))
        expect(new URL(link).origin).to.equal(house.url)
        expect(mail + page.html).not.to.include(EVIL)
      }
    })

    it('R05: another host is no host of ours', async () => {
      const { port } = new URL(house.url)
      for (const host of [
        EVIL,
        `127.0.0.1:${port}`,
        `localhost:${port}.${EVIL}`,
        `localhost:1`,
        `a@localhost:${port}`,
        '',
      ]) {
        const answer = await send(house, '/.well-known/openid-configuration', { headers: { host } })
        expect(answer.status, host).to.be.oneOf([400, 421])
        expect(answer.text, host).not.to.include('authorization_endpoint')
      }
    })

    it('O01 Keycloak 5 6 7 authentik 20: a redirect URI is compared as it is', async () => {
      const { visitor } = await codeOf(house)
      const [scheme, host, path] = ['http', '127.0.0.1', '/callback']
      const loopback = [
        `${CALLBACK}/`,
        `${CALLBACK}/../evil`,
        `${CALLBACK}/..;/evil`,
        `${CALLBACK}?x=y`,
        `${CALLBACK}?`,
        `${CALLBACK}#`,
        `${CALLBACK}#x`,
        `${CALLBACK}%00`,
        `${CALLBACK}%2f..`,
        `${CALLBACK} `,
        ` ${CALLBACK}`,
        `${CALLBACK}\t`,
        `${CALLBACK}\\`,
        CALLBACK.replace('/callback', '/Callback'),
        CALLBACK.replace('/callback', '//callback'),
        CALLBACK.replace('/callback', '/x/../callback2'),
        CALLBACK.replace('http:', 'https:'),
        CALLBACK.replace('http:', 'javascript:'),
        CALLBACK.replace('127.0.0.1', 'localhost'),
        CALLBACK.replace('127.0.0.1', '[::1]'),
        CALLBACK.replace('127.0.0.1', '127.0.0.2'),
        `${scheme}://${host}:39999@${EVIL}${path}`,
        `${scheme}://${EVIL}@${host}:39999${path}`,
        `${scheme}://${host}:39999:x@${EVIL}@${host}${path}`,
        `${scheme}://${host}.${EVIL}${path}`,
        `${scheme}://${host}:39999.${EVIL}${path}`,
        `${scheme}:${host}${path}`,
        `//${EVIL}${path}`,
        `https://${EVIL}`,
        '*',
      ]
      await house.applications.put(
        {
          _id: 'shop',
          name: 'Shop',
          kind: 'spa',
          firstParty: true,
          redirectUris: ['https://app.shop.example/cb', 'https://shop.example/a/cb?keep=1'],
        },
        'test',
      )
      const web = [
        'https://app.shop.example/cb/',
        'https://app.shop.example/cb?x=1',
        'https://app.shop.example:443/cb',
        'https://app.shop.example:444/cb',
        'http://app.shop.example/cb',
        'https://APP.shop.example/cb',
        'https://appashop.example/cb',
        'https://evil.app.shop.example/cb',
        'https://app.shop.example.evil.example/cb',
        'https://app.shop.example./cb',
        'https://app.shop.example/cb/..;/../evil',
        'https://app.shop.example/./cb',
        'https://app.shop.example/%63b',
        'https://app.shop.example\\@evil.example/cb',
        'https://shop.example/a/cb',
        'https://shop.example/a/cb?keep=1&more=2',
        'HTTPS://app.shop.example/cb',
      ]
      for (const [client_id, uris] of [
        ['kitchen', loopback],
        ['shop', web],
      ] as const) {
        for (const redirect_uri of uris) {
          const answer = await visitor.request(authUrl(house, { client_id, redirect_uri }))
          expect([answer.status, answer.headers.get('location')], redirect_uri).to.deep.equal([400, null])
        }
      }
      const other = await visitor.get(authUrl(house, { redirect_uri: CALLBACK.replace('39999', '40001') }))
      expect(other.leaves).to.include('http://127.0.0.1:40001/callback?code=')
    })

    it('O24 Keycloak 8: a sign-out goes on only where it is registered', async () => {
      const { visitor, id_token } = await tokensOf(house)
      const bye = 'http://127.0.0.1:39999/bye'
      for (const uri of [
        ...[
          `${bye}/`,
          `${bye}?x`,
          `${bye}#x`,
          bye.replace('127.0.0.1', EVIL),
          `http://127.0.0.1:39999@${EVIL}/bye`,
        ],
        ...['JaVaScRiPt:alert(1)', `//${EVIL}`, CALLBACK, 'data:text/html,x'],
      ]) {
        const query = new URLSearchParams({ id_token_hint: id_token, post_logout_redirect_uri: uri })
        const answer = await visitor.request(`${house.url}/session/end?${query}`)
        expect([answer.status, answer.headers.get('location')], uri).to.deep.equal([400, null])
      }
      const nameless = await visitor.request(
        `${house.url}/session/end?${new URLSearchParams({ post_logout_redirect_uri: bye })}`,
      )
      expect(nameless.headers.get('location')).to.equal(null)
    })

    it('W09 oauth2-proxy 48: no parameter of ours leads away', async () => {
      const targets = [
        `https://${EVIL}`,
        `//${EVIL}`,
        `/\\${EVIL}`,
        `/%2f${EVIL}`,
        `/..//${EVIL}`,
        `javascript:alert(1)`,
        `\t//${EVIL}`,
      ]
      const visitor = createVisitor(house.url)
      for (const target of targets) {
        for (const path of [
          `/forgot-password?flow=${encodeURIComponent(target)}&app=kitchen`,
          `/forgot-password?flow=x&app=${encodeURIComponent(target)}`,
          `/flow/x?app=${encodeURIComponent(target)}`,
          `/account?return=${encodeURIComponent(target)}&returnTo=${encodeURIComponent(target)}`,
          `/account/callback?state=${encodeURIComponent(target)}&code=x`,
          `/reset-password?token=x&continue=${encodeURIComponent(target)}`,
        ]) {
          const page = await visitor.get(house.url + path)
          expect(page.leaves, path).to.equal(undefined)
          const leads = [...page.html.matchAll(/(?:href|action|content)="([^"]*)"/g)].map(
            ([, url = '']) => url,
          )
          for (const url of leads.filter((lead) => !/^(width|light|#|noindex)/.test(lead))) {
            const href = url.replace(/^0;url=/, '').replaceAll('&amp;', '&')
            expect(new URL(href, house.url).origin, `${path} ${url}`).to.equal(house.url)
          }
        }
      }
    })

    it('W05 ZITADEL 34 Ory 41: nothing typed, registered or asked for runs in a page or a mail', async () => {
      const visitor = createVisitor(house.url)
      await house.applications.put(
        {
          _id: 'xss',
          name: XSS.slice(0, 199),
          kind: 'spa',
          signUp: 'open',
          redirectUris: [CALLBACK],
          uri: 'https://third.example/"><script>alert(1)</script>',
        },
        'test',
      )
      const begun = await visitor.get(
        authUrl(house, { client_id: 'xss', login_hint: XSS, ui_locales: XSS, state: XSS }),
      )
      const pages = [begun]
      pages.push(await visitor.submit(begun, { identifier: XSS, password: 'x' }, 'sign-in'))
      const create = await visitor.get(authUrl(house, { client_id: 'xss', prompt: 'create' }))
      pages.push(create, await visitor.submit(create, { email: XSS, password: XSS }, 'sign-up'))
      pages.push(await visitor.submit(create, { email: 'x@example.com', password: PASSWORD }, 'sign-up'))
      const consent = await visitor
        .submit(
          await visitor.get(
            authUrl(house, { client_id: 'xss', scope: `openid ${'<script>alert(1)</script>'}` }),
          ),
          ADA,
          'sign-in',
        )
        .catch(() => begun)
      pages.push(consent)
      const forgot = await visitor.get(`${house.url}/forgot-password?app=xss&flow=${encodeURIComponent(XSS)}`)
      pages.push(forgot, await visitor.submit(forgot, { email: XSS }))
      for (const path of ['/reset-password', '/verify-email', '/welcome'])
        pages.push(await visitor.get(`${house.url}${path}?token=${encodeURIComponent(XSS)}`))
      pages.push(await visitor.get(`${house.url}/device?user_code=${encodeURIComponent(XSS)}`))
      pages.push(await visitor.get(`${house.url}/flow/x?app=${encodeURIComponent(XSS)}`))
      pages.push(await visitor.get(`${house.url}/account?done=${encodeURIComponent(XSS)}`))
      pages.push(
        await visitor.get(
          `${house.url}/account/callback?error=${encodeURIComponent(XSS)}&error_description=${encodeURIComponent(XSS)}`,
        ),
      )
      for (const extra of [
        { client_id: XSS },
        { redirect_uri: XSS },
        { response_type: XSS },
        { claims: XSS },
        { prompt: XSS },
      ])
        pages.push(await visitor.get(authUrl(house, extra)))
      const { visitor: ada } = await codeOf(house)
      pages.push(
        await ada.get(
          `${house.url}/session/end?client_id=xss&state=${encodeURIComponent(XSS)}&ui_locales=${encodeURIComponent(XSS)}`,
        ),
      )
      pages.push(await ada.get(authUrl(house, { response_mode: 'form_post', state: XSS })))
      for (const { html, url, headers } of pages) {
        expect(html, url).not.to.match(/<img src=x|<script>alert|onerror=alert\(1\)>|[^7*]49[^0-9]?<%/)
        const csp = headers.get('content-security-policy') ?? ''
        expect(csp, url).to.include("default-src 'none'").and.to.include("base-uri 'none'")
        expect(csp, url).not.to.include('unsafe-inline')
      }
      expect(pages.map(({ html }) => html).join('')).to.include('&lt;script&gt;')
      const person = await house.accounts.create({
        email: 'xena@example.com',
        emailVerified: true,
        firstName: '<script>alert(1)</script>',
        lastName: '"><img src=x onerror=alert(1)>',
        password: PASSWORD,
      })
      await visitor.submit(await visitor.get(`${house.url}/forgot-password?app=xss`), {
        email: 'xena@example.com',
      })
      await newestMail(house, 'xena@example.com')
      const mail = (await house.mail.sent()).find(({ to }) => to === 'xena@example.com')
      expect(mail?.html)
        .to.be.a('string')
        .and.not.to.match(/<img src=x|<script>alert/)
      expect(person.firstName).to.include('<script>')
    })

    it('R12 better-auth 55: who signs up with another’s address before them has nothing of the account', async () => {
      const email = 'vera@example.com'
      const theirs = { identifier: email, password: 'a-stolen-lantern-in-the-fog' }
      const mallory = createVisitor(house.url)
      const begun = await mallory.get(authUrl(house, { prompt: 'create' }))
      const waiting = await mallory.submit(begun, { email, password: theirs.password }, 'sign-up')
      const mail = await newestMail(house, email)
      const planted = /http\S+verify-email\?token=[\w-]+/.exec(mail)?.[0] ?? ''
      // She opens what she did not ask for, with a password of her own.
      const vera = createVisitor(house.url)
      const page = await vera.get(planted)
      expect((await vera.submit(page, { password: PASSWORD }, 'verify-email')).status).to.equal(422)
      expect(await house.accounts.findByIdentifier(email)).to.equal(undefined)
      // She signs up herself; her code and link are none of Mallory's.
      const own = await signUp(house, email, vera)
      const stolen = await mallory.submit(waiting, { code: own.code }, 'verify')
      expect(stolen.status).to.equal(422)
      expect((await vera.submit(own.page, { code: own.code }, 'verify')).leaves).to.include('code=')
      expect((await mallory.submit(waiting, { code: own.code }, 'verify')).leaves).to.equal(undefined)
      expect((await login(house, theirs)).status).to.equal(401)
      expect((await login(house, { identifier: email, password: PASSWORD })).status).to.equal(200)
    })

    it('R10 nodemailer 61 Auth.js 57: addresses that are several, or another one', async () => {
      const before = (await house.mail.sent()).length
      for (const email of [
        ...[
          'a@example.com\r\nBcc: victim@example.com',
          'a@example.com,b@example.com',
          'a@example.com b@example.com',
        ],
        ...[
          '"a@evil.example"@example.com',
          '<a@example.com>',
          'a@evil.example(@example.com)',
          'a@b@example.com',
        ],
        ...[
          'a\uFF20b@example.com',
          'a@',
          '@example.com',
          'a@example',
          `${'a'.repeat(300)}@example.com`,
          'a@exa mple.com',
        ],
        ...['a@[127.0.0.1]', "a@example.com' OR 1=1", 'a%40example.com', 'Ada <ada@example.com>'],
      ]) {
        const visitor = createVisitor(house.url)
        const page = await visitor.get(authUrl(house, { prompt: 'create' }))
        const asked = await visitor.submit(page, { email, password: PASSWORD }, 'sign-up')
        expect(asked.status, email).to.be.oneOf([400, 422])
        const forgot = await visitor.get(`${house.url}/forgot-password`)
        expect((await visitor.submit(forgot, { email })).status, email).to.be.oneOf([400, 422])
        expect((await login(house, { identifier: email, password: PASSWORD })).status, email).to.be.oneOf([
          401, 422,
        ])
      }
      await house.mail.pass()
      expect((await house.mail.sent()).length).to.equal(before)
    })
  })
}

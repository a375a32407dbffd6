import { expect } from 'chai'
import { engines } from '../support/engines.ts'
import { createVisitor, formsIn } from '../support/visitor.ts'
import { ADA, authUrl, bytes, codeOf, type House, login, openHouse, send, token } from './house.ts'

const NUL = String.fromCharCode(0)

for (const engine of engines()) {
  describe(`bad input gets a clear answer (${engine.name})`, function () {
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

    it('W11: targets that no route could mean', async () => {
      const { host } = new URL(house.url)
      const targets: [string, number[]][] = [
        ['//', [400]],
        ['//evil.example/auth', [400]],
        ['/%E0%A4%A', [400]],
        ['/auth?client_id=%E0%A4%A', [400]],
        ['/%00', [400]],
        ['/a%00b', [400]],
        ['/\\evil', [400]],
        ['/flow/%2e%2e/%2e%2e/account', [400, 404, 410]],
        ['/flow/../account', [303, 400, 404, 410]],
        ['/auth/%ff', [400]],
        ['/reset-password?token=%ff%fe', [400]],
        ['*', [400, 404, 405]],
        ['', [400]],
        [`http://${host}/healthz`, [200]],
        [`http://evil.example/auth`, [421]],
        ['http://', [400]],
        ['http:/evil', [400, 421]],
        [`/${'a'.repeat(10_000)}`, [404]],
        [`/${'a'.repeat(20_000)}`, [431]],
        ['/auth#frag', [400]],
        ['/<script>alert(1)</script>', [400, 404]],
      ]
      for (const [target, wanted] of targets) {
        const { status, text } = await bytes(
          house,
          `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n`,
        )
        expect(status, target.slice(0, 60)).to.be.oneOf(wanted)
        expect(text, target.slice(0, 60))
          .not.to.include('<script>alert')
          .and.not.to.match(/at \w+.*\.ts:\d+/)
      }
    })

    it('J13 mod_auth_openidc 51 Auth.js 57: headers that cannot be read', async () => {
      const { visitor } = await codeOf(house)
      const names = visitor.cookies.map(({ name }) => name)
      const values = [
        '',
        '=',
        '%',
        '%E0%A4%A',
        '"',
        ';;;',
        '\u00ff',
        'x'.repeat(3_000),
        '__proto__',
        '{}',
        '..',
        'a=b=c',
      ]
      for (const value of values) {
        for (const path of ['/account', '/auth', '/session/end', '/device', '/forgot-password', '/flow/x']) {
          const cookie = names.map((name) => `${name}=${value}`).join('; ')
          const answer = await send(house, path, { headers: { cookie: latin(cookie), accept: 'text/html' } })
          expect(answer.status, `${path} ${value.slice(0, 20)}`).to.be.below(500)
        }
      }
      const credentials = [
        ...['Basic', 'Basic ', 'Basic %%%', 'Basic Og==', 'Basic AAAA', 'Basic a b c', 'Bearer', 'Bearer  x'],
        ...[
          'Bearer x.y.z',
          `Bearer ${'x'.repeat(9_000)}`,
          'Digest x',
          'DPoP x',
          'x',
          '\u00ff',
          'Bearer \u00ff',
        ],
        `Basic ${Buffer.from('kitchen:%E0%A4%A').toString('base64')}`,
        `Basic ${Buffer.from(`kitchen${NUL}:x`).toString('base64')}`,
        `Basic ${Buffer.from('__proto__:x').toString('base64')}`,
        `Basic ${Buffer.from([0xff, 0x3a, 0xfe]).toString('base64')}`,
      ]
      for (const authorization of credentials) {
        const headers = { authorization: latin(authorization) }
        for (const answer of [
          await token(house, { grant_type: 'client_credentials' }, headers),
          await login(house, ADA, { headers }),
          await send(house, '/me', { headers }),
          await send(house, '/token/introspection', { form: { token: 'x' }, headers }),
          await send(house, '/reg', {
            method: 'POST',
            body: '{}',
            headers: { ...headers, 'content-type': 'application/json' },
          }),
        ])
          expect(answer.status, `${authorization.slice(0, 30)} ${answer.text}`).to.be.within(400, 499)
      }
      const huge = await send(house, '/account', { headers: { 'x-huge': 'x'.repeat(20_000) } })
      expect(huge.status).to.equal(431)
      const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`x-${at}`, 'y']))
      expect((await send(house, '/healthz', { headers: many })).status).to.be.oneOf([200, 431])
    })

    it('W06 W07: forms that are too large, broken, repeated or unknown', async () => {
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house))
      const cookie = visitor.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
      const form = formsIn(page.html).find(({ action }) => action.includes('sign-in'))
      const own = new URLSearchParams(form?.hidden).toString()
      const type = 'application/x-www-form-urlencoded'
      const bodies: [string | Buffer, string, number[]][] = [
        [`${own}&${new URLSearchParams(ADA)}&identifier=x`, type, [400]],
        [`${own}&${new URLSearchParams(ADA)}&role=admin`, type, [400]],
        [`${own}&__proto__=x&password=x`, type, [400]],
        [`${own}&identifier[]=x&password=x`, type, [400]],
        [`${own}&identifier=%E0%A4%A&password=x`, type, [400]],
        [
          Buffer.concat([
            Buffer.from(`${own}&identifier=`),
            Buffer.from([0xff, 0xfe]),
            Buffer.from('&password=x'),
          ]),
          type,
          [400],
        ],
        [`${own}&identifier=a%00b&password=x`, type, [400]],
        [`${own}&identifier=x&password=${'x'.repeat(1_000_000)}`, type, [413]],
        [`${own}&identifier=${'x'.repeat(5_000)}&password=x`, type, [422]],
        [`${own}${'&a=b'.repeat(5_000)}`, type, [400]],
        ['', type, [400, 403]],
        ['&&&==&', type, [400, 403]],
        [JSON.stringify(ADA), 'application/json', [415]],
        ['x', 'multipart/form-data; boundary=x', [415]],
        ['x', 'text/plain', [415]],
      ]
      for (const [body, contentType, wanted] of bodies) {
        const answer = await send(house, String(form?.action), {
          method: 'POST',
          body,
          headers: { 'content-type': contentType, cookie, origin: house.url, accept: 'text/html' },
        })
        expect(answer.status, body.toString().slice(-60)).to.be.oneOf(wanted)
      }
    })

    it('W06 W07: JSON that is too large, broken, deep or about prototypes', async () => {
      const bodies: [string | Buffer, number[]][] = [
        ['', [400]],
        ['null', [400]],
        ['[]', [400]],
        ['"x"', [400]],
        ['{', [400]],
        [`{"identifier":"a","identifier":"b","password":"x"}`, [400]],
        ['{"__proto__":{"identifier":"x"},"password":"x"}', [400]],
        ['{"constructor":{"prototype":{}},"password":"x"}', [400]],
        ['{"identifier":{"$ne":null},"password":"x"}', [422]],
        ['{"identifier":["ada@example.com"],"password":"x"}', [422]],
        ['{"identifier":"a\\u0000b","password":"x"}', [400]],
        ['{"identifier":"a","password":"x","admin":true}', [422]],
        ['{"identifier":"a","password":null}', [422]],
        ['{"mfa_token":"x","code":"1"}', [401]],
        ['{"mfa_token":"v1.AAAA","code":"1"}', [401]],
        [`${'['.repeat(10_000)}`, [400]],
        [`{"identifier":"${'x'.repeat(1_000_000)}"}`, [413]],
        [Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), [422]],
        ['{"identifier":"\\ud800","password":"x"}', [400, 401, 422]],
        ['{"identifier":"x\\r\\nBcc: y@z","password":"x"}', [401, 422]],
        ['{"identifier":"ada@example.com","password":"\\ud800"}', [401, 422]],
      ]
      for (const [body, wanted] of bodies) {
        const answer = await login(house, body.toString('latin1' as never))
        expect(answer.status, body.toString().slice(0, 60) + answer.text).to.be.oneOf(wanted)
        expect(answer.headers['content-type']).to.include('application/problem+json')
        expect(answer.json.reference).to.match(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/)
      }
    })
  })
}

/** As bytes above ASCII that node lets through. */
function latin(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1')
}

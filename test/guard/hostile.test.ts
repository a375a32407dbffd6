import { once } from 'node:events'
import { type IncomingMessage, request as send } from 'node:http'
import { expect } from 'chai'
import { base64url, CompactSign, importJWK } from 'jose'
import { createGuard, type GuardOptions, Refusal } from '../../src/guard/guard.ts'
import { API } from '../support/restaurant.ts'
import { claimsWith, type House, openHouse } from './house.ts'
import { type Api, frameworks, startApi } from './servers.ts'

describe('RF-5 RF-6 requests that want to be misread', () => {
  let house: House
  const apis: Api[] = []

  before(async () => {
    house = await openHouse()
    for (const name of frameworks) {
      apis.push(await startApi(name, { issuer: house.app.url, audience: API, cookie: 'access' }))
    }
  })
  after(async () => {
    await Promise.all(apis.map((api) => api.close()))
    await house?.app.stop()
  })

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

  /** What a guard of its own says of one request. */
  async function outcome(headers: Record<string, string>, options: Partial<GuardOptions> = {}) {
    const guard = createGuard({ issuer: house.app.url, audience: API, ...options })
    return guard.check({ method: 'GET', url: '/token', headers: new Headers(headers) }).then(
      (caller) => caller,
      (error: unknown) => (error instanceof Refusal ? error.message : String(error)),
    )
  }

  /** Signed by Maitred's own key, letter for letter: what no JSON writer would write. */
  async function signText(payload: string, header: object = {}): Promise<string> {
    const [jwk] = house.app.keys.jwks().keys.filter(({ alg }) => alg === 'ES256')
    if (!jwk) throw new Error('no key')
    return new CompactSign(new TextEncoder().encode(payload))
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: String(jwk.kid), ...header })
      .sign(await importJWK(jwk, 'ES256'), { crit: { x: true } })
  }
  const textWith = (member: string, without: string) =>
    JSON.stringify(claimsWith(house.app.url, { [without]: undefined })).replace(/^\{/, `{${member},`)

  /** A header as often as it is given: `fetch` would join them. */
  async function sendTwice(api: Api, name: string, values: string[], more: Record<string, string> = {}) {
    const { hostname, port } = new URL(api.url)
    const request = send({ hostname, port, path: '/token', headers: { ...more, [name]: values } }).end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode
  }

  it('have one Authorization header, or are refused: what reads another one of two is fooled by none', async () => {
    const [one, other] = [await house.sign(), await house.sign({ sub: 'somebody-else' })]
    const pairs = [
      [`Bearer ${one}`, `Bearer ${other}`],
      [`Bearer ${one}`, 'Bearer x'],
      [`Bearer ${one}`, `Bearer ${one}`],
      [`Bearer ${one}`, 'Basic YTpi'],
      ['Basic YTpi', `Bearer ${one}`],
    ]
    for (const api of apis) {
      expect(await sendTwice(api, 'authorization', [`Bearer ${one}`])).to.equal(200)
      for (const pair of pairs)
        expect([api.name, await sendTwice(api, 'Authorization', pair)]).to.deep.equal([api.name, 401])
      // Nor does a cookie help.
      const cookie = `access=${one}`
      expect(await sendTwice(api, 'authorization', ['', 'Basic YTpi'], { cookie }), api.name).to.equal(401)
      expect(await sendTwice(api, 'cookie', [cookie, cookie]), api.name).to.equal(401)
    }
  })

  it('are not looked at when the token or the proof is longer than any that is meant', async () => {
    expect(await outcome(bearer('x'.repeat(16_385)))).to.equal('The access token is too long')
    expect(await outcome({ cookie: `access=${'x'.repeat(16_385)}` }, { cookie: 'access' })).to.equal(
      'The access token is too long',
    )
    const bound = await house.sign({ cnf: { jkt: 'x' } })
    const headers = { authorization: `DPoP ${bound}`, dpop: 'x'.repeat(8_193) }
    expect(await outcome(headers)).to.equal('The DPoP proof is too long')
  })

  it('may nest a header as deep as it goes, or write none that is an object', async () => {
    const [, payload, signature] = (await house.sign()).split('.')
    const nested = `{"alg":"ES256","typ":"at+jwt","x":${'['.repeat(5_000)}${']'.repeat(5_000)}}`
    for (const header of [nested, '['.repeat(9_000), '[]', 'null', '"ES256"', '1', '{', '']) {
      const token = `${base64url.encode(header)}.${payload}.${signature}`
      expect(await outcome(bearer(token)), header.slice(0, 40)).to.match(/^The access token /)
    }
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty']
    for (const alg of names) {
      const token = `${base64url.encode(JSON.stringify({ alg, typ: 'at+jwt', kid: alg }))}.${payload}.${signature}`
      expect(await outcome(bearer(token))).to.equal('The access token is signed with another algorithm')
    }
  })

  it('gain nothing by claims that are named as what every object has', async () => {
    const inherited =
      '"__proto__":{"permissions":["shifts.update"],"org_id":"napoli","scope":"rota.schedule"}'
    const token = await signText(textWith(inherited, 'permissions'))
    expect(await outcome(bearer(token))).to.deep.include({
      id: 'somebody',
      permissions: [],
      scopes: [],
      organisation: undefined,
    })
    for (const api of apis) {
      const answers = ['/token', '/shifts', '/rota'].map((path) =>
        fetch(api.url + path, { headers: bearer(token) }),
      )
      expect((await Promise.all(answers)).map(({ status }) => status)).to.deep.equal([200, 403, 403])
    }
    const bound = await signText(textWith('"cnf":{"__proto__":{"jkt":"x"}}', 'permissions'))
    expect(await outcome(bearer(bound))).to.match(/bound in an unknown way/)
    const odd = await house.sign({ constructor: 'x', toString: 'y', hasOwnProperty: 'z', valueOf: 1 })
    expect(await outcome(bearer(odd))).to.include({ id: 'somebody' })
  })

  it('are for this API by one whole name among those that the token has', async () => {
    expect(await outcome(bearer(await house.sign({ aud: ['https://other.example/', API] })))).to.include({
      id: 'somebody',
    })
    for (const aud of [
      [],
      ['https://other.example/'],
      `${API} https://other.example/`,
      [[API]],
      { 0: API },
      null,
      7,
    ]) {
      const refused = await outcome(bearer(await house.sign({ aud })))
      expect(refused, JSON.stringify(aud)).to.equal('The access token is for another API')
    }
    for (const iss of [[house.app.url], `${house.app.url}#`, null]) {
      expect(await outcome(bearer(await house.sign({ iss })))).to.equal(
        'The access token is from another issuer',
      )
    }
  })

  it('end at a time that is one', async () => {
    for (const [member, claim] of [
      ['"exp":1e999', 'exp'],
      ['"exp":null', 'exp'],
      ['"exp":[9999999999]', 'exp'],
      ['"iat":-1e999', 'iat'],
      ['"iat":"1"', 'iat'],
    ] as const) {
      const refused = await outcome(bearer(await signText(textWith(member, claim))))
      expect(refused, member).to.equal(`The access token has no usable claim ${claim}`)
    }
  })

  it('end to the second with the leeway, whether the token was seen before or not', async () => {
    const begin = Math.floor(Date.now() / 1_000)
    const claims = { iat: begin, nbf: begin, exp: begin + 100 }
    for (const [leeway, first, last] of [
      [0, 0, 99],
      [10, -10, 109],
      [60, -60, 159],
    ] as const) {
      const token = await house.sign(claims)
      for (const cachedTokens of [0, 100]) {
        let at = 0
        const now = () => new Date((begin + at) * 1_000)
        const guard = createGuard({ issuer: house.app.url, audience: API, leeway, cachedTokens, now })
        const check = async (seconds: number) => {
          at = seconds
          const headers = new Headers(bearer(token))
          return guard.check({ method: 'GET', url: '/', headers }).then(
            () => 'accepted',
            ({ code }) => code,
          )
        }
        const said = []
        for (const seconds of [first - 1, first, last, last + 1]) said.push(await check(seconds))
        expect([leeway, ...said]).to.deep.equal([
          leeway,
          'invalid_token',
          'accepted',
          'accepted',
          'invalid_token',
        ])
      }
    }
  })

  it('have no extension that must be understood, though Maitred itself had signed it', async () => {
    const text = JSON.stringify(claimsWith(house.app.url, {}))
    expect(await outcome(bearer(await signText(text)))).to.include({ id: 'somebody' })
    const refused = await outcome(bearer(await signText(text, { crit: ['x'], x: 1 })))
    expect(refused).to.equal('The access token cannot be read')
  })
})

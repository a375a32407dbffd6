import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import fc from 'fast-check'
import {
  base64url,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  exportSPKI,
  importJWK,
  type JWK,
  SignJWT,
} from 'jose'
import { createGuard, fetchGuard, type Guard, Refusal } from '../../src/guard/guard.ts'
import { anyCodePoint } from '../support/any-code-point.ts'
import { API } from '../support/restaurant.ts'
import { runs } from '../support/runs.ts'
import { claimsWith, type House, openHouse, strangersKey } from './house.ts'
import { type Api, frameworks, startApi } from './servers.ts'

const minute = 60
const now = () => Math.floor(Date.now() / 1_000)

describe('RF-5 RF-6 tokens that are none of ours', () => {
  let house: House
  let guard: Guard
  const apis: Api[] = []

  before(async () => {
    house = await openHouse()
    guard = createGuard({ issuer: house.app.url, audience: API })
    for (const name of frameworks) apis.push(await startApi(name, { issuer: house.app.url, audience: API }))
  })
  after(async () => {
    await Promise.all(apis.map((api) => api.close()))
    await house?.app.stop()
  })

  const publicKey = (): JWK => {
    const [jwk] = house.app.keys.jwks().keys.filter(({ alg }) => alg === 'ES256')
    const { d, ...rest } = jwk as JWK
    return rest
  }
  const unsigned = (header: object, claims: object) =>
    `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(claims))}.`

  async function forge(
    header: Record<string, unknown>,
    claims: Record<string, unknown> = {},
  ): Promise<string> {
    return new SignJWT(claimsWith(house.app.url, claims))
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header })
      .sign(await strangersKey())
  }

  /** HS256 under the public key, in each form that a careless verifier might take for a secret. */
  async function symmetric(form: 'spki' | 'jwk'): Promise<string> {
    const { kid } = publicKey()
    const body = unsigned({ alg: 'HS256', typ: 'at+jwt', kid }, claimsWith(house.app.url, {})).slice(0, -1)
    const key = (await importJWK(publicKey(), 'ES256', { extractable: true })) as CryptoKey
    const secret = form === 'spki' ? await exportSPKI(key) : JSON.stringify(publicKey())
    return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`
  }

  async function swap(change: (claims: Record<string, unknown>) => void): Promise<string> {
    const [header = '', payload = '', signature = ''] = (await house.sign()).split('.')
    const claims = JSON.parse(new TextDecoder().decode(base64url.decode(payload)))
    change(claims)
    return [header, base64url.encode(JSON.stringify(claims)), signature].join('.')
  }

  /** By what is said of them: refused for another reason than the one that is meant would prove nothing. */
  const attacks: Record<string, Record<string, () => Promise<string>>> = {
    'is for another API': {
      'a token without aud': () => house.sign({ aud: undefined }),
      'a token for another audience': () => house.sign({ aud: 'https://other.example/' }),
      'a token for the issuer only': () => house.sign({ aud: house.app.url }),
      'a token for an audience that begins alike': () => house.sign({ aud: `${API}x` }),
    },
    'is from another issuer': {
      'a token without iss': () => house.sign({ iss: undefined }),
      'a token of another issuer': () => house.sign({ iss: 'https://evil.example' }),
      'a token of an issuer with one slash more': () => house.sign({ iss: `${house.app.url}/` }),
    },
    'has expired': {
      'an expired token': () => house.sign({ exp: now() - 11, iat: now() - minute }),
    },
    'is not valid yet': {
      'a token that is not valid yet': () => house.sign({ nbf: now() + minute }),
    },
    'is from the future': {
      'a token from the future': () => house.sign({ iat: now() + minute }),
    },
    'is a token of another kind': {
      'a token of type JWT': () => house.sign({}, { typ: 'JWT' }),
      'a token without type': () => house.sign({}, { typ: undefined }),
      'a logout token': () => house.sign({}, { typ: 'logout+jwt' }),
    },
    'has no usable claim': {
      ...Object.fromEntries(
        ['sub', 'client_id', 'jti', 'iat', 'exp'].map((claim) => [
          `a token without ${claim}`,
          () => house.sign({ [claim]: undefined }),
        ]),
      ),
      'a token with an empty sub': () => house.sign({ sub: '' }),
      'a token with a number for a jti': () => house.sign({ jti: 7 }),
      'a token with a text for an exp': () => house.sign({ exp: '9999999999' }),
    },
    'has a malformed claim': {
      'a token whose roles are a text': () => house.sign({ roles: 'manager' }),
      'a token whose roles hold objects': () => house.sign({ roles: [{ id: 'manager' }] }),
      'a token whose organisation is a list': () => house.sign({ org_id: ['napoli'] }),
    },
    'is bound in an unknown way': {
      'a token bound to a certificate': () => house.sign({ cnf: { 'x5t#S256': 'x' } }),
    },
    'is signed with another algorithm': {
      'an id_token': async () => (await house.tokens()).id,
      'an unsigned token': async () =>
        unsigned({ alg: 'none', typ: 'at+jwt' }, claimsWith(house.app.url, {})),
      'an unsigned token in capitals': async () =>
        unsigned({ alg: 'NONE', typ: 'at+jwt', kid: publicKey().kid }, claimsWith(house.app.url, {})),
      'HS256 with the public key as PEM': () => symmetric('spki'),
      'HS256 with the public key as JWK': () => symmetric('jwk'),
    },
    'is signed with an unknown key': {
      'a foreign key under an unknown kid': () => forge({ kid: 'unknown' }),
      'a kid that is a path': () => forge({ kid: '../../../dev/null' }),
      'a kid that is SQL': () => forge({ kid: "x' OR 1=1 --" }),
      'a kid of the prototype': () => forge({ kid: '__proto__' }),
      'a kid that is a number': () => forge({ kid: 1 }),
    },
    'has a wrong signature': {
      'a foreign key under a known kid': () => forge({ kid: publicKey().kid }),
      'a role written into a signed token': () =>
        swap((claims) => Object.assign(claims, { roles: ['owner'] })),
      'a longer life written into a signed token': () =>
        swap((claims) => Object.assign(claims, { exp: 9e9 })),
      'a signature cut short': async () => (await house.sign()).slice(0, -4),
      'a signature of nothing': async () => `${(await house.sign()).split('.').slice(0, 2).join('.')}.`,
    },
    'cannot be read': {
      'a foreign key': () => forge({}),
      'a refresh token': async () => (await house.tokens()).refresh,
      'a critical header that nobody knows': async () => {
        const [, payload, signature] = (await house.sign()).split('.')
        const header = { alg: 'ES256', typ: 'at+jwt', kid: publicKey().kid, crit: ['x'], x: 1 }
        return `${base64url.encode(JSON.stringify(header))}.${payload}.${signature}`
      },
      'a JWE': async () => `${(await house.sign()).split('.')[0]}.a.b.c.d`,
      'no token at all': async () => '',
      'a word': async () => 'null',
      'two tokens': async () => `${await house.sign()},${await house.sign()}`,
      'a very long one': async () => 'x'.repeat(12_000),
    },
  }

  for (const [reason, group] of Object.entries(attacks)) {
    for (const [what, make] of Object.entries(group)) {
      it(`refuses ${what} with 401 everywhere: it ${reason}`, async () => {
        const token = await make()
        // Twice: a refusal is not remembered as anything better.
        for (const api of [...apis, ...apis]) {
          const response = await fetch(`${api.url}/token`, { headers: { authorization: `Bearer ${token}` } })
          const { code, detail } = await response.json()
          expect([api.name, response.status, code]).to.deep.equal([api.name, 401, 'invalid_token'])
          expect(detail).to.include(reason)
        }
      })
    }
  }

  it('refuses an id_token also where its algorithm is allowed', async () => {
    const wide = createGuard({ issuer: house.app.url, audience: API, algorithms: ['ES256', 'RS256'] })
    const { id, access } = await house.tokens()
    const refused = await wide.check(requestWith(`Bearer ${id}`)).catch(({ message }) => message)
    expect(refused).to.match(/another (kind|API)/)
    expect(await wide.check(requestWith(`Bearer ${access}`))).to.include({ application: 'kitchen' })
  })

  it('looks at no key or address of keys in a token', async () => {
    let asked = 0
    const thief = await strangersKey()
    const { d, ...jwk } = await exportJWK(thief)
    const server = createServer((_req, res) => {
      asked += 1
      res.end(JSON.stringify({ keys: [{ ...jwk, kid: 'thief', alg: 'ES256' }] }))
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
    for (const header of [{ jku: url, kid: 'thief' }, { x5u: url }, { jwk }, { jwk, kid: publicKey().kid }]) {
      const token = await new SignJWT(claimsWith(house.app.url, {}))
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', ...header } as never)
        .sign(thief)
      for (const api of apis) {
        const response = await fetch(`${api.url}/token`, { headers: { authorization: `Bearer ${token}` } })
        expect(response.status).to.equal(401)
      }
    }
    server.close()
    expect(asked).to.equal(0)
  })

  it('allows clocks to differ by ten seconds', async () => {
    for (const claims of [{ exp: now() - 5, iat: now() - minute }, { iat: now() + 5 }, { nbf: now() + 5 }]) {
      expect(await outcome(await house.sign(claims))).to.equal('accepted')
    }
  })

  it('accepts what a sign-in gives and no change of a single character in it', async () => {
    const { access } = await house.tokens()
    expect(decodeProtectedHeader(access)).to.include({ typ: 'at+jwt', alg: 'ES256' })
    expect(decodeJwt(access)).to.deep.include({ iss: house.app.url, aud: [API, house.app.url] })
    expect(await outcome(access)).to.equal('accepted')
    // The last character of a part has bits that mean nothing.
    const ends = new Set([...access.matchAll(/.(?=\.|$)/g)].map(({ index }) => index))
    await fc.assert(
      fc.asyncProperty(fc.nat(access.length - 1), fc.constantFrom(...'Aa0_-.'), async (at, character) => {
        fc.pre(access[at] !== character && !ends.has(at))
        const changed = access.slice(0, at) + character + access.slice(at + 1)
        expect(await outcome(changed)).to.equal('invalid_token')
      }),
      { numRuns: runs(300) },
    )
  })

  it('refuses whatever is written in the header, and never breaks', async () => {
    // Not fc.webUrl, whose paths begin with a table of all code points as well.
    const url = fc.tuple(fc.webAuthority(), fc.base64String()).map((parts) => `https://${parts.join('/')}`)
    const noise = fc.oneof(fc.string({ unit: anyCodePoint, maxLength: 200 }), url, fc.base64String())
    await fc.assert(
      fc.asyncProperty(noise, async (text) => {
        for (const authorization of [text, `Bearer ${text}`, `DPoP ${text}`]) {
          const refused = await guard.check(requestWith(authorization)).catch((error: unknown) => error)
          expect(refused).to.be.instanceOf(Refusal)
        }
      }),
      { numRuns: runs(40) },
    )
  })

  const requestWith = (authorization: string) => ({
    method: 'GET',
    url: '/',
    headers: { get: (name: string) => (name === 'authorization' ? authorization : undefined) },
  })

  async function outcome(token: string): Promise<string> {
    return guard.check(requestWith(`Bearer ${token}`)).then(
      () => 'accepted',
      (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
    )
  }

  it('is not made with options that cannot be meant', () => {
    const good = { issuer: 'https://id.example', audience: API }
    for (const wrong of [
      { issuer: 'http://id.example' },
      { issuer: 'id.example' },
      { audience: '' },
      { audience: 'urn:kitchen' },
      { origin: 'https://api.example/v1' },
      { algorithms: ['none'] as never },
      { algorithms: ['HS256'] as never },
      { algorithms: [] },
      { leeway: 3_600 },
      { leeway: Number.NaN },
    ]) {
      expect(() => createGuard({ ...good, ...wrong }), JSON.stringify(wrong)).to.throw(TypeError)
    }
    const { requireRole, requirePermission, requireScope } = fetchGuard(good)
    for (const wrong of [[], '', ['a', '']]) {
      for (const require of [requireRole, requirePermission, requireScope])
        expect(() => require(wrong), JSON.stringify(wrong)).to.throw(TypeError)
    }
    for (const wrong of ['rota.schedule rota.read', 'a"b', 'a\nb', 'à']) {
      expect(() => requireScope(wrong), wrong).to.throw(TypeError)
    }
    expect(() =>
      createGuard({ ...good, audience: 'urn:kitchen', origin: 'https://api.example' }),
    ).not.to.throw()
  })
})

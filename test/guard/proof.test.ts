import { createHash, randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { allowInsecureRequests, clientCredentialsGrant, getDPoPHandle } from 'openid-client'
import { createGuard } from '../../src/guard/guard.ts'
import { createReplayMemory } from '../../src/guard/replay-memory.ts'
import { API, relyingParty } from '../support/restaurant.ts'
import { type House, openHouse } from './house.ts'
import { type Api, frameworks, startApi } from './servers.ts'

describe('RF-5 tokens that are bound to a key (DPoP, RFC 9449)', () => {
  let house: House
  let keys: CryptoKeyPair
  let token: string
  const apis: Api[] = []

  before(async () => {
    house = await openHouse()
    keys = await generateKeyPair('ES256', { extractable: true })
    const robot = await relyingParty(house.app, 'robot', house.cast.machineSecret)
    allowInsecureRequests(robot)
    const DPoP = getDPoPHandle(robot, keys)
    ;({ access_token: token } = await clientCredentialsGrant(robot, { scope: 'bookings.read' }, { DPoP }))
    for (const name of frameworks) apis.push(await startApi(name, { issuer: house.app.url, audience: API }))
  })
  after(async () => {
    await Promise.all(apis.map((api) => api.close()))
    await house?.app.stop()
  })

  const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
  const now = () => Math.floor(Date.now() / 1_000)

  /** A good proof for `GET /token`, with changes. */
  async function prove(
    api: { url: string },
    o: { claims?: Record<string, unknown>; header?: Record<string, unknown>; by?: CryptoKeyPair } = {},
  ): Promise<string> {
    const { privateKey, publicKey } = o.by ?? keys
    const claims = {
      jti: randomUUID(),
      htm: 'GET',
      htu: `${api.url}/token`,
      iat: now(),
      ath: hash(token),
      ...o.claims,
    }
    return new SignJWT(JSON.parse(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: await exportJWK(publicKey), ...o.header })
      .sign(privateKey)
  }

  async function present(api: Api, proof: string | undefined, o: { scheme?: string; path?: string } = {}) {
    const headers = { authorization: `${o.scheme ?? 'DPoP'} ${token}`, ...(proof && { dpop: proof }) }
    const response = await fetch(api.url + (o.path ?? '/token'), { headers })
    const { code = 'accepted', detail = '' } = await response.json()
    return {
      status: response.status,
      code,
      detail,
      challenge: response.headers.get('www-authenticate') ?? '',
    }
  }

  it('are accepted with a proof, each proof once', async () => {
    for (const api of apis) {
      const proof = await prove(api)
      expect(await present(api, proof)).to.include({ status: 200 })
      const again = await present(api, proof)
      expect(again).to.include({
        status: 401,
        code: 'invalid_dpop_proof',
        detail: 'The DPoP proof was used before',
      })
      expect(again.challenge).to.match(
        /^DPoP error="invalid_dpop_proof".* algs="ES256 EdDSA Ed25519".*, Bearer /,
      )
      expect(await present(api, await prove(api), { path: '/token?page=2', scheme: 'dpop' })).to.include({
        status: 200,
      })
    }
  })

  it('let one of 30 at once use a proof', async () => {
    for (const api of apis) {
      const proof = await prove(api)
      const answers = await Promise.all(Array.from({ length: 30 }, () => present(api, proof)))
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
    }
  })

  it('are refused as Bearer, and as a cookie', async () => {
    for (const api of apis) {
      const answer = await present(api, await prove(api), { scheme: 'Bearer' })
      expect(answer).to.include({ status: 401, code: 'invalid_token' })
      expect(answer.detail).to.include('bound to a key')
    }
    const guard = createGuard({ issuer: house.app.url, audience: API, cookie: 'access' })
    const headers = new Headers({
      cookie: `access=${token}`,
      dpop: await prove({ url: new URL(API).origin }),
    })
    const url = '/token'
    const refused = await guard.check({ method: 'GET', url, headers }).catch(({ code }) => code)
    expect(refused).to.equal('invalid_token')
  })

  it('are not what an unbound token with the scheme DPoP is', async () => {
    const plain = await house.sign()
    for (const api of apis) {
      const headers = {
        authorization: `DPoP ${plain}`,
        dpop: await prove(api, { claims: { ath: hash(plain) } }),
      }
      const response = await fetch(`${api.url}/token`, { headers })
      expect([response.status, (await response.json()).code]).to.deep.equal([401, 'invalid_token'])
    }
  })

  const stranger = () => generateKeyPair('ES256', { extractable: true })
  const wrong: Record<string, [make: (api: Api) => Promise<string | undefined>, detail: RegExp]> = {
    'no proof': [async () => undefined, /is missing/],
    'two proofs': [async (api) => `${await prove(api)}, ${await prove(api)}`, /cannot be verified/],
    'a proof for another method': [(api) => prove(api, { claims: { htm: 'POST' } }), /another method/],
    'a proof for another path': [
      (api) => prove(api, { claims: { htu: `${api.url}/manager` } }),
      /another URL/,
    ],
    'a proof for another host': [
      (api) => prove(api, { claims: { htu: 'https://evil.example/token' } }),
      /another URL/,
    ],
    'a proof for a path alone': [(api) => prove(api, { claims: { htu: '/token' } }), /another URL/],
    'a proof for another token': [
      (api) => prove(api, { claims: { ath: hash('x') } }),
      /another access token/,
    ],
    'a proof for no token': [(api) => prove(api, { claims: { ath: undefined } }), /cannot be verified/],
    'a proof from long ago': [(api) => prove(api, { claims: { iat: now() - 75 } }), /too old/],
    'a proof from the future': [(api) => prove(api, { claims: { iat: now() + 15 } }), /not of now/],
    'a proof without a time': [(api) => prove(api, { claims: { iat: undefined } }), /not of now/],
    'a proof without a jti': [(api) => prove(api, { claims: { jti: undefined } }), /cannot be verified/],
    'a proof with an empty jti': [(api) => prove(api, { claims: { jti: '' } }), /jti/],
    'a proof of another key': [async (api) => prove(api, { by: await stranger() }), /another key/],
    'a proof of another key that names ours': [
      async (api) => prove(api, { by: await stranger(), header: { jwk: await exportJWK(keys.publicKey) } }),
      /cannot be verified/,
    ],
    'a proof of another kind': [(api) => prove(api, { header: { typ: 'JWT' } }), /cannot be verified/],
    'a proof with a private key in it': [
      async (api) => prove(api, { header: { jwk: await exportJWK(keys.privateKey) } }),
      /cannot be verified/,
    ],
    'a proof without a key': [(api) => prove(api, { header: { jwk: undefined } }), /cannot be verified/],
    'a symmetric proof': [
      async () => {
        const secret = new Uint8Array(32)
        const jwk: JWK = { kty: 'oct', k: Buffer.from(secret).toString('base64url') }
        return new SignJWT({ jti: randomUUID() })
          .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk })
          .sign(secret)
      },
      /cannot be verified/,
    ],
    'the access token as proof': [async () => token, /cannot be verified/],
  }
  for (const [what, [make, detail]] of Object.entries(wrong)) {
    it(`are refused with ${what}`, async () => {
      for (const api of apis) {
        const answer = await present(api, await make(api))
        expect(answer).to.include({ status: 401, code: 'invalid_dpop_proof' })
        expect(answer.detail).to.match(detail)
      }
    })
  }

  it('are for the configured host, whatever host the request names', async () => {
    const guard = createGuard({ issuer: house.app.url, audience: API })
    const check = async (url: string, htu: string) => {
      const proof = await prove({ url: '' }, { claims: { htu } })
      const headers = new Headers({ authorization: `DPoP ${token}`, dpop: proof })
      return guard.check({ method: 'GET', url, headers }).then(
        () => 'accepted',
        ({ code }) => code,
      )
    }
    expect(await check('https://evil.example/token', 'https://evil.example/token')).to.equal(
      'invalid_dpop_proof',
    )
    expect(await check('http://10.0.0.7:8080/token', `${API}token`)).to.equal('accepted')
    expect(await check('/token', `${API}TOKEN`)).to.equal('invalid_dpop_proof')
    expect(await check('/a/../token', 'HTTPS://api.bella-napoli.example:443/token#x')).to.equal('accepted')
    for (const url of ['//evil.example/token', '*', '//', '/%E0%A4%A', '']) {
      expect(await check(url, 'not a url'), url).to.equal('invalid_dpop_proof')
    }
  })

  it('remember proofs for as long as they serve, and take none when they cannot', async () => {
    const clock = { seconds: 0 }
    const guard = createGuard({
      issuer: house.app.url,
      audience: API,
      rememberedProofs: 3,
      now: () => new Date(Date.now() + clock.seconds * 1_000),
    })
    const check = async (jti: string, iat = now() + clock.seconds) => {
      const proof = await prove({ url: new URL(API).origin }, { claims: { jti, iat } })
      const headers = new Headers({ authorization: `DPoP ${token}`, dpop: proof })
      return guard.check({ method: 'GET', url: '/token', headers }).then(
        () => 'accepted',
        ({ code }) => code,
      )
    }
    const begin = now()
    expect(await check('a', begin + 9)).to.equal('accepted')
    // As late as this proof can be used at all: 60 seconds, and the leeway.
    clock.seconds = 78
    expect(await check('a', begin + 9)).to.equal('invalid_dpop_proof')
    expect([await check('b'), await check('c'), await check('d')]).to.deep.equal([
      'accepted',
      'accepted',
      'temporarily_unavailable',
    ])
    clock.seconds = 78 + 161
    expect(await check('d')).to.equal('accepted')
  })

  it('are not forgotten when a generation of proofs goes', () => {
    let time = 0
    const memory = createReplayMemory({ now: () => new Date(time * 1_000), seconds: 80, most: 10 })
    expect(memory.remember('a')).to.equal('first')
    time = 75
    expect(memory.remember('b')).to.equal('first')
    for (time of [80, 100, 154]) expect([time, memory.remember('b')]).to.deep.equal([time, 'again'])
    time = 400
    expect(memory.remember('b')).to.equal('first')
  })

  it('say by which key', async () => {
    const thumbprint = await calculateJwkThumbprint(await exportJWK(keys.publicKey))
    const guard = createGuard({ issuer: house.app.url, audience: API })
    const headers = new Headers({
      authorization: `DPoP ${token}`,
      dpop: await prove({ url: new URL(API).origin }),
    })
    const caller = await guard.check({ method: 'GET', url: '/token', headers })
    expect(caller).to.deep.include({ id: 'robot', application: 'robot', scopes: ['bookings.read'] })
    expect(caller.claims.cnf).to.deep.equal({ jkt: thumbprint })
  })
})

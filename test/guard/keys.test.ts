import { expect } from 'chai'
import { decodeProtectedHeader, exportJWK, SignJWT } from 'jose'
import { createGuard, type GuardOptions, Refusal } from '../../src/guard/guard.ts'
import { API } from '../support/restaurant.ts'
import { claimsWith, countingFetch, type House, openHouse, strangersKey } from './house.ts'

const eleven = 11 * 60_000

describe('RF-5 the keys that the guard verifies with', () => {
  let house: House
  let stranger: CryptoKey
  before(async () => {
    house = await openHouse()
    stranger = await strangersKey()
  })
  after(() => house?.app.stop())

  /** A guard with a clock of its own and a wire that counts. */
  function open(options: Partial<GuardOptions> = {}) {
    const wire = countingFetch()
    const clock = { seconds: 0 }
    const guard = createGuard({
      issuer: house.app.url,
      audience: API,
      fetch: wire,
      now: () => new Date(Date.now() + clock.seconds * 1_000),
      ...options,
    })
    const present = async (token: string): Promise<string> => {
      const get = (name: string) => (name === 'authorization' ? `Bearer ${token}` : undefined)
      return guard.check({ method: 'GET', url: '/', headers: { get } }).then(
        () => 'accepted',
        (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
      )
    }
    return { wire, clock, present, guard }
  }

  async function strange(kid: string): Promise<string> {
    return new SignJWT(claimsWith(house.app.url, {}))
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid })
      .sign(stranger)
  }

  it('are fetched once for all who wait', async () => {
    const { wire, present } = open()
    const tokens = await Promise.all(Array.from({ length: 50 }, () => house.sign()))
    expect(new Set(await Promise.all(tokens.map(present)))).to.deep.equal(new Set(['accepted']))
    expect(wire.urls).to.deep.equal([
      `${house.app.url}/.well-known/openid-configuration`,
      `${house.app.url}/jwks`,
    ])
  })

  it('rotate without a refused token', async () => {
    const { wire, clock, present } = open()
    const { access: first } = await house.tokens()
    expect(await present(first)).to.equal('accepted')
    await house.app.keys.rotate()
    const { access: second } = await house.tokens()
    const kid = (token: string) => decodeProtectedHeader(token).kid
    expect(kid(second)).not.to.equal(kid(first))
    // The next key was published before it signed.
    expect(await present(second)).to.equal('accepted')
    expect(wire.urls).to.have.length(2)

    house.shift(eleven)
    await house.app.keys.rotate()
    house.shift(0)
    const { access: third } = await house.tokens()
    clock.seconds = 31
    expect(await present(third)).to.equal('accepted')
    expect(wire.urls).to.have.length(4)
    const { wire: later, present: presentLater } = open()
    expect([await presentLater(first), await presentLater(second)]).to.deep.equal(['accepted', 'accepted'])
    expect(later.urls).to.have.length(2)
  })

  it('are asked for again by unknown kids, but not more often than every 30 seconds', async () => {
    const { wire, clock, present } = open()
    expect(await present(await house.sign())).to.equal('accepted')
    const flood = await Promise.all(Array.from({ length: 40 }, (_, n) => strange(`kid-${n}`)))
    expect(new Set(await Promise.all(flood.map(present)))).to.deep.equal(new Set(['invalid_token']))
    expect(wire.urls).to.have.length(2)
    clock.seconds = 31
    expect(new Set(await Promise.all(flood.map(present)))).to.deep.equal(new Set(['invalid_token']))
    expect(wire.urls).to.have.length(4)
  })

  it('go on serving while the issuer does not answer', async () => {
    const { wire, clock, present } = open({ cachedTokens: 0 })
    const token = await house.sign({ exp: Math.floor(Date.now() / 1_000) + 10_000 })
    expect(await present(token)).to.equal('accepted')
    wire.down = true
    clock.seconds = 601
    expect(await present(token)).to.equal('accepted')
    expect(wire.urls).to.have.length(3)
    for (let n = 0; n < 10; n += 1) expect(await present(token)).to.equal('accepted')
    expect(wire.urls).to.have.length(3)
    // It could be a key that came meanwhile.
    expect(await present(await strange('new'))).to.equal('temporarily_unavailable')
    wire.down = false
    clock.seconds = 640
    expect(await present(token)).to.equal('accepted')
    expect(await present(await strange('new'))).to.equal('invalid_token')
  })

  it('keep nobody waiting for an issuer that hangs', async () => {
    const { wire, clock, present } = open({ cachedTokens: 0 })
    const token = await house.sign({ exp: Math.floor(Date.now() / 1_000) + 10_000 })
    expect(await present(token)).to.equal('accepted')
    wire.down = true
    clock.seconds = 601
    expect(await present(token)).to.equal('accepted')
    wire.hangs = true
    clock.seconds = 640
    const begun = performance.now()
    expect(await present(token)).to.equal('accepted')
    expect(performance.now() - begun).to.be.below(1_000)
    expect(wire.urls).to.have.length(4)
  })

  it('are not there at all: 503, and not a 401 that throws the token away', async () => {
    const { wire, clock, present, guard } = open()
    wire.down = true
    const token = await house.sign()
    expect(await present(token)).to.equal('temporarily_unavailable')
    expect(await present(token)).to.equal('temporarily_unavailable')
    expect(wire.urls).to.have.length(1)
    const refusal = new Refusal('temporarily_unavailable', 'x')
    const answer = guard.answer(refusal, { method: 'GET', url: '/', headers: new Headers() })
    expect(answer).to.deep.include({ status: 503 })
    expect(answer.headers).to.include({ 'retry-after': '30' }).and.not.to.have.property('www-authenticate')
    wire.down = false
    clock.seconds = 30
    expect(await present(token)).to.equal('accepted')
  })

  it('are not the old ones when others come under the same name', async () => {
    const [old, young] = [await strangersKey(), await strangersKey()]
    const jwksOf = async (key: CryptoKey, changes: object = {}) => {
      const { d, ...jwk } = await exportJWK(key)
      return { keys: [{ ...jwk, kid: 'same', alg: 'ES256', use: 'sig', ...changes }] }
    }
    let jwks: object = await jwksOf(old)
    const { clock, present } = open({
      jwksUri: `${house.app.url}/jwks`,
      fetch: async () => Response.json(jwks),
      algorithms: ['ES256', 'ES384'],
    })
    const signed = (key: CryptoKey) =>
      new SignJWT(claimsWith(house.app.url, { exp: Math.floor(Date.now() / 1_000) + 10_000 }))
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'same' })
        .sign(key)
    expect(await present(await signed(old))).to.equal('accepted')
    expect(await present(await signed(young))).to.equal('invalid_token')
    jwks = await jwksOf(young)
    expect(await present(await signed(old))).to.equal('accepted')
    clock.seconds = 600
    expect(await present(await signed(old))).to.equal('invalid_token')
    expect(await present(await signed(young))).to.equal('accepted')
    // Nor for another algorithm than the issuer says.
    jwks = await jwksOf(young, { alg: 'ES384' })
    clock.seconds = 1_200
    expect(await present(await signed(young))).to.equal('invalid_token')
  })

  it('come from the issuer that is meant', async () => {
    const lying = async (...[input]: Parameters<typeof fetch>) =>
      String(input).endsWith('/jwks')
        ? fetch(input)
        : Response.json({ issuer: 'https://evil.example', jwks_uri: `${house.app.url}/jwks` })
    const elsewhere = open({ fetch: lying })
    expect(await elsewhere.present(await house.sign())).to.equal('temporarily_unavailable')
    const redirected = open({ fetch: async () => Response.redirect(`${house.app.url}/jwks`, 302) })
    expect(await redirected.present(await house.sign())).to.equal('temporarily_unavailable')
    const direct = open({ jwksUri: `${house.app.url}/jwks` })
    expect(await direct.present(await house.sign())).to.equal('accepted')
    expect(direct.wire.urls).to.deep.equal([`${house.app.url}/jwks`])
  })
})

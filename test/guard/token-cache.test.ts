import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { type Caller, callerOf, type TokenClaims } from '../../src/guard/caller.ts'
import { createGuard } from '../../src/guard/guard.ts'
import { sha256 } from '../../src/guard/sha256.ts'
import { createTokenCache } from '../../src/guard/token-cache.ts'
import { anyCodePoint } from '../support/any-code-point.ts'
import { API } from '../support/restaurant.ts'
import { claimsWith, countingFetch, type House, openHouse } from './house.ts'

const callerNamed = (sub: string): Caller =>
  callerOf(claimsWith('https://id.example', { sub }) as TokenClaims)

describe('RF-5 tokens that were seen before', () => {
  let time = 0
  /** As long as those of ES256. */
  const signature = (text: string) => text.padStart(86, 'x')
  function open(most: number) {
    const cache = createTokenCache({ most })
    const get = (token: string): string | undefined => {
      const found = cache.find(token, time)
      return typeof found === 'function' ? undefined : found.id
    }
    const set = (token: string, name: string): void => {
      const found = cache.find(token, time)
      if (typeof found === 'function') found(callerNamed(name), 1_000)
    }
    return { get, set }
  }

  it('are known by all of them', () => {
    const { get, set } = open(10)
    const known = `header.payload.${signature('signature')}`
    set(known, 'ada')
    expect(get(known)).to.equal('ada')
    for (const other of [
      `header.other.${signature('signature')}`,
      `header.payload.${signature('other')}`,
      `header.payload.${signature('signature').replace('x', 'y')}`,
      `other.payload.${signature('signature')}`,
      `payload.${signature('signature')}`,
      signature('signature'),
      known.slice(-55),
      known.slice(0, -55),
      known.slice(1),
      known.slice(0, -1),
      `${known}.`,
      'signature',
      '',
    ]) {
      expect(get(other), other).to.equal(undefined)
    }
    expect(get(known)).to.equal('ada')
  })

  it('are forgotten in time', () => {
    const { get, set } = open(10)
    set('a.b.c', 'ada')
    time = 999
    expect(get('a.b.c')).to.equal('ada')
    time = 1_000
    expect(get('a.b.c')).to.equal(undefined)
    time = 0
  })

  it('are so many at most, and those stay that are used', () => {
    const { get, set } = open(10)
    set('x.y.used', 'used')
    for (let n = 0; n < 100; n += 1) {
      set(`x.y.${n}`, `${n}`)
      expect(get('x.y.used')).to.equal('used')
    }
    const known = Array.from({ length: 100 }, (_, n) => get(`x.y.${n}`)).filter((name) => name !== undefined)
    expect(known).to.have.length.within(4, 9).and.include('99').and.not.include('80')
    const none = open(0)
    none.set('x.y.a', 'a')
    expect(none.get('x.y.a')).to.equal(undefined)
  })

  it('give a caller whom no handler can change for the next', () => {
    const caller = callerNamed('ada')
    expect(() => (caller.roles as string[]).push('owner')).to.throw(TypeError)
    expect(() => Object.assign(caller, { id: 'eve' })).to.throw(TypeError)
    expect(() => Object.assign(caller.claims, { sub: 'eve' })).to.throw(TypeError)
    expect(() => (caller.claims.roles as string[]).push('owner')).to.throw(TypeError)
  })

  it('are named by the hash that the standard means', () => {
    const standard = (text: string) => createHash('sha256').update(text).digest('hex')
    const ours = (text: string) => {
      const digest = sha256(text)
      return Array.from({ length: 16 }, (_, at) => digest.charCodeAt(at).toString(16).padStart(4, '0')).join(
        '',
      )
    }
    for (let length = 0; length < 200; length += 1) {
      expect(ours('x'.repeat(length))).to.equal(standard('x'.repeat(length)))
    }
    fc.assert(
      fc.property(fc.string({ unit: anyCodePoint, maxLength: 3_000 }), (text) => {
        expect(ours(text)).to.equal(standard(text))
      }),
    )
  })
})

describe('RF-5 the guard over a token that was seen before', () => {
  let house: House
  before(async () => {
    house = await openHouse()
  })
  after(() => house?.app.stop())

  it('honours its expiry, asks isRevoked, and believes it no longer than its keys', async () => {
    const clock = { seconds: 0 }
    const asked: unknown[] = []
    const fetch = countingFetch()
    const begin = Math.floor(Date.now() / 1_000)
    const guard = createGuard({
      issuer: house.app.url,
      audience: API,
      fetch,
      now: () => new Date((begin + clock.seconds) * 1_000),
      isRevoked: ({ jti, gid, rev }) => asked.push({ jti, gid, rev }) < 0,
    })
    const check = (token: string) => {
      const headers = new Headers({ authorization: `Bearer ${token}` })
      return guard.check({ method: 'GET', url: '/', headers }).then(
        () => 'accepted',
        ({ message }) => message,
      )
    }
    const short = await house.sign({ exp: begin + 100, jti: 'j', gid: 'g', rev: 7 })
    const long = await house.sign({ exp: begin + 10_000 })
    for (const seconds of [0, 50, 109]) {
      clock.seconds = seconds
      expect(await check(short)).to.equal('accepted')
    }
    expect(asked).to.deep.equal(Array(3).fill({ jti: 'j', gid: 'g', rev: 7 }))
    clock.seconds = 110
    expect(await check(short)).to.equal('The access token has expired')

    expect(await check(long)).to.equal('accepted')
    expect(fetch.urls).to.have.length(2)
    clock.seconds = 709
    expect(await check(long)).to.equal('accepted')
    expect(fetch.urls).to.have.length(2)
    clock.seconds = 710
    expect(await check(long)).to.equal('accepted')
    expect(fetch.urls).to.have.length(4)
  })

  it('gives to no request what another did with its caller', async () => {
    const guard = createGuard({ issuer: house.app.url, audience: API })
    const token = await house.sign({ roles: ['waiter'] })
    const headers = new Headers({ authorization: `Bearer ${token}` })
    for (let n = 0; n < 3; n += 1) {
      const caller = await guard.check({ method: 'GET', url: '/', headers })
      expect(caller).to.deep.include({ id: 'somebody', roles: ['waiter'] })
      expect(caller.claims).to.deep.include({ sub: 'somebody', roles: ['waiter'] })
      for (const change of [
        () => (caller.roles as string[]).push('owner'),
        () => Object.assign(caller, { id: 'eve', roles: ['owner'] }),
        () => Object.assign(caller.claims, { sub: 'eve', roles: ['owner'] }),
      ]) {
        try {
          change()
        } catch (error) {
          expect(error).to.be.instanceOf(TypeError)
        }
      }
    }
  })

  it('lets through what isRevoked throws, and nobody in', async () => {
    const guard = createGuard({
      issuer: house.app.url,
      audience: API,
      isRevoked: () => {
        throw new RangeError('the list is lost')
      },
    })
    const headers = new Headers({ authorization: `Bearer ${await house.sign()}` })
    const outcome = await guard.check({ method: 'GET', url: '/', headers }).catch((error: unknown) => error)
    expect(outcome).to.be.instanceOf(RangeError)
  })
})

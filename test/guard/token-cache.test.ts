import { createHash } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { type Caller, callerOf, type TokenClaims } from '../../src/guard/caller.ts'
import { createGuard } from '../../src/guard/guard.ts'
import { sha256 } from '../../src/guard/sha256.ts'
import { createTokenCache } from '../../src/guard/token-cache.ts'
import { API } from '../support/restaurant.ts'
import { claimsWith, countingFetch, type House, openHouse } from './house.ts'

const callerNamed = (sub: string): Caller =>
  callerOf(claimsWith('https://id.example', { sub }) as TokenClaims)

describe('RF-5 tokens that were seen before', () => {
  let time = 0
  const open = (most: number) => createTokenCache({ most, now: () => new Date(time) })

  it('are known by all of them', () => {
    const cache = open(10)
    cache.set('header.payload.signature', callerNamed('ada'), 1_000)
    expect(cache.get('header.payload.signature')?.id).to.equal('ada')
    for (const other of [
      'header.other.signature',
      'header.payload.other',
      'other.payload.signature',
      'payload.signature',
      'signature',
      '',
    ]) {
      expect(cache.get(other), other).to.equal(undefined)
    }
    expect(cache.get('header.payload.signature')?.id).to.equal('ada')
  })

  it('are forgotten in time', () => {
    const cache = open(10)
    cache.set('a.b.c', callerNamed('ada'), 1_000)
    time = 999
    expect(cache.get('a.b.c')?.id).to.equal('ada')
    time = 1_000
    expect(cache.get('a.b.c')).to.equal(undefined)
    time = 0
    expect(cache.get('a.b.c')).to.equal(undefined)
  })

  it('are so many at most, and those go first that were not used', () => {
    const cache = open(3)
    for (const name of ['a', 'b', 'c']) cache.set(`x.y.${name}`, callerNamed(name), 1_000)
    cache.get('x.y.a')
    cache.set('x.y.d', callerNamed('d'), 1_000)
    expect(['a', 'b', 'c', 'd'].map((name) => cache.get(`x.y.${name}`)?.id)).to.deep.equal([
      'a',
      undefined,
      'c',
      'd',
    ])
    const none = open(0)
    none.set('x.y.a', callerNamed('a'), 1_000)
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
      fc.property(fc.string({ unit: 'binary', maxLength: 3_000 }), (text) => {
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

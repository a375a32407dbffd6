import argon2 from 'argon2'
import { expect } from 'chai'
import { createHasher } from '../../src/accounts/accounts.ts'
import { MaitredError } from '../../src/errors.ts'

describe('SB-5 passwords are hashed with Argon2id', () => {
  const hasher = createHasher()
  after(() => hasher.stop())

  it('at 19 MiB, 2 passes, 1 lane, with a salt of its own', async () => {
    const [one, two] = await Promise.all([hasher.hash('a good password'), hasher.hash('a good password')])
    expect(one).match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
    expect(one).not.equal(two)
    expect(await hasher.verify(one, 'a good password')).equal(true)
    expect(await hasher.verify(one, 'a good passwort')).equal(false)
  })

  it('that other implementations make and read', async () => {
    const ours = await hasher.hash('Grüße aus Napoli')
    expect(await argon2.verify(ours, 'Grüße aus Napoli')).equal(true)
    const theirs = await argon2.hash('Grüße aus Napoli', {
      type: argon2.argon2id,
      memoryCost: 19_456,
      timeCost: 2,
      parallelism: 1,
    })
    expect(await hasher.verify(theirs, 'Grüße aus Napoli')).equal(true)
    expect(hasher.needsRehash(theirs)).equal(false)
  })

  it('exactly as received: no trimming, no folding, no truncation', async () => {
    const hash = await hasher.hash(` Pass ${'x'.repeat(120)}`)
    for (const near of [`Pass ${'x'.repeat(120)}`, ` pass ${'x'.repeat(120)}`, ` Pass ${'x'.repeat(119)}`]) {
      expect(await hasher.verify(hash, near)).equal(false)
    }
  })

  it('in one Unicode form at set and at check', async () => {
    const hash = await hasher.hash('Crème brûlée'.normalize('NFD'))
    expect(await hasher.verify(hash, 'Crème brûlée'.normalize('NFC'))).equal(true)
  })

  it('and knows which hash is to be made again', async () => {
    const weak = await argon2.hash('x', {
      type: argon2.argon2id,
      memoryCost: 8_192,
      timeCost: 2,
      parallelism: 1,
    })
    expect(hasher.needsRehash(weak)).equal(true)
    expect(hasher.needsRehash('$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy')).equal(true)
    expect(hasher.needsRehash(await hasher.hash('x'))).equal(false)
  })

  it('and takes an unknown kind of hash for no match', async () => {
    const salt = 'YWFhYWFhYWFhYWFhYWFhYQ'
    const value = 'YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE'
    const unknown = [
      '',
      'plain',
      '$',
      '$constructor$x',
      '$2b$10$abc',
      '$md5$x',
      '$argon2$x',
      '$argon2id$',
      '$argon2id$x',
    ]
    const absurd = [
      'm=99999999,t=1,p=1',
      'm=19456,t=9999,p=1',
      'm=19456,t=2,p=200',
      'm=1,t=1,p=1',
      'm=0,t=0,p=0',
    ]
    for (const hash of [...unknown, ...absurd.map((cost) => `$argon2id$v=19$${cost}$${salt}$${value}`)]) {
      expect(await hasher.verify(hash, 'x'), hash).equal(false)
    }
    for (const hash of unknown) expect(hasher.knows(hash), hash).equal(false)
    expect(hasher.knows(`$argon2id$v=19$m=65536,t=3,p=4$${salt}$${value}`)).equal(true)
  })

  it('of at most 1,024 bytes', async () => {
    const long = 'ü'.repeat(513)
    const refused = await hasher.hash(long).catch((error: unknown) => error)
    expect(refused).instanceOf(MaitredError).include({ code: 'invalid_form', status: 422 })
    expect(await hasher.verify(await hasher.hash('x'), long)).equal(false)
    expect(await hasher.verify(await hasher.hash('x'), 'x'.repeat(1_000_000))).equal(false)
  })
})

describe('SB-5 the queue of hashes', () => {
  it('does not hold the event loop', async () => {
    const hasher = createHasher({ concurrency: 2 })
    let turns = 0
    const counting = setInterval(() => turns++, 1)
    await Promise.all(Array.from({ length: 8 }, () => hasher.hash('x')))
    clearInterval(counting)
    expect(turns).above(5)
    hasher.stop()
  })

  it('is first in, first out, and runs no more at once than asked', async () => {
    const hasher = createHasher({ concurrency: 1, maxWaitMs: 60_000 })
    const done: number[] = []
    await Promise.all([1, 2, 3, 4].map((i) => hasher.hash('x').then(() => done.push(i))))
    expect(done).deep.equal([1, 2, 3, 4])
    hasher.stop()
  })

  it('tells whoever would wait too long to come again, and goes on', async () => {
    const hasher = createHasher({ concurrency: 1, maxWaitMs: 1 })
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => hasher.hash('x')))
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
    expect(outcomes[0]?.status).equal('fulfilled')
    expect(refused.length).above(0)
    for (const error of refused) {
      expect(error).instanceOf(MaitredError).include({ code: 'busy', status: 503, retryAfter: 2 })
    }
    expect(await hasher.verify(await hasher.hash('y'), 'y')).equal(true)
    hasher.stop()
  })

  it('is empty after a stop', async () => {
    const hasher = createHasher({ concurrency: 1 })
    const all = Promise.allSettled([hasher.hash('x'), hasher.hash('x'), hasher.hash('x')])
    await new Promise(setImmediate)
    hasher.stop()
    expect((await all).map((outcome) => outcome.status)).deep.equal(['fulfilled', 'rejected', 'rejected'])
    expect(await hasher.hash('x').catch((error: unknown) => error)).include({ code: 'busy' })
  })
})

import { expect } from 'chai'
import { MaitredError } from '../../src/errors.ts'
import { addressKey, collections, createLimits } from '../../src/http/http.ts'
import { attempts, createStoreTally } from '../../src/http/store-tally.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const minute = { max: 3, windowSeconds: 60 }

/** "granted", or the code and the seconds to wait. */
async function outcome(attempt: Promise<void>): Promise<string> {
  try {
    await attempt
    return 'granted'
  } catch (error) {
    if (!(error instanceof MaitredError)) throw error
    return `${error.code} ${error.retryAfter}`
  }
}

const limitsOn = (store: Store, now: () => Date) =>
  createLimits({ tally: createStoreTally({ store, now }), now })

for (const engine of engines()) {
  describe(`limits on ${engine.name}`, () => {
    let store: Store
    let time: number
    const now = () => new Date(time)

    beforeEach(async () => {
      time = Date.now()
      store = await engine.open({ collections, now })
    })
    afterEach(() => store.close())

    it('grant so many attempts in a window, and then say when to come back', async () => {
      const limits = limitsOn(store, now)
      for (let n = 0; n < 3; n += 1) expect(await outcome(limits.take('a', minute))).to.equal('granted')
      expect(await outcome(limits.take('a', minute))).to.equal('too_many_requests 60')
      expect(await outcome(limits.take('b', minute))).to.equal('granted')
      time += 45_500
      expect(await outcome(limits.take('a', minute))).to.equal('too_many_requests 15')
      time += 15_000
      expect(await outcome(limits.take('a', minute))).to.equal('granted')
    })

    it('let exactly so many of 200 in parallel pass', async () => {
      const limits = limitsOn(store, now)
      const limit = { max: 10, windowSeconds: 60 }
      const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcome(limits.take('a', limit))))
      expect(outcomes.filter((one) => one === 'granted')).to.have.length(10)
      expect(outcomes.filter((one) => !/^(?:granted|too_many_requests \d+)$/.test(one))).to.deep.equal([])
    })

    it('let exactly so many of 200 in parallel pass under several keys', async function () {
      this.timeout(30_000)
      const limits = limitsOn(store, now)
      const keys = [
        { key: 'account', max: 10, windowSeconds: 60 },
        { key: 'address', max: 20, windowSeconds: 60 },
      ]
      const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcome(limits.takeAll(keys))))
      expect(outcomes.filter((one) => one === 'granted')).to.have.length(10)
      expect(outcomes.filter((one) => !/^(?:granted|too_many_requests \d+)$/.test(one))).to.deep.equal([])
    })

    it('count under all keys or under none, so that one who is refused locks nobody else out', async () => {
      const limits = limitsOn(store, now)
      const [account, address] = [
        { key: 'account', max: 5, windowSeconds: 3_600 },
        { key: 'address', max: 2, windowSeconds: 60 },
      ]
      for (let n = 0; n < 2; n += 1)
        expect(await outcome(limits.takeAll([account, address]))).to.equal('granted')
      for (let n = 0; n < 9; n += 1) {
        expect(await outcome(limits.takeAll([account, address]))).to.equal('too_many_requests 60')
      }
      for (let n = 0; n < 3; n += 1)
        expect(await outcome(limits.take('account', account))).to.equal('granted')
      expect(await outcome(limits.takeAll([account, address]))).to.match(/^too_many_requests (?:60|3600)$/)
    })

    it('forget a key on request', async () => {
      const limits = limitsOn(store, now)
      for (let n = 0; n < 3; n += 1) await limits.take('a', minute)
      await store.batch(limits.reset('a'))
      expect(await outcome(limits.take('a', minute))).to.equal('granted')
    })

    it('are not prolonged by attempts that were refused', async () => {
      const limits = limitsOn(store, now)
      for (let n = 0; n < 3; n += 1) await limits.take('a', minute)
      time += 59_000
      for (let n = 0; n < 3; n += 1) await outcome(limits.take('a', minute))
      time += 1_500
      expect(await outcome(limits.take('a', minute))).to.equal('granted')
    })

    it('keep no key in clear', async () => {
      await limitsOn(store, now).take('password:ada@example.com', minute)
      const [counter] = await store.collection(attempts).find({})
      expect(counter?._id).to.match(/^[\w-]{43}$/)
    })
  })

  // The embedded store belongs to one process, in which nothing needs to be shared.
  const across = engine.name === 'mongodb' ? describe : () => {}
  across(`limits on ${engine.name} across processes`, () => {
    it('let exactly so many of 200 pass', async function () {
      this.timeout(30_000)
      const place = await engine.place()
      const now = () => new Date()
      const stores = await Promise.all([1, 2].map(() => engine.open({ collections }, place)))
      const keys = [
        { key: 'account', max: 10, windowSeconds: 60 },
        { key: 'address', max: 20, windowSeconds: 60 },
      ]
      const outcomes = await Promise.all(
        stores.flatMap((store) => {
          const limits = limitsOn(store, now)
          return Array.from({ length: 100 }, () => outcome(limits.takeAll(keys)))
        }),
      )
      expect(outcomes.filter((one) => one === 'granted')).to.have.length(10)
      expect(outcomes.filter((one) => !/^(?:granted|too_many_requests \d+)$/.test(one))).to.deep.equal([])
      await Promise.all(stores.map((store) => store.close()))
      await place.remove()
    })
  })

  describe(`limits on ${engine.name} after a restart`, () => {
    it('still stand', async () => {
      const place = await engine.place()
      const now = () => new Date()
      const first = await engine.open({ collections }, place)
      for (let n = 0; n < 3; n += 1) await limitsOn(first, now).take('a', minute)
      await first.close()
      const second = await engine.open({ collections }, place)
      expect(await outcome(limitsOn(second, now).take('a', minute))).to.match(/^too_many_requests/)
      await second.close()
      await place.remove()
    })
  })
}

describe('the key of an address', () => {
  for (const [ip, key] of [
    ['198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::1', '2001:db8:1:3::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:0::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::198.51.100.7', '64:ff9b:0:0::/64'],
    ['no address', 'no address'],
  ] as const) {
    it(`${ip} is ${key}`, () => {
      expect(addressKey(ip)).to.equal(key)
    })
  }
})

import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { MaitredError } from '../../src/errors.ts'
import { collections, createLimits, type Limits } from '../../src/http/http.ts'
import { attempts, createStoreTally } from '../../src/http/store-tally.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const account = { key: 'account', max: 20, windowSeconds: 900 }
const address = { key: 'address', max: 100, windowSeconds: 900, shared: true }
const both = [account, address]

const limitsOn = (store: Store, now: () => Date) =>
  createLimits({ tally: createStoreTally({ store, now }), now })

for (const engine of engines()) {
  describe(`attempts that count where they fail (${engine.name})`, function () {
    this.timeout(60_000)
    let store: Store
    let limits: Limits
    let time: number
    let checks: number
    const now = () => new Date(time)

    beforeEach(async () => {
      time = Date.now()
      checks = 0
      store = await engine.open({ collections, now })
      limits = limitsOn(store, now)
    })
    afterEach(() => store.close())

    const counts = async () => (await store.collection(attempts).find({})).map(({ count }) => count).sort()

    /** "right", "wrong" or the refusal's code; `check` is whether it is right, or what says so. */
    async function outcome(check: boolean | (() => Promise<boolean>), at = limits, list = both) {
      const succeeds = async () => {
        checks += 1
        return typeof check === 'boolean' ? check : check()
      }
      try {
        const settle = await at.attempt(list, succeeds)
        if (settle) await store.batch(settle())
        return settle ? 'right' : 'wrong'
      } catch (error) {
        if (!(error instanceof MaitredError)) throw error
        return error.code
      }
    }
    const wrong = async (times: number) => {
      for (let time = 0; time < times; time += 1) expect(await outcome(false)).to.equal('wrong')
    }
    const numberOf = (what: string, outcomes: string[]) => outcomes.filter((one) => one === what).length

    /** An attempt whose check is over when it is told so. */
    async function held(isRight: boolean, at = limits) {
      const begun = Promise.withResolvers<void>()
      const end = Promise.withResolvers<void>()
      const told = outcome(async () => {
        begun.resolve()
        await end.promise
        return isRight
      }, at)
      await Promise.race([begun.promise, told])
      return {
        async told() {
          end.resolve()
          return told
        },
      }
    }

    it('leave no mark where they succeed and nothing had failed', async () => {
      const settle = await limits.attempt(both, async () => true)
      expect(settle?.()).to.deep.equal([])
      expect(await store.collection(attempts).find({})).to.deep.equal([])
    })

    it('are counted before it is told that they failed, and a success takes back what is not shared', async () => {
      await wrong(3)
      expect(await counts()).to.deep.equal([3, 3])
      expect(await outcome(true)).to.equal('right')
      expect(await counts()).to.deep.equal([0, 3])
    })

    it('are counted before the check where half of the maximum is used up', async () => {
      await wrong(11)
      expect(await outcome(async () => (await counts()).every((count) => count === 12))).to.equal('right')
      expect(await counts()).to.deep.equal([0, 11])
    })

    it('and where another one is on trust', async () => {
      const other = await held(true)
      expect(await counts()).to.deep.equal([])
      expect(await outcome(async () => (await counts()).length === 2)).to.equal('right')
      expect(await other.told()).to.equal('right')
    })

    it('are none when the check breaks off', async () => {
      const breaking = async () => {
        throw new MaitredError('busy')
      }
      for (let time = 0; time < 30; time += 1) expect(await outcome(breaking)).to.equal('busy')
      expect(await counts()).to.deep.equal([])
      await wrong(20)
    })

    it('are as many as a window has, and then none is checked', async () => {
      await wrong(20)
      for (let time = 0; time < 5; time += 1) expect(await outcome(true)).to.equal('too_many_requests')
      expect(checks).to.equal(20)
      time += 1_500
      expect(await outcome(true)).to.equal('too_many_requests')
      expect(checks).to.equal(20)
      time += 900_000
      expect(await outcome(true)).to.equal('right')
    })

    it('of 200 at once so many are checked as a window has', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 200 }, () => outcome(() => wait(20).then(() => false))),
      )
      expect(numberOf('wrong', outcomes)).to.equal(20)
      expect(numberOf('too_many_requests', outcomes)).to.equal(180)
      expect(checks).to.equal(20)
    })

    it('B09: of 200 at once in eight processes so many are told whether they were right', async () => {
      const processes = Array.from({ length: 8 }, () => limitsOn(store, now))
      const outcomes = await Promise.all(
        processes.flatMap((at) =>
          Array.from({ length: 25 }, () => outcome(() => wait(20).then(() => false), at)),
        ),
      )
      expect(numberOf('wrong', outcomes)).to.be.within(12, 20)
      expect(numberOf('wrong', outcomes) + numberOf('too_many_requests', outcomes)).to.equal(200)
      // One on trust in each, beside those that were counted before.
      expect(checks).to.be.at.most(20 + 8)
    })

    it('B09: right or wrong, who was on trust is refused alike once others have used the maximum up', async () => {
      const [elsewhere, third] = [limitsOn(store, now), limitsOn(store, now)]
      const [right, mistaken] = [await held(true, elsewhere), await held(false, third)]
      await wrong(20)
      expect(await right.told()).to.equal('too_many_requests')
      expect(await mistaken.told()).to.equal('too_many_requests')
      expect(await counts()).to.deep.equal([20, 20])
      // And they know it from then on.
      const before = checks
      for (const at of [elsewhere, third]) expect(await outcome(true, at)).to.equal('too_many_requests')
      expect(checks).to.equal(before)
    })

    it('keep a place for who is on trust', async () => {
      const other = await held(false)
      const outcomes = []
      for (let time = 0; time < 20; time += 1) outcomes.push(await outcome(false))
      expect(numberOf('wrong', outcomes)).to.equal(19)
      expect(await other.told()).to.equal('wrong')
      expect(await counts()).to.deep.equal([20, 20])
    })
  })
}

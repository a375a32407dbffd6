/** The contract of writes that only share their way: each for itself, in order, until one fails. */
import { expect } from 'chai'
import { BatchError, DuplicateKeyError, type Write } from '../../src/storage/storage.ts'
import { type Bench, failure } from './store-bench.ts'
import { type Pass, passes, type Thing, things } from './store-collections.ts'

export function apartContract(bench: Bench): void {
  const apart = { whole: false } as const
  /** Counts to `max` and no further. */
  const raise = (_id: string, max = 3): Write => ({
    in: things,
    update: { _id, n: { $lt: max } },
    change: { $inc: { n: 1 } },
    insert: { _id, n: 1 } as Thing,
  })
  const countOf = async (_id: string) => (await bench.things.get(_id))?.n

  it('are all made where none fails, also of one document and across collections', async () => {
    const [a, b, c, d] = [bench.name(), bench.name(), bench.name(), bench.name()]
    await bench.things.insert({ _id: d })
    await bench.store.batch([raise(a), raise(b), raise(a)], apart)
    await bench.store.batch(
      [raise(a), { in: passes, put: { _id: c } }, raise(b), raise(b), { in: things, take: { _id: d } }],
      apart,
    )
    expect([await countOf(a), await countOf(b)]).to.deep.equal([3, 3])
    expect(await bench.passes.get(c)).to.deep.equal({ _id: c })
    expect(await bench.things.get(d)).to.equal(undefined)
    await bench.store.batch([], apart)
  })

  it('stop at a guard that does not match: what stands before it stays', async () => {
    const [before, full, behind] = [bench.name(), bench.name(), bench.name()]
    await bench.things.insert({ _id: full, n: 3 })
    const writes = [raise(before), raise(full), raise(behind)]
    const error = await failure(bench.store.batch(writes, apart), BatchError)
    expect(error).to.include({ index: 1, cause: undefined })
    expect([await countOf(before), await countOf(full), await countOf(behind)]).to.deep.equal([
      1,
      3,
      undefined,
    ])
  })

  it('stop at a take and an update that match nothing, and at a key that is taken', async () => {
    const taken = bench.name()
    await bench.things.insert({ _id: taken, email: taken })
    const wrong: Write[] = [
      { in: things, take: { _id: bench.name() } },
      { in: things, update: { _id: bench.name() }, change: { $inc: { n: 1 } } },
      { in: things, insert: { _id: taken } },
      { in: things, insert: { _id: bench.name(), email: taken } as Thing },
    ]
    for (const [at, write] of wrong.entries()) {
      const [one, two, behind] = [bench.name(), bench.name(), bench.name()]
      const writes = [raise(one), raise(two), write, raise(behind)]
      const error = await failure(bench.store.batch(writes, apart), BatchError)
      expect(error.index).to.equal(2)
      if (at < 2) expect(error.cause).to.equal(undefined)
      else expect(error.cause).to.be.instanceOf(DuplicateKeyError)
      expect([await countOf(one), await countOf(two), await countOf(behind)]).to.deep.equal([1, 1, undefined])
    }
  })

  it('name a unique key that an update with a document to insert finds taken', async () => {
    const [before, email] = [bench.name(), bench.name()]
    await bench.things.insert({ _id: bench.name(), email })
    const insert = { _id: bench.name(), email } as Thing
    const second = { in: things, update: { _id: insert._id }, change: { $set: { email } }, insert }
    const error = await failure(bench.store.batch([raise(before), second], apart), BatchError)
    expect(error.index).to.equal(1)
    expect(error.cause).to.be.instanceOf(DuplicateKeyError)
    expect(await countOf(before)).to.equal(1)
  })

  it('begin anew where the old document has expired', async () => {
    const [a, b] = [bench.name(), bench.name()]
    const until = new Date(bench.now().getTime() + 1_000)
    for (const _id of [a, b]) await bench.passes.insert({ _id, n: 3, until })
    bench.advance(1_001)
    const fresh = new Date(bench.now().getTime() + 60_000)
    const count = (_id: string): Write => ({
      in: passes,
      update: { _id, n: { $lt: 3 } },
      change: { $inc: { n: 1 } },
      insert: { _id, n: 1, until: fresh } as Pass,
    })
    await bench.store.batch([count(a), count(b)], apart)
    expect(await bench.passes.get(a)).to.deep.equal({ _id: a, n: 1, until: fresh })
    expect(await bench.passes.get(b)).to.deep.equal({ _id: b, n: 1, until: fresh })
  })

  it('let 50 racers raise two new counters to their bounds and no further', async () => {
    const [a, b] = [bench.name(), bench.name()]
    const race = Array.from({ length: 50 }, () => bench.store.batch([raise(a, 20), raise(b, 10)], apart))
    const outcomes = await Promise.allSettled(race)
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(10)
    expect([await countOf(a), await countOf(b)]).to.deep.equal([20, 10])
  })

  it('refuse a write that does not fit before they write anything', async () => {
    const _id = bench.name()
    const wrong = { in: things, insert: { _id: 5 } } as unknown as Write
    await failure(bench.store.batch([raise(_id), wrong], apart), TypeError)
    expect(await countOf(_id)).to.equal(undefined)
  })
}

/** The contract of unique keys: taken, absent, null, compound, and moved by changes. */
import { expect } from 'chai'
import { DuplicateKeyError } from '../../src/storage/storage.ts'
import { type Bench, failure } from './store-bench.ts'
import type { Thing } from './store-collections.ts'

export function uniqueContract(bench: Bench): void {
  it('refuses a taken key in insert, put, update and the insert of an update', async () => {
    const [first, second, email] = [bench.name(), bench.name(), bench.name()]
    await bench.things.insert({ _id: first, email })
    await failure(bench.things.insert({ _id: second, email }), DuplicateKeyError)
    await failure(bench.things.put({ _id: second, email }), DuplicateKeyError)
    expect(await bench.things.get(second)).to.equal(undefined)

    await bench.things.insert({ _id: second, n: 1 })
    await failure(
      bench.things.update({ _id: second }, { $set: { email }, $inc: { n: 1 } }),
      DuplicateKeyError,
    )
    expect(await bench.things.get(second)).to.deep.equal({ _id: second, n: 1 })

    const third = bench.name()
    await failure(
      bench.things.update({ _id: third }, { $set: { n: 2 } }, { insert: { _id: third, email } }),
      DuplicateKeyError,
    )
    expect(await bench.things.get(third)).to.equal(undefined)
  })

  it('lets a document keep its own key and frees the key when it is moved or deleted', async () => {
    const [first, second, email] = [bench.name(), bench.name(), bench.name()]
    await bench.things.insert({ _id: first, email })
    await bench.things.put({ _id: first, email, n: 1 })
    await bench.things.update({ _id: first }, { $set: { email, n: 2 } })
    await bench.things.update({ _id: first }, { $unset: { email: true } })
    await bench.things.insert({ _id: second, email })
    await bench.things.take({ _id: second })
    await bench.things.put({ _id: first, email })
  })

  it('does not constrain a document that lacks a path of the key', async () => {
    const realm = bench.name()
    await bench.things.insert({ _id: bench.name() })
    await bench.things.insert({ _id: bench.name() })
    await bench.things.insert({ _id: bench.name(), realm })
    await bench.things.insert({ _id: bench.name(), realm })
    await bench.things.insert({ _id: bench.name(), realm, slot: 1 })
    await bench.things.insert({ _id: bench.name(), realm, slot: 2 })
    await failure(bench.things.insert({ _id: bench.name(), realm, slot: 2 }), DuplicateKeyError)
    await bench.things.insert({ _id: bench.name(), realm: bench.name(), slot: 2 })
  })

  it('refuses null in an indexed field', async () => {
    const id = bench.name()
    const error = await failure(bench.things.insert({ _id: id, email: null } as unknown as Thing), TypeError)
    expect(error.message).to.contain('email')
    await bench.things.insert({ _id: id })
    await failure(bench.things.update({ _id: id }, { $set: { email: null } }), TypeError)
    await failure(bench.things.update({ _id: id }, { $set: { place: { city: null } } }), TypeError)
    expect(await bench.things.get(id)).to.deep.equal({ _id: id })
  })

  it('gives a key to exactly one of 50 racers', async () => {
    const email = bench.name()
    const ids = Array.from({ length: 50 }, () => bench.name())
    const outcomes = await Promise.allSettled(ids.map((_id) => bench.things.insert({ _id, email })))
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).to.have.length(1)
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).to.be.instanceOf(DuplicateKeyError)
    expect(await bench.things.count({ email })).to.equal(1)
  })
}

/** The contract of expiry: past its time a document is not there, for no verb, and blocks nothing. */
import { expect } from 'chai'
import { BatchError } from '../../src/storage/storage.ts'
import { type Bench, failure } from './store-bench.ts'
import { type Pass, passes } from './store-collections.ts'

export function expiryContract(bench: Bench): void {
  const soon = () => new Date(bench.now().getTime() + 1_000)
  const later = () => new Date(bench.now().getTime() + 60_000_000)
  /** A document that expired just now and is still in the data. */
  const expired = async (fields: Partial<Pass> = {}): Promise<string> => {
    const _id = bench.name()
    await bench.passes.insert({ _id, until: soon(), n: 1, ...fields })
    bench.advance(1_001)
    return _id
  }

  it('returns a document until its time and not after', async () => {
    const _id = bench.name()
    await bench.passes.insert({ _id, until: later() })
    expect(await bench.passes.get(_id)).to.have.property('_id', _id)
    bench.advance(60_000_001)
    expect(await bench.passes.get(_id)).to.equal(undefined)
  })

  it('never expires a document without the field', async () => {
    const _id = bench.name()
    await bench.passes.insert({ _id })
    bench.advance(10 * 365 * 86_400_000)
    expect(await bench.passes.get(_id)).to.deep.equal({ _id })
  })

  it('is returned, counted, changed, taken and removed by no verb', async () => {
    const set = bench.name()
    const _id = await expired({ set })
    expect(await bench.passes.get(_id)).to.equal(undefined)
    expect(await bench.passes.find({ set })).to.deep.equal([])
    expect(await bench.passes.find({ _id }, { sort: { field: 'n', order: 'asc' } })).to.deep.equal([])
    expect(await bench.passes.count({ set })).to.equal(0)
    expect(await bench.passes.update({ _id }, { $set: { until: later() } })).to.equal(undefined)
    expect(await bench.passes.take({ _id })).to.equal(undefined)
    expect(await bench.passes.remove({ set })).to.equal(0)
    expect(await bench.passes.get(_id)).to.equal(undefined)
  })

  it('fails a guard of a batch', async () => {
    const _id = await expired()
    const error = await failure(bench.store.batch([{ in: passes, take: { _id } }]), BatchError)
    expect(error.index).to.equal(0)
    await failure(
      bench.store.batch([{ in: passes, update: { _id }, change: { $inc: { n: 1 } } }]),
      BatchError,
    )
  })

  it('blocks no insert of its id', async () => {
    const _id = await expired()
    await bench.passes.insert({ _id, n: 2 })
    expect(await bench.passes.get(_id)).to.deep.equal({ _id, n: 2 })
  })

  it('blocks no put, no insert of an update and no batch', async () => {
    const [first, second, third] = [await expired(), await expired(), await expired()]
    await bench.passes.put({ _id: first, n: 2 })
    expect(await bench.passes.get(first)).to.deep.equal({ _id: first, n: 2 })
    const insert = { _id: second, n: 2 }
    expect(await bench.passes.update({ _id: second }, { $inc: { n: 5 } }, { insert })).to.deep.equal(insert)
    await bench.store.batch([{ in: passes, insert: { _id: third, n: 2 } as Pass }])
    expect(await bench.passes.get(third)).to.deep.equal({ _id: third, n: 2 })
  })

  it('blocks no unique key', async () => {
    for (const take of ['insert', 'put', 'update', 'batch', 'upsert'] as const) {
      const code = bench.name()
      await expired({ code })
      const _id = bench.name()
      if (take === 'insert') await bench.passes.insert({ _id, code })
      if (take === 'put') await bench.passes.put({ _id, code })
      if (take === 'upsert') await bench.passes.update({ _id }, { $inc: { n: 1 } }, { insert: { _id, code } })
      if (take === 'batch') await bench.store.batch([{ in: passes, insert: { _id, code } as Pass }])
      if (take === 'update') {
        await bench.passes.insert({ _id })
        await bench.passes.update({ _id }, { $set: { code } })
      }
      expect(
        (await bench.passes.find({ code })).map((found) => found._id),
        take,
      ).to.deep.equal([_id])
    }
  })

  it('gives the place of an expired document to exactly one of 50 racers', async () => {
    const code = bench.name()
    await expired({ code })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 50 }, () => bench.passes.insert({ _id: bench.name(), code, until: later() })),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).to.have.length(1)
  })

  it('starts a counter anew when it has expired', async () => {
    const _id = await expired({ n: 9 })
    const seen = await Promise.all(
      Array.from({ length: 10 }, () =>
        bench.passes.update({ _id }, { $inc: { n: 1 } }, { insert: { _id, n: 1, until: later() } }),
      ),
    )
    expect(seen.map((pass) => pass?.n).sort((a, b) => Number(a) - Number(b))).to.deep.equal(
      Array.from({ length: 10 }, (_, index) => index + 1),
    )
  })

  it('moves the end with a change of the field', async () => {
    const [longer, endless, shorter] = [bench.name(), bench.name(), bench.name()]
    for (const _id of [longer, endless]) await bench.passes.insert({ _id, until: soon() })
    await bench.passes.insert({ _id: shorter, until: later() })
    await bench.passes.update({ _id: longer }, { $set: { until: later() } })
    await bench.passes.update({ _id: endless }, { $unset: { until: true } })
    await bench.passes.update({ _id: shorter }, { $set: { until: soon() } })
    bench.advance(1_001)
    expect(await bench.passes.get(longer)).to.have.property('_id')
    expect(await bench.passes.get(endless)).to.have.property('_id')
    expect(await bench.passes.get(shorter)).to.equal(undefined)
  })

  it('sweeps what has expired and nothing else', async () => {
    const [gone, kept] = [await expired(), bench.name()]
    await bench.passes.insert({ _id: kept, until: later() })
    expect(await bench.store.sweep()).to.be.at.least(0)
    expect(await bench.passes.get(gone)).to.equal(undefined)
    expect(await bench.passes.get(kept)).to.have.property('_id')
  })
}

/** The contract of find: order, keyset paging, limits. */
import { expect } from 'chai'
import type { FindOptions, Scalar } from '../../src/storage/storage.ts'
import { type Bench, failure } from './store-bench.ts'
import { things } from './store-collections.ts'

export function findContract(bench: Bench): void {
  const fill = async (rows: { n?: number; title?: string; at?: Date; on?: boolean }[]) => {
    const set = bench.name()
    await bench.store.batch(
      rows.map((row, index) => ({
        in: things,
        insert: { _id: `${set}-${String.fromCharCode(97 + index)}`, set, ...row },
      })),
    )
    return set
  }
  const keys = async (set: string, options?: FindOptions) =>
    (await bench.things.find({ set }, options)).map((document) => document._id.slice(set.length + 1)).join('')

  it('sorts by _id when nothing is said', async () => {
    const set = await fill([{}, {}, {}])
    expect(await keys(set)).to.equal('abc')
  })

  it('sorts both ways and breaks ties by _id in the same direction', async () => {
    const set = await fill([{ n: 2 }, { n: 1 }, { n: 2 }, { n: 10 }, { n: 1 }])
    expect(await keys(set, { sort: { field: 'n', order: 'asc' } })).to.equal('beacd')
    expect(await keys(set, { sort: { field: 'n', order: 'desc' } })).to.equal('dcaeb')
    expect(await keys(set, { sort: { field: '_id', order: 'desc' } })).to.equal('edcba')
  })

  it('sorts absent before everything else', async () => {
    const set = await fill([{ n: 2 }, {}, { n: -5 }, {}])
    expect(await keys(set, { sort: { field: 'n', order: 'asc' } })).to.equal('bdca')
    expect(await keys(set, { sort: { field: 'n', order: 'desc' } })).to.equal('acdb')
  })

  it('sorts strings by code point, dates by time, booleans false first', async () => {
    const strings = await fill([
      { title: 'b' },
      { title: 'ä' },
      { title: 'B' },
      { title: '🍝' },
      { title: 'ﬁ' },
    ])
    expect(await keys(strings, { sort: { field: 'title', order: 'asc' } })).to.equal('cabed')
    const dates = await fill([{ at: new Date(1e12) }, { at: new Date(-1e12) }, { at: new Date(1e12 + 1) }])
    expect(await keys(dates, { sort: { field: 'at', order: 'asc' } })).to.equal('bac')
    const booleans = await fill([{ on: true }, { on: false }])
    expect(await keys(booleans, { sort: { field: 'on', order: 'asc' } })).to.equal('ba')
  })

  it('pages by keys in either direction without losing or repeating one', async () => {
    const rows = [3, 1, 2, 2, 2, undefined, 5, undefined, 1].map((n) => (n === undefined ? {} : { n }))
    const set = await fill(rows)
    for (const order of ['asc', 'desc'] as const) {
      const whole = await keys(set, { sort: { field: 'n', order } })
      const sorted = await bench.things.find({ set }, { sort: { field: 'n', order } })
      sorted.forEach((document, index) => {
        if (document.n === undefined) return
        expect(whole[index]).to.equal(document._id.slice(-1))
      })
      for (const [index, { n, _id }] of sorted.entries()) {
        if (n === undefined) continue
        const after = { value: n, id: _id }
        expect(await keys(set, { sort: { field: 'n', order }, after })).to.equal(whole.slice(index + 1))
        expect(await keys(set, { sort: { field: 'n', order }, after, limit: 2 })).to.equal(
          whole.slice(index + 1, index + 3),
        )
      }
    }
  })

  it('pages by _id and by dates', async () => {
    const set = await fill([1, 2, 3, 4].map((hour) => ({ at: new Date(hour * 3_600_000) })))
    const page = (value: Scalar, key: string, sort?: FindOptions['sort']) =>
      keys(set, { after: { value, id: `${set}-${key}` }, limit: 2, ...(sort && { sort }) })
    expect(await page(`${set}-b`, 'b')).to.equal('cd')
    expect(await page(`${set}-c`, 'c', { field: '_id', order: 'desc' })).to.equal('ba')
    expect(await page(new Date(3 * 3_600_000), 'c', { field: 'at', order: 'desc' })).to.equal('ba')
  })

  it('goes on behind a document that is gone', async () => {
    const set = await fill([{ n: 1 }, { n: 2 }, { n: 3 }])
    await bench.things.take({ _id: `${set}-b` })
    const after = { value: 2, id: `${set}-b` }
    expect(await keys(set, { sort: { field: 'n', order: 'asc' }, after })).to.equal('c')
  })

  it('sorts by nested paths', async () => {
    const set = bench.name()
    await bench.things.insert({ _id: `${set}-a`, set, place: { floor: 2 } })
    await bench.things.insert({ _id: `${set}-b`, set, place: { floor: 1 } })
    expect(await keys(set, { sort: { field: 'place.floor', order: 'asc' } })).to.equal('ba')
  })

  it('returns at most the limit, and never more than a thousand', async () => {
    const set = bench.name()
    const row = (index: number) => ({ in: things, insert: { _id: `${set}-${index}`, set, n: index } })
    await bench.store.batch(Array.from({ length: 999 }, (_, index) => row(index)))
    await bench.store.batch([row(999), row(1_000), row(1_001)])
    expect(await bench.things.find({ set }, { limit: 7 })).to.have.length(7)
    expect(await bench.things.find({ set })).to.have.length(1_000)
    expect(await bench.things.find({ set }, { limit: 1_000 })).to.have.length(1_000)
    expect(await bench.things.count({ set })).to.equal(1_002)
    expect(await bench.things.remove({ set })).to.equal(1_002)
  })

  it('refuses a limit, an order or a field that cannot be', async () => {
    for (const options of [
      { limit: 0 },
      { limit: 1_001 },
      { limit: 1.5 },
      { limit: '1' },
      { sort: { field: 'emial', order: 'asc' } },
      { sort: { field: 'tags', order: 'asc' } },
      { sort: { field: 'parts.n', order: 'asc' } },
      { sort: { field: 'n', order: 'up' } },
      { sort: { field: "n') --", order: 'asc' } },
      { sort: { field: 'n', order: 'asc' }, after: { value: 'x', id: 'a' } },
      { sort: { field: 'n', order: 'asc' }, after: { value: { $gt: 0 }, id: 'a' } },
      { after: { value: 'x', id: 5 } },
    ])
      await failure(bench.things.find({}, options as FindOptions), TypeError)
  })
}

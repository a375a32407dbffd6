/** The contract of batches: all or none, guards, the index of what failed. */
import { expect } from 'chai'
import { BatchError, DuplicateKeyError, type Write } from '../../src/storage/storage.ts'
import { type Bench, failure } from './store-bench.ts'
import { passes, type Thing, things } from './store-collections.ts'

export function batchContract(bench: Bench): void {
  it('makes all writes, in order, across collections', async () => {
    const [a, b, c] = [bench.name(), bench.name(), bench.name()]
    await bench.things.insert({ _id: c, n: 1 })
    await bench.store.batch([
      { in: things, insert: { _id: a, n: 1 } as Thing },
      { in: things, update: { _id: a, n: 1 }, change: { $inc: { n: 1 } } },
      { in: passes, put: { _id: b, until: new Date(bench.now().getTime() + 60_000) } as Thing },
      { in: things, take: { _id: c } },
      { in: things, remove: { set: 'nobody' } },
      { in: things, update: { _id: b }, change: { $inc: { n: 1 } }, insert: { _id: b, n: 5 } as Thing },
    ])
    expect((await bench.things.get(a))?.n).to.equal(2)
    expect((await bench.things.get(b))?.n).to.equal(5)
    expect((await bench.passes.get(b))?.until).to.be.instanceOf(Date)
    expect(await bench.things.get(c)).to.equal(undefined)
  })

  const failing: [string, (taken: string) => Write, boolean][] = [
    ['an insert of a taken id', (taken) => ({ in: things, insert: { _id: taken } }), true],
    [
      'a taken unique key',
      (taken) => ({ in: things, put: { _id: `${taken}+`, email: taken } as Thing }),
      true,
    ],
    [
      'an update that matches nothing',
      (taken) => ({ in: things, update: { _id: taken, n: 99 }, change: { $inc: { n: 1 } } }),
      false,
    ],
    ['a take that matches nothing', (taken) => ({ in: things, take: { _id: `${taken}?` } }), false],
    [
      'an update whose match fails though its document exists',
      (taken) => ({
        in: things,
        update: { _id: taken, n: 99 },
        change: { $inc: { n: 1 } },
        insert: { _id: taken },
      }),
      false,
    ],
  ]
  for (const [what, write, duplicate] of failing)
    it(`rolls back whole with the index of ${what}`, async () => {
      const [fresh, taken, doomed] = [bench.name(), bench.name(), bench.name()]
      await bench.things.insert({ _id: taken, email: taken, n: 1 })
      await bench.things.insert({ _id: doomed })
      const error = await failure(
        bench.store.batch([
          { in: things, insert: { _id: fresh } },
          { in: things, update: { _id: taken }, change: { $set: { title: 'changed' } } },
          { in: things, take: { _id: doomed } },
          write(taken),
          { in: things, remove: { _id: taken } },
        ]),
        BatchError,
      )
      expect(error.index).to.equal(3)
      if (duplicate) expect(error.cause).to.be.instanceOf(DuplicateKeyError)
      else expect(error.cause).to.equal(undefined)
      expect(await bench.things.get(fresh)).to.equal(undefined)
      expect(await bench.things.get(taken)).to.deep.equal({ _id: taken, email: taken, n: 1 })
      expect(await bench.things.get(doomed)).to.deep.equal({ _id: doomed })
    })

  it('fails alone: its neighbours of the same turn are written', async () => {
    const [first, last, taken] = [bench.name(), bench.name(), bench.name()]
    await bench.things.insert({ _id: taken })
    const outcomes = await Promise.allSettled([
      bench.things.insert({ _id: first }),
      bench.store.batch([
        { in: things, insert: { _id: `${first}+` } },
        { in: things, insert: { _id: taken } },
      ]),
      bench.things.insert({ _id: taken }),
      bench.things.insert({ _id: last }),
    ])
    expect(outcomes.map((outcome) => outcome.status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(await bench.things.get(first)).to.deep.equal({ _id: first })
    expect(await bench.things.get(`${first}+`)).to.equal(undefined)
    expect(await bench.things.get(last)).to.deep.equal({ _id: last })
  })

  it('moves a unique key between documents', async () => {
    const [from, to, email] = [bench.name(), bench.name(), bench.name()]
    await bench.things.insert({ _id: from, email })
    await bench.store.batch([
      { in: things, update: { _id: from, email }, change: { $unset: { email: true } } },
      { in: things, insert: { _id: to, email } as Thing },
    ])
    expect(await bench.things.find({ email })).to.deep.equal([{ _id: to, email }])
  })

  it('does nothing for an empty batch', async () => {
    await bench.store.batch([])
  })

  it('makes a thousand writes at once, and refuses one more', async () => {
    const set = bench.name()
    const writes: Write[] = Array.from({ length: 1_000 }, (_, index) => ({
      in: things,
      insert: { _id: `${set}-${index}`, set, n: index, title: 'x'.repeat(200) } as Thing,
    }))
    await bench.store.batch(writes)
    expect(await bench.things.count({ set })).to.equal(1_000)
    const extra = { in: things, insert: { _id: bench.name(), set } as Thing }
    await failure(bench.store.batch([...writes, extra]), TypeError)
    await failure(bench.store.batch([...writes.slice(0, 998), extra, writes[0] as Write]), BatchError)
    expect(await bench.things.count({ set })).to.equal(1_000)
  })

  it('refuses a write that does not fit before it writes anything', async () => {
    const _id = bench.name()
    const good: Write = { in: things, insert: { _id } }
    for (const wrong of [
      { in: things, insert: { _id: 5 } },
      { in: things, insert: { _id: bench.name(), n: 'x' } },
      { in: things, update: { emial: 'x' }, change: { $inc: { n: 1 } } },
      { in: things, update: { _id }, change: { $inc: { title: 1 } } },
      { in: things, update: { _id } },
      { in: things, take: { _id: undefined } },
      { in: { ...things, name: 'strangers' }, insert: { _id } },
      { in: things },
    ])
      await failure(bench.store.batch([good, wrong as Write]), TypeError)
    expect(await bench.things.get(_id)).to.equal(undefined)
  })
}

/** The contract of the two verbs that carry all races: update (compare-and-set) and take. */
import { expect } from 'chai'
import type { Bench } from './store-bench.ts'
import { type Thing, things } from './store-collections.ts'

const racers = Array.from({ length: 50 }, (_, index) => index)

export function raceContract(bench: Bench): void {
  it('lets exactly one of 50 compare-and-set racers through', async () => {
    const id = bench.name()
    await bench.things.insert({ _id: id, n: 0 })
    const outcomes = await Promise.all(
      racers.map((racer) =>
        bench.things.update({ _id: id, n: 0 }, { $set: { n: racer + 1, title: `racer ${racer}` } }),
      ),
    )
    const winners = outcomes.filter((outcome) => outcome !== undefined)
    expect(winners).to.have.length(1)
    expect(await bench.things.get(id)).to.deep.equal(winners[0])
  })

  it('lets each of 50 increments be seen by the next', async () => {
    const id = bench.name()
    await bench.things.insert({ _id: id, n: 0 })
    const seen = await Promise.all(racers.map(() => bench.things.update({ _id: id }, { $inc: { n: 1 } })))
    expect(seen.map((document) => document?.n).sort((a, b) => Number(a) - Number(b))).to.deep.equal(
      racers.map((racer) => racer + 1),
    )
  })

  it('raises a counter to its bound and no further', async () => {
    const id = bench.name()
    const outcomes = await Promise.all(
      racers.map(() =>
        bench.things.update({ _id: id, n: { $lt: 10 } }, { $inc: { n: 1 } }, { insert: { _id: id, n: 1 } }),
      ),
    )
    expect(outcomes.filter((outcome) => outcome !== undefined)).to.have.length(10)
    expect((await bench.things.get(id))?.n).to.equal(10)
  })

  it('inserts once and updates 49 times when 50 race to make a document', async () => {
    const id = bench.name()
    const seen = await Promise.all(
      racers.map(() => bench.things.update({ _id: id }, { $inc: { n: 1 } }, { insert: { _id: id, n: 1 } })),
    )
    expect(seen.map((document) => document?.n).sort((a, b) => Number(a) - Number(b))).to.deep.equal(
      racers.map((racer) => racer + 1),
    )
  })

  it('lets 50 batches that raise the same two counters through', async () => {
    const [day, month] = [bench.name(), bench.name()]
    const raise = (_id: string) => ({
      in: things,
      update: { _id },
      change: { $inc: { n: 1 } },
      insert: { _id, n: 1 },
    })
    await Promise.all(
      racers.map(() =>
        bench.store.batch([{ in: things, insert: { _id: bench.name() } }, raise(day), raise(month)]),
      ),
    )
    expect([(await bench.things.get(day))?.n, (await bench.things.get(month))?.n]).to.deep.equal([50, 50])
  })

  it('gives a document to exactly one of 50 takers', async () => {
    const id = bench.name()
    await bench.things.insert({ _id: id, n: 7 })
    const taken = await Promise.all(racers.map(() => bench.things.take({ _id: id, n: 7 })))
    expect(taken.filter((document) => document !== undefined)).to.deep.equal([{ _id: id, n: 7 }])
    expect(await bench.things.get(id)).to.equal(undefined)
  })

  it('shares 30 documents among 50 takers of any of them', async () => {
    const set = bench.name()
    const ids = Array.from({ length: 30 }, () => bench.name())
    await Promise.all(ids.map((_id) => bench.things.insert({ _id, set })))
    const taken = await Promise.all(racers.map(() => bench.things.take({ set })))
    const got = taken.flatMap((document) => (document ? [document._id] : []))
    expect(got.sort()).to.deep.equal(ids.sort())
  })

  it('lets one of a take and an update of the same state win', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = bench.name()
      await bench.things.insert({ _id: id, n: 0 })
      const [taken, changed] = await Promise.all([
        bench.things.take({ _id: id, n: 0 }),
        bench.things.update({ _id: id, n: 0 }, { $set: { n: 1 } }),
      ])
      expect([taken, changed].filter((document) => document !== undefined)).to.have.length(1)
    }
  })

  it('lets exactly one of 25 batches with the same guard through', async () => {
    const [id, set] = [bench.name(), bench.name()]
    await bench.things.insert({ _id: id, n: 0 })
    const outcomes = await Promise.allSettled(
      racers.slice(0, 25).map(() =>
        bench.store.batch([
          { in: things, insert: { _id: bench.name(), set } as Thing },
          { in: things, update: { _id: id, n: 0 }, change: { $inc: { n: 1 } } },
        ]),
      ),
    )
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).to.have.length(1)
    expect(await bench.things.count({ set })).to.equal(1)
    expect((await bench.things.get(id))?.n).to.equal(1)
  })
}

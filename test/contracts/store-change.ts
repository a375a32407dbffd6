/** The contract of changes: $set, $unset, $inc, $push, $pull, and what is refused. */
import { expect } from 'chai'
import type { Change } from '../../src/storage/storage.ts'
import { type Bench, failure } from './store-bench.ts'
import type { Thing } from './store-collections.ts'

const day = (number: number) => new Date(Date.UTC(2024, 0, number))

export function changeContract(bench: Bench): void {
  const cases: [string, Omit<Thing, '_id'>, Change, Omit<Thing, '_id'>][] = [
    ['sets a field', { n: 1 }, { $set: { title: 'x' } }, { n: 1, title: 'x' }],
    ['replaces a field', { n: 1 }, { $set: { n: 2 } }, { n: 2 }],
    ['sets a date', {}, { $set: { at: day(1) } }, { at: day(1) }],
    [
      'sets a nested field and makes what is above it',
      {},
      { $set: { 'place.city': 'Bonn' } },
      { place: { city: 'Bonn' } },
    ],
    [
      'leaves the neighbours of a nested field',
      { place: { floor: 1, since: day(1) } },
      { $set: { 'place.floor': 2 } },
      { place: { floor: 2, since: day(1) } },
    ],
    [
      'replaces an object whole',
      { place: { floor: 1 } },
      { $set: { place: { city: 'x' } } },
      { place: { city: 'x' } },
    ],
    ['sets null where the schema allows it', { n: 1 }, { $set: { remark: null } }, { n: 1, remark: null }],
    [
      'removes a field that is set to undefined',
      { n: 1, title: 'x' },
      { $set: { title: undefined } },
      { n: 1 },
    ],
    [
      'sets a date in a record',
      { visits: { mo: day(1) } },
      { $set: { 'visits.tu': day(2) } },
      { visits: { mo: day(1), tu: day(2) } },
    ],
    ['sets a whole array', { tags: ['a'] }, { $set: { tags: ['b', 'c'] } }, { tags: ['b', 'c'] }],
    [
      'sets free JSON',
      {},
      { $set: { free: { 'a.b': [1, { c: null }] } } },
      { free: { 'a.b': [1, { c: null }] } },
    ],
    ['removes a field', { n: 1, title: 'x' }, { $unset: { title: true } }, { n: 1 }],
    [
      'removes a nested field only',
      { place: { city: 'x', floor: 1 } },
      { $unset: { 'place.city': true } },
      { place: { floor: 1 } },
    ],
    [
      'removes a key of a record',
      { counts: { a: 1, b: 2 } },
      { $unset: { 'counts.a': true } },
      { counts: { b: 2 } },
    ],
    ['removes what is not there without a word', { n: 1 }, { $unset: { 'place.city': true } }, { n: 1 }],
    ['increments', { n: 1 }, { $inc: { n: 2.5 } }, { n: 3.5 }],
    ['decrements', { n: 1 }, { $inc: { n: -2 } }, { n: -1 }],
    [
      'increments what is not there from 0',
      {},
      { $inc: { n: 3, 'counts.x': 1 } },
      { n: 3, counts: { x: 1 } },
    ],
    ['pushes', { tags: ['a'] }, { $push: { tags: { value: 'b', limit: 10 } } }, { tags: ['a', 'b'] }],
    ['pushes into nothing', {}, { $push: { tags: { value: 'b', limit: 10 } } }, { tags: ['b'] }],
    [
      'keeps the last when it pushes',
      { tags: ['a', 'b', 'c'] },
      { $push: { tags: { value: 'd', limit: 2 } } },
      { tags: ['c', 'd'] },
    ],
    [
      'pushes a date',
      { dates: [day(1)] },
      { $push: { dates: { value: day(2), limit: 5 } } },
      { dates: [day(1), day(2)] },
    ],
    [
      'pushes an object with a date',
      {},
      { $push: { parts: { value: { id: 'p', at: day(1) }, limit: 5 } } },
      { parts: [{ id: 'p', at: day(1) }] },
    ],
    ['pulls every equal element', { tags: ['a', 'b', 'a'] }, { $pull: { tags: 'a' } }, { tags: ['b'] }],
    ['pulls a date', { dates: [day(1), day(2)] }, { $pull: { dates: day(1) } }, { dates: [day(2)] }],
    ['pulls to an empty array', { tags: ['a'] }, { $pull: { tags: 'a' } }, { tags: [] }],
    ['pulls from nothing', { n: 1 }, { $pull: { tags: 'a' } }, { n: 1 }],
    [
      'pulls every object whose fields are equal',
      {
        parts: [
          { id: 'a', n: 1 },
          { id: 'b', n: 1 },
          { id: 'a', n: 2 },
          { id: 'a', n: 1, at: day(1) },
        ],
      },
      { $pull: { parts: { id: 'a', n: 1 } } },
      {
        parts: [
          { id: 'b', n: 1 },
          { id: 'a', n: 2 },
        ],
      },
    ],
    [
      'pulls objects by a date',
      { parts: [{ id: 'a', at: day(1) }, { id: 'b', at: day(2) }, { id: 'c' }] },
      { $pull: { parts: { at: day(1) } } },
      { parts: [{ id: 'b', at: day(2) }, { id: 'c' }] },
    ],
    [
      'does several things at once',
      { n: 1, title: 'x', tags: ['a'] },
      {
        $set: { on: true },
        $unset: { title: true },
        $inc: { n: 1 },
        $push: { tags: { value: 'b', limit: 5 } },
      },
      { n: 2, on: true, tags: ['a', 'b'] },
    ],
  ]
  for (const [what, before, change, after] of cases)
    it(what, async () => {
      const _id = bench.name()
      await bench.things.insert({ _id, ...before })
      expect(await bench.things.update({ _id }, change)).to.deep.equal({ _id, ...after })
      expect(await bench.things.get(_id)).to.deep.equal({ _id, ...after })
    })

  it('changes one document only, and none when nothing matches', async () => {
    const set = bench.name()
    await Promise.all([1, 2, 3].map(() => bench.things.insert({ _id: bench.name(), set, n: 0 })))
    expect((await bench.things.update({ set }, { $inc: { n: 1 } }))?.n).to.equal(1)
    expect(await bench.things.count({ set, n: 1 })).to.equal(1)
    expect(await bench.things.update({ set, n: 5 }, { $inc: { n: 1 } })).to.equal(undefined)
  })

  it('inserts only when no document with that id exists', async () => {
    const _id = bench.name()
    const insert = { _id, n: 1, at: day(1), title: undefined } as Thing
    const made = await bench.things.update({ _id, n: { $gt: 5 } }, { $inc: { n: 1 } }, { insert })
    expect(made).to.deep.equal({ _id, n: 1, at: day(1) })
    expect(await bench.things.update({ _id, n: { $gt: 5 } }, { $inc: { n: 1 } }, { insert })).to.equal(
      undefined,
    )
    expect((await bench.things.update({ _id }, { $inc: { n: 1 } }, { insert }))?.n).to.equal(2)
  })

  it('takes a document and tells what it was', async () => {
    const _id = bench.name()
    await bench.things.insert({ _id, at: day(1), parts: [{ id: 'a', at: day(2) }] })
    expect(await bench.things.take({ _id, 'parts.id': 'b' })).to.equal(undefined)
    expect(await bench.things.take({ _id, 'parts.id': 'a' })).to.deep.equal({
      _id,
      at: day(1),
      parts: [{ id: 'a', at: day(2) }],
    })
    expect(await bench.things.get(_id)).to.equal(undefined)
  })

  const refused: [string, unknown][] = [
    ['no change', {}],
    ['a change of nothing', { $set: {} }],
    ['an operator that does not exist', { $rename: { n: 'm' } }],
    ['a field beside the operators', { n: 2 }],
    ['another _id', { $set: { _id: 'other' } }],
    ['a path that the schema does not declare', { $set: { emial: 'x' } }],
    ['a path into an array', { $set: { 'parts.id': 'x' } }],
    ['an index of an array', { $set: { 'tags.0': 'x' } }],
    ['a value that the schema refuses', { $set: { n: '1' } }],
    ['a value that the schema refuses in an object', { $set: { place: { floor: 'x' } } }],
    ['a number that is none', { $inc: { n: Number.NaN } }],
    ['an increment of a string', { $inc: { title: 1 } }],
    ['an increment by a string', { $inc: { n: '1' } }],
    ['the removal of a required field', { $unset: { _id: true } }],
    ['a push into no array', { $push: { n: { value: 1, limit: 1 } } }],
    ['a push without a limit', { $push: { tags: { value: 'x' } } }],
    ['a push with a limit of 0', { $push: { tags: { value: 'x', limit: 0 } } }],
    ['a push of what the schema refuses', { $push: { tags: { value: 1, limit: 1 } } }],
    ['a pull from no array', { $pull: { title: 'x' } }],
    ['a pull by an operator', { $pull: { parts: { $where: '1' } } }],
    ['a pull of nothing', { $pull: { parts: {} } }],
    ['a pull of undefined', { $pull: { tags: undefined } }],
    ['two changes of one path', { $set: { n: 1 }, $inc: { n: 1 } }],
    ['changes of a path and of one below it', { $set: { place: { floor: 1 } }, $inc: { 'place.floor': 1 } }],
    ['the prototype', { $set: { '__proto__.polluted': 1 } }],
    ['the prototype in a record', { $set: { 'counts.__proto__': 1 } }],
    ['the constructor', { $set: { 'free.constructor.prototype.polluted': 1 } }],
    ['a quote in a path', { $set: { 'counts.x"': 1 } }],
    ['a dollar in a path', { $set: { 'counts.$x': 1 } }],
  ]
  for (const [what, change] of refused)
    it(`refuses ${what}`, async () => {
      const _id = bench.name()
      const document = { _id, n: 1, title: 't', tags: ['a'], parts: [{ id: 'a' }], place: { floor: 1 } }
      await bench.things.insert(document)
      await failure(bench.things.update({ _id }, change as Change), TypeError)
      expect(await bench.things.get(_id)).to.deep.equal(document)
      expect('polluted' in {}).to.equal(false)
    })
}

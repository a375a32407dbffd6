/** The contract of matches: every condition, on fields, arrays and nested paths, and what is refused. */
import { expect } from 'chai'
import type { Match } from '../../src/storage/storage.ts'
import { type Bench, failure } from './store-bench.ts'
import type { Thing } from './store-collections.ts'

const day = (number: number) => new Date(Date.UTC(2024, 0, number))

const shelf: (Omit<Thing, '_id' | 'set'> & { key: string })[] = [
  { key: 'a', n: 1, title: 'ada', on: true, at: day(1), tags: ['red', 'round'], place: { city: 'Bonn' } },
  { key: 'b', n: 2, title: 'Adam', on: false, at: day(2), tags: ['blue'], place: { city: 'Köln' } },
  {
    key: 'c',
    n: 10,
    title: 'a.*',
    at: day(3),
    tags: [],
    parts: [
      { id: 'p1', n: 1 },
      { id: 'p2', n: 5 },
    ],
  },
  { key: 'd', n: -1.5, title: '', parts: [{ id: 'p2', n: 9, at: day(4) }], visits: { mo: day(1) } },
  { key: 'e', title: 'adb', dates: [day(1), day(5)], counts: { x: 1, 'y z': 2 } },
  { key: 'f', remark: null },
  { key: 'g', remark: "o'brien" },
]

export function matchContract(bench: Bench): void {
  let set: string

  before(async () => {
    set = bench.name()
    const prefix = set
    await Promise.all(
      shelf.map(({ key, ...fields }) => bench.things.insert({ _id: `${prefix}-${key}`, set, ...fields })),
    )
  })

  const keys = async (match: Match) => {
    const [found, count] = [
      await bench.things.find({ set, ...match }),
      await bench.things.count({ set, ...match }),
    ]
    expect(count).to.equal(found.length)
    return found.map((document) => document._id.slice(set.length + 1)).join('')
  }

  const cases: [string, Match, string][] = [
    ['equality of a string', { title: 'ada' }, 'a'],
    ['equality of the empty string', { title: '' }, 'd'],
    ['equality of a number', { n: 10 }, 'c'],
    ['equality of a fraction', { n: -1.5 }, 'd'],
    ['equality of true', { on: true }, 'a'],
    ['equality of false', { on: false }, 'b'],
    ['equality of a date', { at: day(2) }, 'b'],
    ['equality on a nested path', { 'place.city': 'Köln' }, 'b'],
    ['equality with a quote in it', { remark: "o'brien" }, 'g'],
    ['no pattern in a string', { title: 'a.*' }, 'c'],
    ['an array that contains', { tags: 'red' }, 'a'],
    ['an array of dates that contains', { dates: day(5) }, 'e'],
    ['a path through an array of objects', { 'parts.id': 'p2' }, 'cd'],
    ['a date in an array of objects', { 'parts.at': day(4) }, 'd'],
    ['a key of a record', { 'counts.x': 1 }, 'e'],
    ['a key of a record with a space', { 'counts.y z': { $gte: 2 } }, 'e'],
    ['a date in a record', { 'visits.mo': { $lte: day(1) } }, 'd'],
    ['$in', { title: { $in: ['ada', 'adb', 'nobody'] } }, 'ae'],
    ['$in of numbers', { n: { $in: [1, -1.5] } }, 'ad'],
    ['$in of dates', { at: { $in: [day(1), day(3)] } }, 'ac'],
    ['$in of booleans', { on: { $in: [true, false] } }, 'ab'],
    ['$in of nothing', { title: { $in: [] } }, ''],
    ['$in on an array', { tags: { $in: ['blue', 'round'] } }, 'ab'],
    ['$ne, where absent is not equal', { n: { $ne: 1 } }, 'bcdefg'],
    ['$ne, where null is not equal', { remark: { $ne: "o'brien" } }, 'abcdef'],
    ['$ne of a boolean', { on: { $ne: true } }, 'bcdefg'],
    ['$ne on an array: contains none', { tags: { $ne: 'red' } }, 'bcdefg'],
    ['$gt', { n: { $gt: 1 } }, 'bc'],
    ['$gte', { n: { $gte: 1 } }, 'abc'],
    ['$lt, where absent is not less', { n: { $lt: 1 } }, 'd'],
    ['$lte', { n: { $lte: 1 } }, 'ad'],
    ['a range of dates', { at: { $gt: day(1), $lte: day(3) } }, 'bc'],
    ['a range of strings in the order of code points', { title: { $gte: 'a', $lt: 'adb' } }, 'ac'],
    ['a range on an array', { 'parts.n': { $gt: 6 } }, 'd'],
    ['$exists', { tags: { $exists: true } }, 'abc'],
    ['$exists of null', { remark: { $exists: true } }, 'fg'],
    ['$exists false', { n: { $exists: false } }, 'efg'],
    ['$exists on a nested path', { 'place.city': { $exists: true } }, 'ab'],
    ['$exists through an array', { 'parts.at': { $exists: true } }, 'd'],
    ['$exists false through an array', { 'parts.at': { $exists: false } }, 'abcefg'],
    ['$prefix, case by case', { title: { $prefix: 'ad' } }, 'ae'],
    ['$prefix with signs of a pattern', { title: { $prefix: 'a.' } }, 'c'],
    ['$prefix of nothing: every string', { title: { $prefix: '' } }, 'abcde'],
    ['$prefix on an array', { tags: { $prefix: 'r' } }, 'a'],
    ['$prefix on a nested path', { 'place.city': { $prefix: 'K' } }, 'b'],
    ['several conditions on one field', { n: { $gt: 0, $ne: 2 } }, 'ac'],
    ['several fields', { tags: 'red', on: true }, 'a'],
    ['nothing fits', { tags: 'red', on: false }, ''],
    ['nothing to match: all', {}, 'abcdefg'],
  ]
  for (const [what, match, expected] of cases)
    it(`knows ${what}`, async () => {
      expect(await keys(match)).to.equal(expected)
    })

  it('matches by _id like any field', async () => {
    expect(await keys({ _id: `${set}-c` })).to.equal('c')
    expect(await keys({ _id: { $in: [`${set}-c`, `${set}-a`] } })).to.equal('ac')
    expect(await keys({ _id: { $gt: `${set}-d` } })).to.equal('efg')
    expect(await keys({ _id: { $prefix: `${set}-` } })).to.equal('abcdefg')
    expect(await keys({ _id: { $ne: `${set}-a` }, n: { $exists: true } })).to.equal('bcd')
  })

  it('matches $in of a thousand values', async () => {
    const many = Array.from({ length: 999 }, (_, index) => `none ${index}`)
    expect(await keys({ title: { $in: [...many, 'ada'] } })).to.equal('a')
  })

  it('removes all that match and says how many', async () => {
    const own = bench.name()
    await Promise.all([1, 2, 3].map((n) => bench.things.insert({ _id: bench.name(), set: own, n })))
    expect(await bench.things.remove({ set: own, n: { $gte: 2 } })).to.equal(2)
    expect(await bench.things.remove({ set: own, n: { $gte: 2 } })).to.equal(0)
    expect(await bench.things.count({ set: own })).to.equal(1)
  })

  const refused: [string, unknown][] = [
    ['undefined: it would match everything', { email: undefined }],
    ['null', { email: null }],
    ['a path that the schema does not declare', { emial: 'x' }],
    ['a nested path that the schema does not declare', { 'place.town': 'x' }],
    ['an operator for a path', { $where: '1' }],
    ['a condition that does not exist', { title: { $regex: '.' } }],
    ['a condition that is no condition', { title: { is: 'x' } }],
    ['a condition without operators', { title: {} }],
    ['undefined in a condition', { n: { $gt: undefined } }],
    ['undefined in $in', { title: { $in: [undefined] } }],
    ['an object in $in', { title: { $in: [{ $gt: '' }] } }],
    ['a value of another type', { n: '1' }],
    ['a value of another type in a condition', { title: { $gte: 1 } }],
    ['a date that is none', { at: new Date(Number.NaN) }],
    ['a number that is none', { n: Number.NaN }],
    ['an array', { tags: ['red'] }],
    ['$prefix of no string', { n: { $prefix: '1' } }],
    ['$exists of no boolean', { n: { $exists: 1 } }],
    ['the empty path', { '': 'x' }],
    ['the prototype', { 'counts.__proto__': 1 }],
    ['a quote in a path', { "counts.x') OR 1=1 --": 1 }],
    ['a double quote in a path', { 'counts.x" OR 1=1 --': 1 }],
    ['an operator inside a path', { 'counts.$where': 1 }],
    ['an empty part of a path', { 'counts.': 1 }],
  ]
  for (const [what, match] of refused)
    it(`refuses ${what}`, async () => {
      const wrong = match as Match
      await failure(bench.things.find(wrong), TypeError)
      await failure(bench.things.count(wrong), TypeError)
      await failure(bench.things.take(wrong), TypeError)
      await failure(bench.things.remove(wrong), TypeError)
      await failure(bench.things.update(wrong, { $inc: { n: 1 } }), TypeError)
    })
}

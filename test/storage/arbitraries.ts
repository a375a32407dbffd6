/** Random documents, matches, orders and changes of the contract's `things`, from values that often meet. */
import fc from 'fast-check'
import type { Change, FindOptions, Match, Scalar } from '../../src/storage/storage.ts'
import type { Thing } from '../contracts/store-collections.ts'

const text = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      '',
      'a',
      'ab',
      'abc',
      'A',
      'ä',
      '🍝',
      'ﬁ',
      'a.b',
      "o'b",
      '%',
      'a_',
      '1',
      'null',
    ),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.integer({ min: 0, max: 0x10ffff }), { maxLength: 4 })
      .map((points) => String.fromCodePoint(...points))
      .filter((value) => value.isWellFormed()),
  },
)
const plainText = text.filter((value) => !value.includes('\u0000') && !value.includes('\u{10FFFF}'))
const number = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 2, 3, -1, 2.5, 0.1, 0.1 + 0.2, -1e-7, 1e21, 2 ** 53 - 1) },
  {
    weight: 1,
    arbitrary: fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 })
      .map((value) => value + 0),
  },
)
const date = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(0, 1, 86_400_000, -1, 1.7e12, -3e12).map((value) => new Date(value)),
  },
  {
    weight: 1,
    arbitrary: fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
  },
)
const key = fc.constantFrom('k', 'l', 'm n', 'ö')
const scalar = fc.oneof(text, number, fc.boolean())
const part = fc.record({ id: text, n: number, at: date }, { requiredKeys: ['id'] })

const fields = {
  title: text,
  n: number,
  on: fc.boolean(),
  at: date,
  remark: fc.option(text),
  place: fc.record({ city: text, since: date, floor: number }, { requiredKeys: [] }),
  tags: fc.array(text, { maxLength: 3 }),
  dates: fc.array(date, { maxLength: 3 }),
  parts: fc.array(part, { maxLength: 3 }),
  visits: fc.dictionary(key, date, { maxKeys: 2 }),
  counts: fc.dictionary(key, number, { maxKeys: 2 }),
  free: fc.oneof(
    scalar,
    fc.array(scalar, { maxLength: 3 }),
    fc.record({ x: scalar, y: scalar }, { requiredKeys: [] }),
  ),
  realm: fc.constantFrom('r', 's'),
  slot: fc.constantFrom(1, 2),
}

/** Everything but `_id` and `set`. */
export const body = fc.record(fields, { requiredKeys: [] }) as fc.Arbitrary<Omit<Thing, '_id' | 'set'>>

/** The paths that hold one kind of scalar, or arrays of it. */
const paths: Record<string, fc.Arbitrary<Scalar>> = {
  title: text,
  n: number,
  on: fc.boolean(),
  at: date,
  remark: text,
  'place.city': text,
  'place.since': date,
  'place.floor': number,
  tags: text,
  dates: date,
  'parts.id': text,
  'parts.n': number,
  'parts.at': date,
  'visits.k': date,
  'counts.m n': number,
  free: scalar,
  'free.x': scalar,
}
const textPaths = ['title', 'remark', 'place.city', 'tags', 'parts.id', 'free', 'free.x']

const condition = fc.constantFrom(...Object.keys(paths)).chain((path) => {
  const value = paths[path] as fc.Arbitrary<Scalar>
  const range = fc.constantFrom('$gt', '$gte', '$lt', '$lte', '$ne')
  const choices: fc.Arbitrary<unknown>[] = [
    value,
    fc.tuple(range, value).map(([operator, one]) => ({ [operator]: one })),
    fc.tuple(range, value, range, value).map(([one, a, other, b]) => ({ [one]: a, [other]: b })),
    fc.array(value, { maxLength: 4 }).map(($in) => ({ $in })),
    fc.boolean().map(($exists) => ({ $exists })),
  ]
  if (textPaths.includes(path)) choices.push(plainText.map(($prefix) => ({ $prefix })))
  return fc.tuple(fc.constant(path), fc.oneof(...choices))
})

export const match = fc
  .array(condition, { maxLength: 2 })
  .map((conditions) => Object.fromEntries(conditions) as Match)

const sortable = ['_id', 'title', 'n', 'on', 'at', 'place.city', 'place.since', 'place.floor'] as const

/** `after` with the value of the field at hand; the id is completed by the test. */
export const order: fc.Arbitrary<FindOptions> = fc.constantFrom(...sortable).chain((field) =>
  fc.record(
    {
      sort: fc.record({ field: fc.constant(field), order: fc.constantFrom('asc' as const, 'desc' as const) }),
      after: fc.record({ value: paths[field] ?? fc.constant('b'), id: fc.constantFrom('a', 'b', 'c', 'd') }),
      limit: fc.integer({ min: 1, max: 6 }),
    },
    { requiredKeys: ['sort'] },
  ),
)

const edits: fc.Arbitrary<[string, Change]>[] = [
  ...(
    [
      'title',
      'n',
      'on',
      'at',
      'remark',
      'place',
      'tags',
      'dates',
      'parts',
      'visits',
      'counts',
      'free',
    ] as const
  ).map((name) =>
    (fields[name] as fc.Arbitrary<unknown>).map((value): [string, Change] => [
      name,
      { $set: { [name]: value } },
    ]),
  ),
  ...(['place.city', 'place.since', 'place.floor', 'visits.k', 'counts.m n'] as const).map((path) =>
    (paths[path] as fc.Arbitrary<Scalar>).map((value): [string, Change] => [
      path,
      { $set: { [path]: value } },
    ]),
  ),
  fc
    .constantFrom(
      'title',
      'n',
      'place',
      'place.city',
      'visits.k',
      'counts.m n',
      'tags',
      'free',
      'realm',
      'slot',
    )
    .map((path): [string, Change] => [path, { $unset: { [path]: true } }]),
  fc
    .tuple(fc.constantFrom('n', 'place.floor', 'counts.k'), fc.constantFrom(1, -1, 2.5, 0.1, 3))
    .map(([path, by]): [string, Change] => [path, { $inc: { [path]: by } }]),
  fc
    .tuple(
      fc.constantFrom('tags' as const, 'dates' as const, 'parts' as const),
      fc.integer({ min: 1, max: 4 }),
      text,
      date,
      part,
    )
    .map(([path, limit, ...[one, day, object]]): [string, Change] => [
      path,
      { $push: { [path]: { value: { tags: one, dates: day, parts: object }[path], limit } } },
    ]),
  fc
    .tuple(fc.constantFrom('tags' as const, 'dates' as const, 'parts' as const), text, date, fc.boolean())
    .map(([path, one, day, byDate]): [string, Change] => [
      path,
      { $pull: { [path]: { tags: one, dates: day, parts: byDate ? { at: day } : { id: one } }[path] } },
    ]),
  fc.constantFrom('r', 's').map((realm): [string, Change] => ['realm', { $set: { realm } }]),
  fc.constantFrom(1, 2).map((slot): [string, Change] => ['slot', { $set: { slot } }]),
]

/** One to three edits of different fields. */
export const change: fc.Arbitrary<Change> = fc
  .uniqueArray(fc.oneof(...edits), {
    minLength: 1,
    maxLength: 3,
    selector: ([path]) => path.split('.')[0],
  })
  .map((list) => {
    const whole: Record<string, object> = {}
    for (const [, one] of list)
      for (const [operator, changes] of Object.entries(one))
        whole[operator] = { ...whole[operator], ...changes }
    return whole as Change
  })

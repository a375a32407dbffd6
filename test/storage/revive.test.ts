import { expect } from 'chai'
import { z } from 'zod'
import { reviver } from '../../src/storage/sqlite/revive.ts'

const at = new Date('2024-02-29T12:34:56.789Z')

/** What comes back of a value that went through JSON. */
function back(schema: z.ZodType, value: unknown): unknown {
  const json: unknown = JSON.parse(JSON.stringify(value))
  const revive = reviver(schema)
  return revive ? revive(json) : json
}

describe('dates out of JSON', () => {
  const cases: [string, z.ZodType, unknown][] = [
    ['a wrapped date', z.object({ at: z.date().nullable().optional().readonly() }), { at }],
    ['null in the place of one', z.object({ at: z.date().nullable() }), { at: null }],
    ['an absent one', z.object({ at: z.date().optional(), n: z.number() }), { n: 1 }],
    [
      'dates in nested arrays',
      z.object({ list: z.array(z.array(z.date())) }),
      { list: [[at], [], [at, at]] },
    ],
    [
      'dates in records of records',
      z.record(z.string(), z.record(z.string(), z.date())),
      { a: { b: at }, c: {} },
    ],
    ['a tuple', z.tuple([z.string(), z.date()]).rest(z.date()), [at.toISOString(), at, at, at]],
    [
      'what an object lets in besides',
      z.object({ text: z.string() }).catchall(z.date()),
      { text: at.toISOString(), more: at },
    ],
    [
      'both sides of an intersection',
      z.intersection(z.object({ a: z.date() }), z.object({ b: z.date() })),
      { a: at, b: at },
    ],
    ['the outcome of a pipe', z.object({ at: z.string().pipe(z.coerce.date()) }), { at }],
    ['a default', z.object({ at: z.date().default(at) }), { at }],
    ['a date or a number', z.object({ when: z.union([z.date(), z.number()]) }), { when: at }],
    ['a number or a date', z.object({ when: z.union([z.date(), z.number()]) }), { when: 5 }],
    [
      'text that only looks a little like one',
      z.object({ when: z.union([z.date(), z.string()]) }),
      { when: '2024' },
    ],
    ['a choice of arrays', z.object({ x: z.union([z.array(z.date()), z.string()]) }), { x: [at] }],
    [
      'nothing in what is free',
      z.object({ free: z.unknown(), any: z.any() }),
      { free: at.toISOString(), any: [] },
    ],
  ]
  for (const [what, schema, value] of cases)
    it(`revives ${what}`, () => {
      expect(back(schema, value)).to.deep.equal(value)
    })

  it('chooses among objects by their literals', () => {
    const schema = z.array(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('a'), value: z.date() }),
        z.object({ kind: z.enum(['b', 'c']), value: z.string() }),
        z.object({ kind: z.literal('d'), value: z.object({ at: z.date() }) }),
      ]),
    )
    const value = [
      { kind: 'a', value: at },
      { kind: 'c', value: at.toISOString() },
      { kind: 'd', value: { at } },
    ]
    expect(back(schema, value)).to.deep.equal(value)
  })

  it('chooses among objects without literals by the fields that they have', () => {
    const schema = z.array(
      z.union([
        z.object({ a: z.string(), at: z.string() }),
        z.object({ b: z.string().optional(), at: z.date() }),
        z.object({ c: z.string(), at: z.date() }),
      ]),
    )
    const value = [
      { a: '', at: at.toISOString() },
      { b: '', at },
      { c: '', at },
    ]
    expect(back(schema, value)).to.deep.equal(value)
  })

  it('follows schemas that contain themselves', () => {
    const node = z.object({
      at: z.date(),
      get children() {
        return z.array(node).optional()
      },
    })
    const tree = {
      at,
      children: [
        { at, children: [{ at }] },
        { at, children: [] },
      ],
    }
    expect(back(node, tree)).to.deep.equal(tree)
  })

  it('costs nothing where there is no date', () => {
    expect(reviver(z.object({ a: z.string(), b: z.array(z.object({ c: z.number() })) }))).to.equal(undefined)
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import {
  type Change,
  DuplicateKeyError,
  type FindOptions,
  type Match,
  type Store,
} from '../../src/storage/storage.ts'
import { type Thing, things } from '../contracts/store-collections.ts'
import { engines } from '../support/engines.ts'
import { runs } from '../support/runs.ts'
import { body, change, match, order } from './arbitraries.ts'
import { changed, type Fields, fits, select } from './reference.ts'

const id = fc.constantFrom('a', 'b', 'c', 'd', 'e')

type Step =
  | { verb: 'insert' | 'put'; document: Thing }
  | { verb: 'update'; id: string; match: Match; change: Change; insert: Thing | undefined }
  | { verb: 'take'; id: string; match: Match }
  | { verb: 'remove' | 'count'; match: Match }
  | { verb: 'find'; match: Match; options: FindOptions }

const document = fc.tuple(id, body).map(([_id, fields]): Thing => ({ _id, ...fields }))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ verb: fc.constantFrom('insert' as const, 'put' as const), document }) },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('update' as const),
      id,
      match,
      change,
      insert: fc.option(document, { nil: undefined, freq: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('take' as const), id, match }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constantFrom('count' as const), match }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constantFrom('remove' as const), match }) },
  { weight: 6, arbitrary: fc.record({ verb: fc.constant('find' as const), match, options: order }) },
)

/** What one step answers; a taken key is an answer too. */
async function run(store: Store, set: string, step: Step): Promise<unknown> {
  const collection = store.collection(things)
  const own = (document: Thing): Thing => ({
    ...document,
    _id: `${set}-${document._id}`,
    set,
    ...(document.realm && { realm: `${set}-${document.realm}` }),
  })
  try {
    switch (step.verb) {
      case 'insert':
      case 'put':
        return await collection[step.verb](own(step.document))
      case 'update': {
        const insert = step.insert && own({ ...step.insert, _id: step.id })
        const realm = step.change.$set?.realm
        const whole = realm
          ? { ...step.change, $set: { ...step.change.$set, realm: `${set}-${realm}` } }
          : step.change
        return await collection.update(
          { _id: `${set}-${step.id}`, ...step.match },
          whole,
          insert && { insert },
        )
      }
      case 'take':
        return await collection.take({ _id: `${set}-${step.id}`, ...step.match })
      case 'remove':
      case 'count':
        return await collection[step.verb]({ set, ...step.match })
      case 'find': {
        const { after, sort } = step.options
        const behind = after && {
          value: sort?.field === '_id' ? `${set}-${after.id}` : after.value,
          id: `${set}-${after.id}`,
        }
        return await collection.find(
          { set, ...step.match },
          { ...step.options, ...(behind && { after: behind }) },
        )
      }
    }
  } catch (error) {
    if (error instanceof DuplicateKeyError) return 'taken'
    throw error
  }
}

/** A store of one collection in memory, by the reference. */
function createModel(): Pick<Store, 'collection'> {
  const all = new Map<string, Fields>()
  const place = (document: Fields) => {
    for (const other of all.values())
      if (
        other._id !== document._id &&
        document.realm !== undefined &&
        document.slot !== undefined &&
        other.realm === document.realm &&
        other.slot === document.slot
      )
        throw new DuplicateKeyError('things')
    all.set(String(document._id), structuredClone(document))
  }
  const first = (match: Match) => [...all.values()].find((one) => fits(one, match))
  const collection = {
    insert: async (document: Fields) => {
      if (all.has(String(document._id))) throw new DuplicateKeyError('things')
      place(document)
    },
    put: async (document: Fields) => place(document),
    update: async (match: Match, change: Change, options?: { insert: Fields }) => {
      const found = first(match)
      if (!found && (!options || all.has(String(options.insert._id)))) return undefined
      const next = found ? changed(found, change) : (options?.insert as Fields)
      place(next)
      return structuredClone(next)
    },
    take: async (match: Match) => {
      const found = first(match)
      if (found) all.delete(String(found._id))
      return found
    },
    remove: async (match: Match) => {
      const gone = select(all.values(), match)
      for (const one of gone) all.delete(String(one._id))
      return gone.length
    },
    count: async (match: Match) => select(all.values(), match).length,
    find: async (match: Match, options: FindOptions) => select(all.values(), match, options),
  }
  return { collection: () => collection as never }
}

for (const engine of engines())
  describe(`the ${engine.name} store does what the reference says`, function () {
    this.timeout(120_000)
    let store: Store
    let round = 0

    before(async () => {
      store = await engine.open({ collections: [things] })
    })
    after(async () => {
      await store.close()
    })

    it('for any documents, matches, changes, orders and pages', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(document, { maxLength: 5 }),
          fc.array(step, { maxLength: 12 }),
          async (seed, steps) => {
            const set = `p${round++}`
            const model = createModel() as Store
            const inserts = seed.map((document): Step => ({ verb: 'put', document }))
            try {
              for (const one of [...inserts, ...steps])
                expect(await run(store, set, one)).to.deep.equal(await run(model, set, one))
            } finally {
              await store.collection(things).remove({ set })
            }
          },
        ),
        { numRuns: runs(engine.name === 'sqlite' ? 400 : 150) },
      )
    })
  })

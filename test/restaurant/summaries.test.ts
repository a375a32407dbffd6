import { expect } from 'chai'
import fc from 'fast-check'
import {
  backOfficeCollections,
  type Day,
  days,
  type Transaction,
  transactions,
} from '../../examples/restaurant/back-office/documents.ts'
import { rebuildSummaries } from '../../examples/restaurant/back-office/rebuild-summaries.ts'
import { readSummaries, summaryWrites } from '../../examples/restaurant/back-office/summaries.ts'
import { BatchError, type Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const restaurants = ['napoli', 'roma']
const openDays = ['2026-02-28', '2026-03-01', '2026-03-02']
const at = new Date('2026-03-01T18:00:00Z')

/** What a step may change; the rest of a transaction does not matter here. */
type Sale = Pick<Transaction, 'restaurant' | 'day' | 'staff' | 'lines'>

const line = fc
  .record({
    product: fc.constantFrom('margherita', 'tiramisu', 'water'),
    quantity: fc.integer({ min: 1, max: 9 }),
    amount: fc.integer({ min: 0, max: 5000 }),
  })
  .map((fields) => ({ ...fields, name: fields.product.toUpperCase() }))
const sale: fc.Arbitrary<Sale> = fc.record({
  restaurant: fc.constantFrom(...restaurants),
  day: fc.constantFrom(...openDays),
  staff: fc.constantFrom('carla', 'enzo'),
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
})
/** With a sale, the transaction is made or becomes it, on whatever day that is; without one it is deleted. */
const steps = fc.array(fc.tuple(fc.constantFrom('t1', 't2', 't3', 't4'), fc.option(sale, { freq: 4 })), {
  maxLength: 25,
})

function transaction(_id: string, { lines, ...fields }: Sale, version = 1): Transaction {
  const total = lines.reduce((sum, { quantity, amount }) => sum + quantity * amount, 0)
  const times = { at, createdAt: at, updatedAt: new Date(at.getTime() + version) }
  return { _id, ...fields, lines, total, customer: 'dario', currency: 'EUR', ...times, version }
}

async function record(store: Store, _id: string, sale: Sale | null): Promise<void> {
  const before = await store.collection(transactions).get(_id)
  const after = sale ? transaction(_id, sale, (before?.version ?? 0) + 1) : undefined
  if (!before && !after) return
  const guard = { _id, version: before?.version ?? 0 }
  await store.batch([
    ...(before ? [{ in: transactions, take: guard }] : []),
    ...(after ? [{ in: transactions, insert: after }] : []),
    ...summaryWrites(before, after),
  ])
}

async function readAll(store: Store): Promise<Omit<Day, 'version'>[]> {
  const [from = '', to = ''] = [openDays[0], openDays.at(-1)]
  const found = await Promise.all(
    restaurants.map((restaurant) => readSummaries(store, { restaurant, from, to })),
  )
  return found.flat().map(({ version: _, ...summary }) => summary)
}

for (const engine of engines())
  describe(`SB-9 daily summaries (${engine.name})`, () => {
    let store: Store
    beforeEach(async () => {
      store = await engine.open({ collections: backOfficeCollections })
    })
    afterEach(() => store.close())

    it('are after any work what a rebuild makes of the transactions', async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (steps) => {
          await store.collection(days).remove({})
          await store.collection(transactions).remove({})
          for (const [id, sale] of steps) await record(store, id, sale)
          const kept = await readAll(store)
          expect(await rebuildSummaries(store)).to.have.property('changed', 0)
          await store.collection(days).remove({})
          await rebuildSummaries(store)
          expect(await readAll(store)).to.deep.equal(kept)
        }),
        { numRuns: engine.name === 'sqlite' ? 60 : 15 },
      )
    })

    it('hold what was sold, by whom', async () => {
      const lines = [
        { product: 'margherita', name: 'Margherita', quantity: 2, amount: 950 },
        { product: 'water', name: 'Water', quantity: 1, amount: 0 },
      ]
      await record(store, 't1', { restaurant: 'roma', day: '2026-03-01', staff: 'carla', lines })
      await record(store, 't2', { restaurant: 'roma', day: '2026-03-01', staff: 'enzo', lines })
      await record(store, 't2', null)
      expect(await readAll(store)).to.deep.equal([
        {
          _id: 'roma:2026-03-01',
          restaurant: 'roma',
          day: '2026-03-01',
          weekday: 7,
          count: 1,
          total: 1900,
          products: {
            margherita: { name: 'Margherita', quantity: 2, amount: 1900 },
            water: { name: 'Water', quantity: 1, amount: 0 },
          },
          staff: { carla: { count: 1, amount: 1900 } },
        },
      ])
    })

    it('lose nothing when many write at once', async () => {
      const lines = [{ product: 'water', name: 'Water', quantity: 1, amount: 300 }]
      const sale = { restaurant: 'roma', day: '2026-03-01', staff: 'carla', lines }
      await Promise.all(Array.from({ length: 30 }, (_, index) => record(store, `t${index}`, sale)))
      expect(await readAll(store)).to.have.nested.property('[0].total', 9000)
    })

    it('can be rebuilt while people work', async () => {
      const lines = [{ product: 'water', name: 'Water', quantity: 1, amount: 300 }]
      const sale = { restaurant: 'roma', day: '2026-03-01', staff: 'carla', lines }
      await record(store, 't1', sale)
      // Past the API, so that there is something to rebuild.
      await store.collection(transactions).insert(transaction('old', sale))
      const late = ['t2', 't3']
      const meanwhile: Store = {
        ...store,
        collection(spec) {
          const collection = store.collection(spec)
          return {
            ...collection,
            async find(match, options) {
              const found = await collection.find(match, options)
              const id = 'day' in match && late.pop()
              if (id) await record(store, id, sale)
              return found
            },
          }
        },
      }
      await rebuildSummaries(meanwhile)
      expect(late).to.deep.equal([])
      expect(await readAll(store)).to.have.nested.property('[0].total', 1200)
    })

    it('keep a transaction from going when its day has none', async () => {
      const lines = [{ product: 'water', name: 'Water', quantity: 1, amount: 300 }]
      const sale = { restaurant: 'roma', day: '2026-03-01', staff: 'carla', lines }
      await store.collection(transactions).insert(transaction('t1', sale))
      const refused = await record(store, 't1', null).catch((error: unknown) => error)
      expect(refused).to.be.instanceOf(BatchError)
      expect(await rebuildSummaries(store)).to.deep.equal({ days: 1, changed: 1 })
      await record(store, 't1', null)
      expect(await readAll(store)).to.deep.equal([])
    })
  })

import { expect } from 'chai'
import { z } from 'zod'
import {
  backOfficeCollections,
  customers,
  products,
  staff,
} from '../../examples/restaurant/back-office/documents.ts'
import { migrations } from '../../examples/restaurant/back-office/migrations.ts'
import { defineCollection } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const at = new Date('2025-03-01T10:00:00Z')

/** As it was before anybody could search. */
const oldCustomers = defineCollection({
  name: 'customers',
  schema: z.object({
    _id: z.string(),
    restaurant: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    email: z.string().optional(),
    createdAt: z.date(),
    updatedAt: z.date(),
    version: z.int(),
  }),
})
const oldProducts = defineCollection({
  name: 'products',
  schema: z.object({
    _id: z.string(),
    restaurant: z.string(),
    name: z.string(),
    amount: z.int(),
    category: z.string(),
    version: z.int(),
  }),
})

for (const engine of engines()) {
  describe(`SB-4 data of an earlier version of the back office (${engine.name})`, function () {
    this.timeout(30_000)

    it('is found by name once it has been opened', async () => {
      const place = await engine.place()
      try {
        const before = await engine.open({ collections: [oldCustomers, oldProducts] }, place)
        const guest = { restaurant: 'napoli', firstName: 'Ùgo', createdAt: at, updatedAt: at, version: 3 }
        // More than one page of the migration.
        for (let index = 0; index < 1100; index += 100) {
          const some = Array.from({ length: 100 }, (_, more) => `guest-${index + more}`)
          await before.batch(
            some.map((_id) => ({ in: oldCustomers, insert: { _id, ...guest, lastName: `Rossi ${_id}` } })),
          )
        }
        const dish = {
          _id: 'p',
          restaurant: 'napoli',
          name: 'Pizza Bianca',
          amount: 700,
          category: 'Pizza',
          version: 1,
        }
        await before.batch([{ in: oldProducts, insert: dish }])
        await before.close()

        for (const _ of ['first', 'again']) {
          const store = await engine.open({ collections: backOfficeCollections, migrations }, place)
          const all = store.collection(customers)
          expect(await all.count({ search: { $exists: false } })).to.equal(0)
          expect(await all.count({ search: { $prefix: 'ugo rossi' } })).to.equal(1100)
          const found = await all.get('guest-1099')
          expect(found).to.deep.include({ firstName: 'Ùgo', lastName: 'Rossi guest-1099', version: 3 })
          expect(await store.collection(products).count({ search: { $prefix: 'bianca' } })).to.equal(1)
          expect(await store.collection(staff).count({})).to.equal(0)
          await store.close()
        }
      } finally {
        await place.remove()
      }
    })

    it('may be migrated by two processes at once', async () => {
      const place = await engine.place()
      try {
        const open = () => engine.open({ collections: backOfficeCollections, migrations }, place)
        const stores = await Promise.all([open(), open()])
        for (const store of stores) await store.close()
      } finally {
        await place.remove()
      }
    })
  })
}

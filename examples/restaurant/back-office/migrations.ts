/**
 * How the data of earlier versions becomes what this one expects. Migrations run once, in order, when the store is
 * opened; each may be interrupted and run again, so it looks for what is still to be done.
 */
import type { CollectionSpec, Document, Migration, Store } from 'maitred/storage'
import { customers, products, staff } from './documents.ts'
import { searchTerms, searchWords } from './search-terms.ts'

const pageSize = 500

export const migrations: readonly Migration[] = [
  {
    id: 1,
    title: 'People and products are found by the beginning of their names',
    async run(store) {
      await addSearch(store, staff, searchTerms)
      await addSearch(store, customers, searchTerms)
      await addSearch(store, products, ({ name }) => searchWords(name))
    },
  },
]

async function addSearch<T extends Document>(
  store: Store,
  spec: CollectionSpec<T>,
  terms: (document: T) => string[],
): Promise<void> {
  const collection = store.collection(spec)
  for (;;) {
    const page = await collection.find({ search: { $exists: false } }, { limit: pageSize })
    for (const document of page) {
      // An older version of the program may still be renaming people.
      const match = { _id: document._id, search: { $exists: false } }
      await collection.update(match, { $set: { search: terms(document) } })
    }
    if (page.length < pageSize) return
  }
}

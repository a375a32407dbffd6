/**
 * Makes the daily summaries anew, also while the back office runs:
 *
 *     node examples/restaurant/back-office/rebuild.ts
 *
 * MONGODB_URI names the database of the back office; without it, its file lies in DATA_DIR/restaurant.
 */
import { join } from 'node:path'
import { openStore } from 'maitred/storage'
import { backOfficeCollections } from './documents.ts'
import { rebuildSummaries } from './rebuild-summaries.ts'

const { DATA_DIR = 'data', MONGODB_URI } = process.env
const store = await openStore({
  collections: backOfficeCollections,
  now: () => new Date(),
  mongodbUri: MONGODB_URI,
  dataDir: join(DATA_DIR, 'restaurant'),
})
try {
  const { days, changed } = await rebuildSummaries(store)
  process.stdout.write(`${days} days looked at, ${changed} summaries changed.\n`)
} finally {
  await store.close()
}

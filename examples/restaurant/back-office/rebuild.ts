/**
 * Makes the daily summaries of the demo's restaurants anew (in `DATA_DIR`, or beside `MONGODB_URI`), also while the
 * demo runs:
 *
 *     node examples/restaurant/back-office/rebuild.ts
 */
import { openRestaurantStore } from './place.ts'
import { rebuildSummaries } from './rebuild-summaries.ts'

const { DATA_DIR = 'data', MONGODB_URI } = process.env
const store = await openRestaurantStore(
  { dataDir: DATA_DIR, mongodbUri: MONGODB_URI || undefined },
  () => new Date(),
)
try {
  const { days, changed } = await rebuildSummaries(store)
  console.log(`${days} days looked at, ${changed} summaries changed.`)
} finally {
  await store.close()
}

/** A process of its own that writes into the store named by `DATA_DIR` and `MONGODB_URI` once it is told to. */
import { once } from 'node:events'
import { openStore } from '../../src/storage/storage.ts'
import { contractCollections, signals } from './store-collections.ts'

const store = await openStore({
  collections: contractCollections,
  now: () => new Date(),
  dataDir: process.env.DATA_DIR ?? '',
  mongodbUri: process.env.MONGODB_URI,
})
await once(process.stdin, 'data')
const collection = store.collection(signals)
for (let round = 0; round < 100; round += 1) await collection.update({ _id: 'counter' }, { $inc: { n: 1 } })
await collection.insert({ _id: 'child', n: 1 })
await store.close()
process.exit(0)

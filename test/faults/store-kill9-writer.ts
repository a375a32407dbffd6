/**
 * Writes into the embedded store in `DATA_DIR` until it is killed, and prints one line for each write that
 * was acknowledged. Its round is its argument.
 */
import { writeSync } from 'node:fs'
import { openStore } from '../../src/storage/storage.ts'
import { contractCollections, passes, signals, things } from '../contracts/store-collections.ts'

const round = process.argv[2] ?? ''
const store = await openStore({
  collections: contractCollections,
  now: () => new Date(),
  dataDir: process.env.DATA_DIR ?? '',
})
const tell = (line: string) => writeSync(1, `${line}\n`)

async function write(worker: number): Promise<never> {
  const counter = `count ${worker}`
  for (let n = 0; ; n += 1) {
    const _id = `${round} ${worker} ${n}`
    await store.collection(things).insert({ _id, set: 'kept', title: 'x'.repeat(n % 3_000) })
    tell(`kept ${_id}`)
    const seen = await store
      .collection(signals)
      .update({ _id: counter }, { $inc: { n: 1 } }, { insert: { _id: counter, n: 1 } })
    tell(`count ${worker} ${seen?.n}`)
    const pair = { _id: `pair ${_id}` }
    await store.batch([
      { in: things, insert: pair },
      { in: passes, insert: pair },
      { in: things, take: { _id } },
    ])
    tell(`pair ${_id}`)
  }
}

tell('ready')
await Promise.all(Array.from({ length: 16 }, (_, worker) => write(worker)))

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { days } from '../../examples/restaurant/back-office/documents.ts'
import { openRestaurantStore, restaurantPlace } from '../../examples/restaurant/back-office/place.ts'
import { seedRestaurants } from '../../examples/restaurant/seed/seed.ts'
import { engines } from '../support/engines.ts'
import { sharedMongod } from '../support/mongod.ts'

const command = join(import.meta.dirname, '../../examples/restaurant/back-office/rebuild.ts')
const run = promisify(execFile)

for (const engine of engines()) {
  describe(`SB-9 the command that makes the daily summaries anew (${engine.name})`, function () {
    this.timeout(30_000)

    it('mends those that are wrong or gone, and nothing else', async () => {
      const place = await engine.place()
      const now = () => new Date()
      const rebuild = async () => {
        const env = { PATH: process.env.PATH, ...place.env }
        return (await run(process.execPath, [command], { env })).stdout
      }
      const store = await openRestaurantStore(place, now)
      try {
        await seedRestaurants({ store, now: now(), sizes: [60, 20], customers: 5 })
        const right = await store.collection(days).find({})
        const [wrong, gone] = right.filter(({ total }) => total > 0)
        expect(await rebuild()).to.equal(`${right.length} days looked at, 0 summaries changed.\n`)

        await store.collection(days).update({ _id: String(wrong?._id) }, { $set: { total: 1 } })
        await store.collection(days).remove({ _id: String(gone?._id) })
        expect(await rebuild()).to.equal(`${right.length} days looked at, 2 summaries changed.\n`)
        const mended = await store.collection(days).find({})
        const sums = (all: typeof right) => all.map(({ version: _, ...sum }) => sum)
        expect(sums(mended)).to.deep.equal(sums(right))
        expect(await rebuild()).to.include(' 0 summaries changed.')
      } finally {
        await store.close()
        const { mongodbUri } = restaurantPlace(place)
        if (mongodbUri) await (await sharedMongod()).drop(mongodbUri)
        await place.remove()
      }
    })
  })
}

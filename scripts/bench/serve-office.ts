/** The back office of `restaurant-load.ts`, with a chain of restaurants and a booking for each of the guests. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBackOffice } from '../../examples/restaurant/back-office/back-office.ts'
import {
  backOfficeCollections,
  bookings,
  restaurants,
} from '../../examples/restaurant/back-office/documents.ts'
import { migrations } from '../../examples/restaurant/back-office/migrations.ts'
import { seedRestaurants } from '../../examples/restaurant/seed/seed.ts'
import { openStore } from '../../src/storage/storage.ts'
import { guestOf } from './restaurant-cast.ts'

const [issuer = '', size = '0', customers = '0', people = '0'] = process.argv.slice(2)
const now = () => new Date()
const dataDir = await mkdtemp(join(tmpdir(), 'maitred-office-'))
const store = await openStore({ collections: backOfficeCollections, migrations, now, dataDir })
const sizes = Array.from({ length: Number(size) }, () => 60)
await seedRestaurants({ store, now: now(), sizes, customers: Number(customers) })
const houses = await store.collection(restaurants).find({})

for (let first = 0; first < Number(people); first += 500) {
  const some = Array.from({ length: Math.min(500, Number(people) - first) }, (_, n) => first + n)
  await store.batch(some.map((n) => ({ in: bookings, insert: bookingOf(n) })))
}

const office = await startBackOffice({ issuer, port: 0, store, dataDir })
process.on('disconnect', async () => {
  await office.close()
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
  process.exit(0)
})
process.send?.(office.url)

function bookingOf(n: number) {
  const { sub, firstName, lastName } = guestOf(n)
  const house = houses[n % houses.length]?._id ?? ''
  const at = new Date(now().getTime() + 86_400_000)
  return {
    _id: `load-${n}`,
    restaurant: house,
    customer: `${house}-c1`,
    sub,
    name: `${firstName} ${lastName}`,
    at,
    guests: 2,
    status: 'booked',
    createdAt: at,
    updatedAt: at,
    version: 1,
  }
}

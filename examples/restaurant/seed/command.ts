/**
 * `npm run demo:seed -- --restaurants 100 --customers 100`: a larger chain in the demo's store (`DATA_DIR`, or
 * `MONGODB_URI`), also while the demo runs. Restaurants that are there stay as they are, so it may be repeated.
 */
import { parseArgs } from 'node:util'
import { restaurants } from '../back-office/documents.ts'
import { openRestaurantStore } from '../back-office/place.ts'
import { demoCustomers, demoSizes, demoStaff } from './demo.ts'
import { createProgress } from './progress.ts'
import { seedRestaurants } from './seed.ts'

const { values } = parseArgs({
  options: {
    restaurants: { type: 'string', default: '100' },
    customers: { type: 'string', default: String(demoCustomers) },
    transactions: { type: 'string', default: '600' },
  },
})
const wanted = wholeNumber('restaurants', values.restaurants, 1_000)
const customers = wholeNumber('customers', values.customers, 10_000)
const transactions = wholeNumber('transactions', values.transactions, 100_000)

const { DATA_DIR = 'data', MONGODB_URI } = process.env
const now = () => new Date()
const store = await openRestaurantStore({ dataDir: DATA_DIR, mongodbUri: MONGODB_URI || undefined }, now)
try {
  const sizes = Array.from({ length: wanted }, (_, number) => demoSizes[number] ?? transactions)
  const progress = createProgress({ out: process.stdout, total: wanted, what: 'restaurants' })
  const made = await seedRestaurants({
    store,
    now: now(),
    sizes,
    customers,
    known: demoStaff,
    onProgress: progress.show,
  })
  progress.end()
  const all = await store.collection(restaurants).count({})
  console.log(`${made} restaurants made; there are ${all}.`)
} finally {
  await store.close()
}

function wholeNumber(name: string, text: string, most: number): number {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number
  console.error(`--${name} is ${text}; wanted a whole number from 1 to ${most}`)
  process.exit(2)
}

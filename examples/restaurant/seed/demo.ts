/** The chain that the demo begins with, small enough to be there in a moment. */
import { restaurants } from '../back-office/documents.ts'
import { openRestaurantStore, type Place } from '../back-office/place.ts'
import { type Guest, seedGuest } from './guest.ts'
import type { KnownColleague } from './people.ts'
import { seedRestaurants } from './seed.ts'

/** Transactions of a year in Napoli, Roma and Milano. */
export const demoSizes = [3_000, 900, 600] as const
export const demoCustomers = 40

/** As `config/demo.yaml` has them. */
export const demoStaff: readonly KnownColleague[] = [
  { email: 'ada@bella-napoli.example', firstName: 'Ada', lastName: 'Rossi', job: 'owner' },
  { email: 'bruno@bella-napoli.example', firstName: 'Bruno', lastName: 'Conti', job: 'manager' },
  { email: 'carla@bella-napoli.example', firstName: 'Carla', lastName: 'Esposito', job: 'waiter' },
  { email: 'elena@bella-napoli.example', firstName: 'Elena', lastName: 'Ferri', job: 'chef' },
]

/** Makes what is missing of it; a second time that is nothing. `onBegin` is called before what takes a while. */
export async function seedDemo(o: {
  place: Place
  guest?: Guest | undefined
  now: () => Date
  /** Smaller for tests. */
  sizes?: readonly number[]
  onBegin?: () => void
}): Promise<void> {
  const { sizes = demoSizes, guest } = o
  const store = await openRestaurantStore(o.place, o.now)
  try {
    if ((await store.collection(restaurants).count({})) < sizes.length) o.onBegin?.()
    await seedRestaurants({ store, now: o.now(), sizes, customers: demoCustomers, known: demoStaff })
    if (guest) await seedGuest(store, { guest, now: o.now() })
  } finally {
    await store.close()
  }
}

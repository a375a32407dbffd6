/**
 * Fills a store with a chain of restaurants that looks as if it had been there for a year. It is deterministic: the
 * same seed on the same day makes the same documents. Each restaurant is made once; its own document comes last, so
 * one that was interrupted is made again, over what is there. One that people have worked with keeps what it has, and
 * gets the days that have gone by since.
 */
import type { AnyCollectionSpec, Document, Store, Write } from 'maitred/storage'
import {
  availability,
  bookings,
  customers,
  days,
  products,
  restaurants,
  shifts,
  staff,
  type Transaction,
  transactions,
} from '../back-office/documents.ts'
import { summarise } from '../back-office/summaries.ts'
import { addDays, dayOf, daysBetween } from '../calendar.ts'
import { bookingsOf, bookingsToCome } from './bookings.ts'
import { catchUp } from './catch-up.ts'
import { productsOf } from './menu.ts'
import { placeOf } from './names.ts'
import { customersOf, type KnownColleague, staffOf } from './people.ts'
import { type House, salesOfDay } from './sales.ts'
import { settlePast } from './settle.ts'
import { availabilityOf, shiftsAround } from './shifts.ts'

export interface SeedOptions {
  store: Store
  now: Date
  /** One entry for each restaurant: about how many transactions its year has. */
  sizes: readonly number[]
  /** How many customers each restaurant has. */
  customers: number
  /** Who works in the first restaurant. */
  known?: readonly KnownColleague[]
  seed?: string
  /** Called as it goes on, with how many of the restaurants are done; a part of one counts too. */
  onProgress?: (done: number) => void
}

/** A year; a day less would miss the same day of the year before. */
const DAYS = 365
/** For so many days bills have the bookings that they came from. */
const BOOKED_DAYS = 7
/** A batch is one transaction of the database: large enough to be fast, small enough to let others in. */
const BATCH = 250

/** How many restaurants were made. */
export async function seedRestaurants(o: SeedOptions): Promise<number> {
  const { store, now, sizes, seed = 'Bella Napoli', onProgress = () => {} } = o
  let made = 0
  for (const [number, size] of sizes.entries()) {
    const { id, name, city } = placeOf(number)
    const average = size / DAYS
    const known = await store.collection(restaurants).get(id)
    if (known) {
      await catchUp(store, { seed, restaurant: known, now, average })
      await settlePast(store, { seed, restaurant: known, now })
    } else {
      const restaurant = { _id: id, name, city, currency: 'EUR', timeZone: 'Europe/Rome', version: 1 }
      const since = new Date(now.getTime() - DAYS * 86_400_000)
      const colleagues = number === 0 ? (o.known ?? []) : []
      const house: House = {
        seed,
        restaurant,
        staff: staffOf({ seed, restaurant: id, known: colleagues, at: since }),
        customers: customersOf({ seed, restaurant: id, count: o.customers, at: since }),
      }
      await fill(store, house, { now, average, onProgress: (part) => onProgress(number + part) })
      made += 1
    }
    onProgress(number + 1)
  }
  return made
}

async function fill(
  store: Store,
  house: House,
  { now, average, onProgress }: { now: Date; average: number; onProgress: (part: number) => void },
): Promise<void> {
  const { restaurant } = house
  const today = dayOf(now, restaurant.timeZone)
  const free = availabilityOf(house, now)
  let writes: Write[] = [
    ...puts(staff, house.staff),
    ...puts(customers, house.customers),
    ...puts(products, productsOf(restaurant._id)),
    ...puts(availability, free),
    ...puts(shifts, shiftsAround(house, free, today)),
    ...puts(bookings, bookingsToCome(house, today, now)),
  ]
  const first = addDays(today, 1 - DAYS)
  for (const [index, day] of daysBetween(first, today).entries()) {
    writes.push(...dayWrites(house, day, { average, now, booked: index >= DAYS - BOOKED_DAYS }))
    while (writes.length >= BATCH) {
      await store.batch(writes.slice(0, BATCH))
      writes = writes.slice(BATCH)
      onProgress(index / DAYS)
    }
  }
  await store.batch([...writes, ...puts(restaurants, [restaurant])])
}

/** A day's bills and, summed up from them, its summary. */
function dayWrites(
  house: House,
  day: string,
  { average, now, booked }: { average: number; now: Date; booked: boolean },
): Write[] {
  const sales: Transaction[] = salesOfDay(house, day, average).filter(({ at }) => at <= now)
  if (sales.length === 0) return []
  const summary = puts(days, [summarise(house.restaurant._id, day, sales)])
  if (!booked) return [...puts(transactions, sales), ...summary]
  const tables = bookingsOf(house, sales)
  return [...puts(transactions, tables.sales), ...puts(bookings, tables.bookings), ...summary]
}

function puts(collection: AnyCollectionSpec, documents: readonly Document[]): Write[] {
  return documents.map((document) => ({ in: collection, put: document }))
}

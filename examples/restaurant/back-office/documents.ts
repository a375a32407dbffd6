/**
 * What the back office remembers: one schema per document, and the collections over them. It owns the shapes and no
 * behaviour. `version` begins at 1 and grows by 1 with every change; it is the ETag of the API. Amounts are in minor
 * units of the restaurant's currency, days are 'YYYY-MM-DD' in its time zone.
 */
import { type AnyCollectionSpec, defineCollection } from 'maitred/storage'
import { z } from 'zod'
import { tasks } from './queue/embedded-queue.ts'
import { letters } from './rota-desk/letters.ts'

const id = z.string()
const version = z.int().min(1)
const day = z.string()
const amount = z.int()
const changes = { createdAt: z.date(), updatedAt: z.date(), version }

const restaurant = z.object({
  _id: id,
  name: z.string(),
  city: z.string(),
  /** ISO 4217 */
  currency: z.string(),
  /** IANA name */
  timeZone: z.string(),
  version,
})

export const job = z.enum(['owner', 'manager', 'waiter', 'chef'])

const staffMember = z.object({
  _id: id,
  restaurant: id,
  /** In lower case. */
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  phone: z.string().optional(),
  job,
  /** The person at the provider, once they have been here with a verified email. */
  sub: z.string().optional(),
  active: z.boolean(),
  /** From `searchTerms`. */
  search: z.array(z.string()),
  /** When something last began to name this document: who deletes it asks whether that happened meanwhile. */
  namedAt: z.date().optional(),
  ...changes,
})

const customer = z.object({
  _id: id,
  restaurant: id,
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().optional(),
  phone: z.string().optional(),
  sub: z.string().optional(),
  note: z.string().optional(),
  /** From `searchTerms`. */
  search: z.array(z.string()),
  /** As in a staff member. */
  namedAt: z.date().optional(),
  ...changes,
})

const product = z.object({
  _id: id,
  restaurant: id,
  name: z.string(),
  amount,
  category: z.string(),
  /** From `searchTerms`. */
  search: z.array(z.string()),
  version,
})

const transaction = z.object({
  _id: id,
  restaurant: id,
  customer: id,
  staff: id,
  /** Name and amount of one as they were when it was sold. */
  lines: z.array(z.object({ product: id, name: z.string(), quantity: z.int(), amount })),
  currency: z.string(),
  total: amount,
  at: z.date(),
  day,
  booking: id.optional(),
  paidAt: z.date().optional(),
  ...changes,
})

/** The daily summary: changed in the batch that changes a transaction. */
const daySummary = z.object({
  /** `${restaurant}:${day}` */
  _id: id,
  restaurant: id,
  day,
  /** 1 is Monday. */
  weekday: z.int(),
  count: z.int(),
  total: amount,
  products: z.record(id, z.object({ name: z.string(), quantity: z.int(), amount })),
  staff: z.record(id, z.object({ count: z.int(), amount })),
  version,
})

export const bookingStatus = z.enum(['booked', 'seated', 'billed', 'paid', 'cancelled'])

const booking = z.object({
  _id: id,
  restaurant: id,
  customer: id,
  /** Whose booking it is, when they made it themselves. */
  sub: z.string().optional(),
  name: z.string(),
  at: z.date(),
  guests: z.int(),
  status: bookingStatus,
  note: z.string().optional(),
  transaction: id.optional(),
  ...changes,
})

const availabilityOf = z.object({
  /** The staff member's. */
  _id: id,
  restaurant: id,
  /** Times are 'HH:MM'. */
  slots: z.array(z.object({ weekday: z.int(), from: z.string(), to: z.string() })),
  updatedAt: z.date(),
  version,
})

const shift = z.object({
  _id: id,
  restaurant: id,
  day,
  from: z.string(),
  to: z.string(),
  job,
  staff: id.optional(),
  rota: id.optional(),
  version,
})

export const rotaMode = z.enum(['sync', 'async'])
export const rotaStatus = z.enum(['waiting', 'working', 'done', 'failed'])

const rota = z.object({
  _id: id,
  restaurant: id,
  /** 'YYYY-Www', ISO 8601 */
  week: z.string(),
  /** A staff member. */
  askedBy: id,
  mode: rotaMode,
  status: rotaStatus,
  attempts: z.int(),
  assignments: z.array(z.object({ shift: id, staff: id })).optional(),
  unfilled: z.array(id).optional(),
  problem: z.string().optional(),
  /** When it was written into the shifts. */
  acceptedAt: z.date().optional(),
  requestId: z.string(),
  ...changes,
})

export type Restaurant = z.infer<typeof restaurant>
export type StaffMember = z.infer<typeof staffMember>
export type Customer = z.infer<typeof customer>
export type Product = z.infer<typeof product>
export type Transaction = z.infer<typeof transaction>
export type Day = z.infer<typeof daySummary>
export type Booking = z.infer<typeof booking>
export type Availability = z.infer<typeof availabilityOf>
export type Shift = z.infer<typeof shift>
export type Rota = z.infer<typeof rota>

export const restaurants = defineCollection({ name: 'restaurants', schema: restaurant })
export const staff = defineCollection({
  name: 'staff',
  schema: staffMember,
  unique: [['email'], ['sub']],
  index: [['restaurant', 'lastName'], ['search']],
})
export const customers = defineCollection({
  name: 'customers',
  schema: customer,
  unique: [['restaurant', 'sub']],
  index: [['restaurant', 'lastName'], ['sub'], ['search']],
})
export const products = defineCollection({
  name: 'products',
  schema: product,
  index: [['restaurant', 'name'], ['search']],
})
export const transactions = defineCollection({
  name: 'transactions',
  schema: transaction,
  // A booking has one bill.
  unique: [['booking']],
  index: [
    ['restaurant', 'at'],
    ['restaurant', 'day'],
    ['customer', 'at'],
    ['staff', 'at'],
  ],
})
export const days = defineCollection({ name: 'days', schema: daySummary, index: [['restaurant', 'day']] })
export const bookings = defineCollection({
  name: 'bookings',
  schema: booking,
  index: [['restaurant', 'at'], ['sub', 'at'], ['customer']],
})
export const availability = defineCollection({
  name: 'availability',
  schema: availabilityOf,
  index: [['restaurant']],
})
export const shifts = defineCollection({
  name: 'shifts',
  schema: shift,
  index: [
    ['restaurant', 'day'],
    ['staff', 'day'],
  ],
})
export const rotas = defineCollection({
  name: 'rotas',
  schema: rota,
  index: [['restaurant', 'createdAt']],
})

export const backOfficeCollections: readonly AnyCollectionSpec[] = [
  restaurants,
  staff,
  customers,
  products,
  transactions,
  days,
  bookings,
  availability,
  shifts,
  rotas,
  tasks,
  letters,
]

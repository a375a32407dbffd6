/** `/bookings`: tables for guests. Guests see and change their own, the staff those of the restaurant. */
import type { Match, Write } from 'maitred/storage'
import { z } from 'zod'
import { addDays, startOfDay } from '../../calendar.ts'
import {
  type Booking,
  bookingStatus,
  bookings,
  type Customer,
  customers,
  restaurants,
  type StaffMember,
} from '../documents.ts'
import {
  bookingAnswer,
  bookingView,
  checkMoment,
  checkOpen,
  checkOverlap,
  mostOpen,
  newCustomer,
} from './booking.ts'
import { bookingOf, hostOf } from './booking-access.ts'
import { checkStatus } from './booking-status.ts'
import { decide, soleNamingWrite } from './deciding.ts'
import { dayField, idField, momentField, pageFields, text } from './fields.ts'
import { billOf, payBill } from './payment.ts'
import { fieldProblem } from './problem.ts'
import { changeOf, created, pageOf, pageSchema, patched, requireMatch, shown } from './resource.ts'
import { type Call, type Kit, personRoute, type Route } from './route.ts'

const guests = z.int().min(1).max(20)

const newBooking = z.strictObject({
  restaurant: idField.optional().meta({ description: 'Where; guests have to say it' }),
  customer: idField.optional().meta({ description: 'For whom, when the staff books for a known customer' }),
  name: text(120).optional().meta({ description: 'Of a guest, or of a new customer' }),
  at: momentField,
  guests,
  note: text(500).optional(),
})

const patch = z
  .strictObject({ at: momentField, guests, note: text(500).nullable(), status: bookingStatus })
  .partial()

const listQuery = z.strictObject({
  ...pageFields,
  from: dayField
    .optional()
    .meta({ description: 'The first day, of the restaurant where you work, else in UTC' }),
  to: dayField.optional().meta({ description: 'The last day' }),
  status: bookingStatus.optional(),
  order: z.enum(['asc', 'desc']).default('desc').meta({ description: 'By time. Default: the latest first.' }),
  mine: z.literal('true').optional().meta({ description: 'Of the staff: those that I made as a guest' }),
})

type New = z.infer<typeof newBooking>

export function bookingRoutes({ store, now, newId }: Kit): Route[] {
  const all = store.collection(bookings)

  async function matchOf(call: Call<z.infer<typeof listQuery>>): Promise<Match> {
    const { from, to, status, mine } = call.query
    const host = mine && call.may('bookings.own') ? undefined : await hostOf(call, 'bookings.read')
    const whose: Match = host ? { restaurant: host.restaurant } : { sub: call.caller.id }
    const timeZone = (host && (await store.collection(restaurants).get(host.restaurant))?.timeZone) ?? 'UTC'
    const at = {
      ...(from && { $gte: startOfDay(from, timeZone) }),
      ...(to && { $lt: startOfDay(addDays(to, 1), timeZone) }),
    }
    return { ...whose, ...((from || to) && { at }), ...(status && { status }) }
  }

  /** The customer whom the booking is for, with what the batch has to write about them. @throws Problem 422 */
  async function customerFor(
    call: Call,
    body: New,
    host: StaffMember | undefined,
    at: Date,
  ): Promise<{ customer: Customer; writes: Write[] }> {
    const known = store.collection(customers)
    const restaurant = host?.restaurant ?? (await knownRestaurant(body.restaurant))
    const sub = host ? undefined : call.caller.id
    let found: Customer | undefined
    if (sub !== undefined) found = (await known.find({ restaurant, sub }, { limit: 1 }))[0]
    else if (body.customer !== undefined) {
      found = (await known.find({ _id: body.customer, restaurant }, { limit: 1 }))[0]
      if (!found) throw fieldProblem('customer', 'is not known here')
    }
    if (found) return { customer: found, writes: [soleNamingWrite(customers, found, at)] }
    if (body.name === undefined) throw fieldProblem('name', 'is missing')
    const customer = newCustomer({ _id: newId(), restaurant, name: body.name, at, ...(sub && { sub }) })
    return { customer, writes: [{ in: customers, insert: customer }] }
  }

  /**
   * What makes bookings of one guest follow each other, whichever restaurant they are at: else two at the same moment
   * would both be the last that is allowed. @param but the customer whom the batch names anyhow
   */
  async function oneByOne(sub: string, but: string, at: Date): Promise<Write[]> {
    const sort = { field: '_id', order: 'asc' } as const
    const [first] = await store.collection(customers).find({ sub }, { sort, limit: 1 })
    return first && first._id !== but ? [soleNamingWrite(customers, first, at)] : []
  }

  async function knownRestaurant(id: string | undefined): Promise<string> {
    if (id === undefined) throw fieldProblem('restaurant', 'is missing')
    if (!(await store.collection(restaurants).get(id))) throw fieldProblem('restaurant', 'is none of ours')
    return id
  }

  return [
    personRoute({
      method: 'get',
      path: '/bookings',
      permission: ['bookings.own', 'bookings.read'],
      summary: 'Bookings: one’s own, or all of the restaurant',
      query: listQuery,
      answer: pageSchema(bookingAnswer),
      async handle(call) {
        const sort = { field: 'at', order: call.query.order, moments: true }
        return pageOf(all, await matchOf(call), { query: call.query, sort, view: bookingView })
      },
    }),
    personRoute({
      method: 'post',
      path: '/bookings',
      permission: ['bookings.own', 'bookings.update'],
      summary: 'Book a table',
      description:
        'Guests book for themselves and become customers of the restaurant; the staff books for anybody, from ' +
        `a quarter of an hour ago on. Nobody has two tables within two hours. Guests have at most ${mostOpen} tables ` +
        'to come: one more is refused with 409 and the code `too-many-bookings`.',
      body: newBooking,
      answer: bookingAnswer,
      async handle(call) {
        const { body } = call
        const staff = await hostOf(call, 'bookings.update')
        const elsewhere = body.restaurant !== undefined && body.restaurant !== staff?.restaurant
        const host = elsewhere && call.may('bookings.own') ? undefined : staff
        if (host && elsewhere) throw fieldProblem('restaurant', 'is not yours')
        if (!host && body.customer !== undefined) throw fieldProblem('customer', 'is for the staff to say')
        const at = now()
        checkMoment(body.at, { now: at, by: host ? 'staff' : 'guest' })
        return decide(async () => {
          const { customer, writes } = await customerFor(call, body, host, at)
          await checkOverlap(store, { customer: customer._id, at: body.at })
          if (!host) {
            await checkOpen(store, { sub: call.caller.id, now: at })
            writes.push(...(await oneByOne(call.caller.id, customer._id, at)))
          }
          const booking: Booking = {
            _id: newId(),
            restaurant: customer.restaurant,
            customer: customer._id,
            // Also when the staff books for them: they see it among their own.
            ...(customer.sub !== undefined && { sub: customer.sub }),
            name: body.name ?? `${customer.firstName} ${customer.lastName}`.trim(),
            at: body.at,
            guests: body.guests,
            status: 'booked',
            ...(body.note !== undefined && { note: body.note }),
            createdAt: at,
            updatedAt: at,
            version: 1,
          }
          await store.batch([...writes, { in: bookings, insert: booking }])
          return created('/bookings', booking, bookingView)
        })
      },
    }),
    personRoute({
      method: 'get',
      path: '/bookings/{id}',
      permission: ['bookings.own', 'bookings.read'],
      summary: 'A booking',
      answer: bookingAnswer,
      async handle(call) {
        const { booking } = await bookingOf(call, store, 'bookings.read')
        return shown(booking, bookingView)
      },
    }),
    personRoute({
      method: 'patch',
      path: '/bookings/{id}',
      permission: ['bookings.own', 'bookings.update'],
      summary: 'Change or cancel a booking',
      description:
        'Until the guests are seated. `booked` becomes `seated` or `cancelled`, `seated` becomes `billed` with ' +
        'its transaction, `billed` becomes `paid`. Guests may cancel; the rest is for the staff.',
      body: patch,
      answer: bookingAnswer,
      async handle(call) {
        return decide(async () => {
          const { booking, by } = await bookingOf(call, store, 'bookings.update')
          requireMatch(call, booking)
          const { status = booking.status, ...rest } = call.body
          checkStatus(booking.status, status, by)
          const field = Object.keys(rest).find((name) => by === 'guest' || name !== 'note')
          if (field && booking.status !== 'booked')
            throw fieldProblem(field, `can no longer be changed: the booking is ${booking.status}`)
          const at = now()
          const change = changeOf(call.body, { updatedAt: at })
          const writes: Write[] = [
            { in: bookings, update: { _id: booking._id, version: booking.version }, change },
          ]
          if (call.body.at) {
            checkMoment(call.body.at, { now: at, by })
            await checkOverlap(store, { customer: booking.customer, at: call.body.at, but: booking._id })
            const customer = await store.collection(customers).get(booking.customer)
            if (customer) writes.push(soleNamingWrite(customers, customer, at))
            if (by === 'guest') {
              await checkOpen(store, { sub: call.caller.id, now: at, but: booking._id })
              writes.push(...(await oneByOne(call.caller.id, booking.customer, at)))
            }
          }
          const bill =
            status === 'paid' && booking.status !== 'paid' ? await billOf(store, booking) : undefined
          if (bill) writes.push(...payBill(bill, at))
          await store.batch(writes)
          const after = { ...patched(booking, call.body), updatedAt: at, version: booking.version + 1 }
          return shown(after, bookingView)
        })
      },
    }),
  ]
}

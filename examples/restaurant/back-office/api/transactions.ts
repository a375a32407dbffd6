/**
 * `/transactions`: what was sold to whom, by whom and when. Currency, total and day are worked out here, never
 * believed; the daily summary and the booking change in the same batch, or nothing does.
 */
import type { Write } from 'maitred/storage'
import { z } from 'zod'
import { addDays, startOfDay } from '../../calendar.ts'
import {
  type Booking,
  bookings,
  type Customer,
  customers,
  products,
  type Restaurant,
  restaurants,
  type StaffMember,
  staff,
  type Transaction,
  transactions,
} from '../documents.ts'
import { summaryWrites } from '../summaries.ts'
import { mayBecome } from './booking-status.ts'
import { decide, namingWrite } from './deciding.ts'
import { dayField, idField, pageFields } from './fields.ts'
import { fieldProblem, Problem } from './problem.ts'
import { created, found, matched, pageOf, pageSchema, shown } from './resource.ts'
import { type Kit, type Route, type StaffCall, staffRoute } from './route.ts'
import {
  checkMoment,
  newTransaction,
  priced,
  transactionAnswer,
  transactionPatch,
  transactionView,
  workedOut,
} from './transaction.ts'

const listQuery = z.strictObject({
  ...pageFields,
  from: dayField.optional().meta({ description: 'The first day' }),
  to: dayField.optional().meta({ description: 'The last day' }),
  customer: idField.optional(),
  staff: idField.optional(),
})

export function transactionRoutes({ store, now, newId }: Kit): Route[] {
  async function placeOf({ restaurant }: StaffCall): Promise<Restaurant> {
    return found(await store.collection(restaurants).get(restaurant))
  }

  return [
    staffRoute({
      method: 'get',
      path: '/transactions',
      permission: 'transactions.read',
      summary: 'What was sold, the latest first',
      query: listQuery,
      answer: pageSchema(transactionAnswer),
      async handle(call) {
        const { own, query } = call
        const { from, to, customer, staff } = query
        const { timeZone } = await placeOf(call)
        const at = {
          ...(from && { $gte: startOfDay(from, timeZone) }),
          ...(to && { $lt: startOfDay(addDays(to, 1), timeZone) }),
        }
        const match = { ...((from || to) && { at }), ...(customer && { customer }), ...(staff && { staff }) }
        const sort = { field: 'at', order: 'desc', moments: true } as const
        return pageOf(own(transactions), match, { query, sort, view: transactionView })
      },
    }),
    staffRoute({
      method: 'post',
      path: '/transactions',
      permission: 'transactions.update',
      summary: 'Note what was sold',
      description:
        'Names, amounts, currency, total and day come from the menu and the restaurant. With `booking`, its bill.',
      body: newTransaction,
      answer: transactionAnswer,
      async handle(call) {
        const { own, body, me, restaurant } = call
        const place = await placeOf(call)
        return decide(async () => {
          const createdAt = now()
          const { at = createdAt } = body
          checkMoment(at, createdAt)
          const guest = await customerOf(call, body.customer)
          const server = await serverOf(call, body.staff ?? me._id)
          const lines = await priced(own(products), body.lines)
          const transaction: Transaction = {
            _id: newId(),
            restaurant,
            customer: guest._id,
            staff: server._id,
            lines,
            at,
            ...workedOut(place, { lines, at }),
            ...(body.booking !== undefined && { booking: body.booking }),
            createdAt,
            updatedAt: createdAt,
            version: 1,
          }
          await store.batch([
            { in: transactions, insert: transaction },
            namingWrite(customers, guest, createdAt),
            namingWrite(staff, server, createdAt),
            ...(await billing(call, transaction)),
            ...summaryWrites(undefined, transaction),
          ])
          return created('/transactions', transaction, transactionView)
        })
      },
    }),
    staffRoute({
      method: 'get',
      path: '/transactions/{id}',
      permission: 'transactions.read',
      summary: 'A transaction',
      answer: transactionAnswer,
      async handle({ own, id }) {
        return shown(found(await own(transactions).get(id)), transactionView)
      },
    }),
    staffRoute({
      method: 'patch',
      path: '/transactions/{id}',
      permission: 'transactions.update',
      summary: 'Correct a transaction',
      description: 'New lines replace the old ones; a product that was there keeps what it cost then.',
      body: transactionPatch,
      answer: transactionAnswer,
      async handle(call) {
        const { own, id, body } = call
        const place = await placeOf(call)
        return decide(async () => {
          const before = await matched(call, transactions)
          refusePaid(before)
          const updatedAt = now()
          if (body.at) checkMoment(body.at, updatedAt)
          const naming: Write[] = []
          if (body.customer !== undefined && body.customer !== before.customer) {
            if (before.booking) throw fieldProblem('customer', 'is the one of the booking')
            naming.push(namingWrite(customers, await customerOf(call, body.customer), updatedAt))
          }
          if (body.staff !== undefined && body.staff !== before.staff)
            naming.push(namingWrite(staff, await serverOf(call, body.staff), updatedAt))
          const { customer = before.customer, staff: server = before.staff, at = before.at } = body
          const lines = body.lines ? await priced(own(products), body.lines, before.lines) : before.lines
          const change = { customer, staff: server, lines, at, ...workedOut(place, { lines, at }), updatedAt }
          const after: Transaction = { ...before, ...change, version: before.version + 1 }
          await store.batch([
            {
              in: transactions,
              update: { _id: id, version: before.version },
              change: { $set: change, $inc: { version: 1 } },
            },
            ...naming,
            ...summaryWrites(before, after),
          ])
          return shown(after, transactionView)
        })
      },
    }),
    staffRoute({
      method: 'delete',
      path: '/transactions/{id}',
      permission: 'transactions.update',
      summary: 'Take a transaction back',
      description: 'The booking that it billed is seated again.',
      async handle(call) {
        const { id } = call
        return decide(async () => {
          const before = await matched(call, transactions)
          refusePaid(before)
          await store.batch([
            { in: transactions, take: { _id: id, version: before.version } },
            ...unbilling(before, now()),
            ...summaryWrites(before, undefined),
          ])
          return {}
        })
      },
    }),
  ]
}

/** @throws Problem 422 */
async function customerOf({ own }: StaffCall, id: string): Promise<Customer> {
  const customer = await own(customers).get(id)
  if (!customer) throw fieldProblem('customer', 'is not known here')
  return customer
}

/** @throws Problem 422 */
async function serverOf({ own }: StaffCall, id: string): Promise<StaffMember> {
  const member = await own(staff).get(id)
  if (!member?.active) throw fieldProblem('staff', 'does not work here')
  return member
}

/** @throws Problem 409 for a bill that a guest has paid. */
function refusePaid({ booking, paidAt }: Transaction): void {
  if (booking !== undefined && paidAt)
    throw new Problem(409, 'The guest has paid this bill: it stays as it is.')
}

/** What makes it the bill of its booking. @throws Problem 422, 409 */
async function billing({ own }: StaffCall, bill: Transaction): Promise<Write[]> {
  if (bill.booking === undefined) return []
  const booking = await own(bookings).get(bill.booking)
  if (!booking) throw fieldProblem('booking', 'is not known here')
  if (booking.customer !== bill.customer) throw fieldProblem('customer', 'is not the one of the booking')
  if (!mayBecome(booking.status, 'billed'))
    throw fieldProblem('booking', `cannot be billed: it is ${booking.status}`, 409)
  const $set: Partial<Booking> = { status: 'billed', transaction: bill._id, updatedAt: bill.updatedAt }
  const update = { _id: booking._id, restaurant: bill.restaurant, version: booking.version }
  return [{ in: bookings, update, change: { $set, $inc: { version: 1 } } }]
}

function unbilling({ _id, booking, restaurant }: Transaction, updatedAt: Date): Write[] {
  if (booking === undefined) return []
  const change = {
    $set: { status: 'seated', updatedAt },
    $unset: { transaction: true },
    $inc: { version: 1 },
  }
  return [{ in: bookings, update: { _id: booking, restaurant, transaction: _id }, change }] as Write[]
}

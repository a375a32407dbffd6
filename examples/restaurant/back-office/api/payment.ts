/** `/bookings/{id}/bill` and `/bookings/{id}/payment`. The payment is a demo: no money moves, everything else does. */
import type { Store, Write } from 'maitred/storage'
import { z } from 'zod'
import { type Booking, bookings, type Transaction, transactions } from '../documents.ts'
import { bookingOf, ownBookingOf } from './booking-access.ts'
import { decide } from './deciding.ts'
import { momentAnswer } from './fields.ts'
import { Problem } from './problem.ts'
import { tagOf } from './resource.ts'
import { type Kit, personRoute, type Route } from './route.ts'
import { linesAnswer } from './transaction.ts'

const billAnswer = z
  .object({
    booking: z.string(),
    status: z.enum(['billed', 'paid']),
    lines: linesAnswer,
    currency: z.string(),
    total: z.int().meta({ description: 'In minor units' }),
    paidAt: momentAnswer.optional(),
  })
  .meta({ id: 'Bill' })

export function paymentRoutes({ store, now }: Kit): Route[] {
  return [
    personRoute({
      method: 'get',
      path: '/bookings/{id}/bill',
      permission: ['bookings.own', 'bookings.read'],
      summary: 'What is to be paid',
      answer: billAnswer,
      async handle(call) {
        const { booking } = await bookingOf(call, store, 'bookings.read')
        const bill = await billOf(store, booking)
        if (!bill) throw new Problem(404, 'There is no bill yet.')
        return { headers: { ETag: tagOf(bill) }, body: billView(booking, bill) }
      },
    }),
    personRoute({
      method: 'post',
      path: '/bookings/{id}/payment',
      permission: 'bookings.own',
      summary: 'Pay',
      description:
        'Once, however often it is asked for: whoever asks again gets the answer of the first time.',
      answer: billAnswer,
      status: 200,
      async handle(call) {
        return decide(async () => {
          const booking = await ownBookingOf(call, store)
          const bill = await billOf(store, booking)
          if (booking.status === 'paid' && bill) return { body: billView(booking, bill) }
          if (booking.status !== 'billed' || !bill) throw new Problem(409, 'There is no bill yet.')
          const at = now()
          await store.batch([payBooking(booking, at), ...payBill(bill, at)])
          return { body: billView({ ...booking, status: 'paid' }, { paidAt: at, ...bill }) }
        })
      },
    }),
  ]
}

/** The bill that a booking has since it was billed. */
export async function billOf(
  store: Store,
  { transaction, restaurant }: Booking,
): Promise<Transaction | undefined> {
  if (transaction === undefined) return undefined
  const [bill] = await store.collection(transactions).find({ _id: transaction, restaurant }, { limit: 1 })
  return bill
}

/** Guards what was read: nobody pays a total that they have not seen, and nobody pays twice. */
export function payBill({ _id, version, paidAt }: Transaction, at: Date): Write[] {
  if (paidAt) return []
  const change = { $set: { paidAt: at, updatedAt: at }, $inc: { version: 1 } }
  return [{ in: transactions, update: { _id, version, paidAt: { $exists: false } }, change }]
}

function payBooking({ _id, version }: Booking, at: Date): Write {
  const change = { $set: { status: 'paid', updatedAt: at }, $inc: { version: 1 } }
  return { in: bookings, update: { _id, version, status: 'billed' }, change }
}

function billView(
  { _id, status }: Booking,
  { lines, currency, total, paidAt }: Transaction,
): z.infer<typeof billAnswer> {
  const paid = status === 'paid' ? status : 'billed'
  return {
    booking: _id,
    status: paid,
    lines,
    currency,
    total,
    ...(paidAt && { paidAt: paidAt.toISOString() }),
  }
}

/** One transaction: what is asked for, how it is shown, and what the server works out by itself. */
import { z } from 'zod'
import { dayOf } from '../../calendar.ts'
import type { Product, Restaurant, Transaction } from '../documents.ts'
import { idField, momentAnswer, momentField } from './fields.ts'
import { type FieldError, fieldProblem, Problem } from './problem.ts'
import type { OwnCollection } from './tenant.ts'

const lines = z
  .array(z.strictObject({ product: idField, quantity: z.int().min(1).max(1000) }))
  .min(1)
  .max(50)

export const newTransaction = z.strictObject({
  customer: idField,
  staff: idField.optional().meta({ description: 'Who served. Default: who asks.' }),
  lines,
  at: momentField.optional().meta({ description: 'Default: now' }),
  booking: idField.optional().meta({ description: 'Which is billed by this' }),
})

export const transactionPatch = z
  .strictObject({ customer: idField, staff: idField, lines, at: momentField })
  .partial()

export const linesAnswer = z.array(
  z.object({
    product: z.string(),
    name: z.string(),
    quantity: z.int(),
    amount: z.int().meta({ description: 'Of one, in minor units' }),
  }),
)

export const transactionAnswer = z
  .object({
    id: z.string(),
    restaurant: z.string(),
    customer: z.string(),
    staff: z.string(),
    lines: linesAnswer,
    currency: z.string().meta({ description: 'ISO 4217' }),
    total: z.int().meta({ description: 'In minor units' }),
    at: momentAnswer,
    day: z.iso.date().meta({ description: 'In the restaurant’s time zone' }),
    booking: z.string().optional(),
    paidAt: momentAnswer.optional(),
    createdAt: momentAnswer,
    updatedAt: momentAnswer,
  })
  .meta({ id: 'Transaction' })

export function transactionView(transaction: Transaction): z.infer<typeof transactionAnswer> {
  const { _id, at, booking, paidAt, createdAt, updatedAt, version: _, ...plain } = transaction
  return {
    id: _id,
    ...plain,
    at: at.toISOString(),
    ...(booking !== undefined && { booking }),
    ...(paidAt && { paidAt: paidAt.toISOString() }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

type Asked = z.infer<typeof lines>
type Line = Transaction['lines'][number]

/**
 * The lines with name and amount from the menu. What was on the bill before keeps what it cost then.
 * @throws Problem 422 naming every line whose product is not there.
 */
export async function priced(
  menu: OwnCollection<Product>,
  asked: Asked,
  before: readonly Line[] = [],
): Promise<Line[]> {
  const wanted = [...new Set(asked.map(({ product }) => product))]
  const found = await menu.find({ _id: { $in: wanted } })
  const known = new Map([
    ...found.map(({ _id, name, amount }) => [_id, { name, amount }] as const),
    ...before.map(({ product, name, amount }) => [product, { name, amount }] as const),
  ])
  const errors: FieldError[] = []
  const result = asked.flatMap(({ product, quantity }, index): Line[] => {
    const item = known.get(product)
    if (!item) errors.push({ field: `lines.${index}.product`, message: 'is not on the menu' })
    return item ? [{ product, quantity, ...item }] : []
  })
  if (errors.length > 0) throw new Problem(422, 'Some products are not on the menu.', { errors })
  return result
}

/** What follows from the lines, the moment and the place. */
export function workedOut(
  { currency, timeZone }: Restaurant,
  { lines, at }: Pick<Transaction, 'lines' | 'at'>,
): Pick<Transaction, 'currency' | 'total' | 'day'> {
  const total = lines.reduce((sum, { quantity, amount }) => sum + quantity * amount, 0)
  return { currency, total, day: dayOf(at, timeZone) }
}

/** Clocks differ a little. */
const earlyMs = 5 * 60_000

/** @throws Problem 422 for what has not been sold yet. */
export function checkMoment(at: Date, now: Date): void {
  if (at.getTime() > now.getTime() + earlyMs) throw fieldProblem('at', 'is in the future')
}

/** The kinds of fields that requests are made of. Each is exact in the OpenAPI description as well. */
import { z } from 'zod'
import { isDay } from '../../calendar.ts'

const control = '\\u0000-\\u001f\\u007f'

/** A text of one line that begins with something to see; spaces at its end are taken off. */
export function text(most: number) {
  // Counted in characters, not in halves of them, as JSON Schema does; and in one pass, whatever is sent.
  const pattern = new RegExp(`^[^\\s${control}][^${control}]{0,${most - 1}}$`, 'u')
  return z
    .string()
    .regex(pattern, `must be 1 to ${most} characters on one line and begin with none that is blank`)
    .refine((value) => value.isWellFormed(), 'is no valid text')
    .transform((value) => value.trimEnd())
}

/** As an id is made; whether it names something is another question. */
export const idField = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be an id')

/** Compared without regard to case. */
export const emailField = z
  .string()
  .max(254)
  .regex(/^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9-]+\.)+[A-Za-z]{2,24}$/, 'must be an email address')
  .transform((value) => value.toLowerCase())

export const phoneField = z.string().regex(/^\+?[0-9][0-9 ()/-]{3,28}[0-9]$/, 'must be a telephone number')

/** In minor units; nothing here costs more than a million. */
export const amountField = z.int().min(0).max(100_000_000)

export const dayField = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'must be a day, YYYY-MM-DD')
  .refine(isDay, 'is not in the calendar')

/** A moment with its offset: 2026-11-21T19:30:00+01:00 */
export const momentField = z.iso
  .datetime({ offset: true, error: 'must be a moment, like 2026-11-21T19:30:00Z' })
  .regex(/^20/, 'must be in this century')
  .transform((value) => new Date(value))

/** How moments leave. */
export const momentAnswer = z.iso.datetime()

/** The parameters of every list. */
export const pageFields = {
  limit: z
    .string()
    .regex(/^([1-9][0-9]?|100)$/, 'must be 1 to 100')
    .transform(Number)
    .default(20)
    // A number to whoever reads the description, and a text in the URL.
    .meta({
      description: 'At most this many',
      type: 'integer',
      minimum: 1,
      maximum: 100,
      default: 20,
      pattern: undefined,
    }),
  after: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,400}$/, 'must be the `next` of the page before')
    .optional()
    .meta({ description: '`next` of the page before' }),
}

/** For lists that can be searched. */
export const searchFields = {
  ...pageFields,
  q: text(100).optional().meta({ description: 'The beginning of a name or an email' }),
}

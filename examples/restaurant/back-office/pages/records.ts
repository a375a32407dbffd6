/** What the API answers, as the pages read it: only what they show. */
import { z } from 'zod'

const id = z.string()
const amount = z.number()

export const staffMember = z.object({
  id,
  email: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  phone: z.string().optional(),
  job: z.string(),
  active: z.boolean(),
})

export const customer = z.object({
  id,
  firstName: z.string(),
  lastName: z.string(),
  email: z.string().optional(),
  phone: z.string().optional(),
  note: z.string().optional(),
})

export const product = z.object({ id, name: z.string(), amount, category: z.string() })

export const transaction = z.object({
  id,
  customer: id,
  staff: id,
  lines: z.array(z.object({ product: id, name: z.string(), quantity: z.number(), amount })),
  currency: z.string(),
  total: amount,
  at: z.coerce.date(),
  booking: id.optional(),
  paidAt: z.coerce.date().optional(),
})

export const memberAvailability = z.object({
  staff: id,
  firstName: z.string(),
  lastName: z.string(),
  job: z.string(),
  slots: z.array(z.object({ weekday: z.number(), from: z.string(), to: z.string() })),
  updatedAt: z.coerce.date().optional(),
})

export const shift = z.object({
  id,
  day: z.string(),
  from: z.string(),
  to: z.string(),
  job: z.string(),
  staff: id.optional(),
  rota: id.optional(),
})

export const rota = z.object({
  id,
  week: z.string(),
  mode: z.enum(['sync', 'async']),
  status: z.enum(['waiting', 'working', 'done', 'failed']),
  attempts: z.number(),
  assignments: z.array(z.object({ shift: id, staff: id })).optional(),
  unfilled: z.array(id).optional(),
  problem: z.string().optional(),
  acceptedAt: z.coerce.date().optional(),
  createdAt: z.coerce.date(),
  updatedAt: z.coerce.date(),
})

export const task = z.object({
  id,
  kind: z.string(),
  rota: id,
  attempts: z.number(),
  reason: z.string(),
  diedAt: z.coerce.date(),
})

export const booking = z.object({ id, guests: z.number(), status: z.string() })

export type StaffMember = z.infer<typeof staffMember>
export type Customer = z.infer<typeof customer>
export type Product = z.infer<typeof product>
export type Transaction = z.infer<typeof transaction>
export type MemberAvailability = z.infer<typeof memberAvailability>
export type Shift = z.infer<typeof shift>
export type StuckTask = z.infer<typeof task>
export type Rota = z.infer<typeof rota>

/** A list, and the cursor of what follows. */
export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().optional() })
}

export const fullName = (person: { firstName: string; lastName: string }) =>
  `${person.firstName} ${person.lastName}`

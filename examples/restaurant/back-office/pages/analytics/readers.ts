/** What the reports of the API answer. Amounts are in minor units. */
import { z } from 'zod'

const report = { from: z.string(), to: z.string(), currency: z.string() }

export const salesByDay = z.object({
  ...report,
  items: z.array(z.object({ day: z.string(), count: z.number(), total: z.number() })),
})

export const salesByWeekday = z.object({
  ...report,
  items: z.array(
    z.object({ weekday: z.number(), days: z.number(), total: z.number(), averagePerDay: z.number() }),
  ),
})

export const salesByProduct = z.object({
  ...report,
  items: z.array(
    z.object({ product: z.string(), name: z.string(), quantity: z.number(), amount: z.number() }),
  ),
})

export const staffPerformance = z.object({
  ...report,
  items: z.array(
    z.object({
      staff: z.string(),
      name: z.string(),
      count: z.number(),
      amount: z.number(),
      averagePerTransaction: z.number(),
    }),
  ),
})

export const history = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      at: z.coerce.date(),
      customerName: z.string(),
      staffName: z.string(),
      lines: z.array(z.object({ name: z.string(), quantity: z.number() })),
      currency: z.string(),
      total: z.number(),
    }),
  ),
  next: z.string().optional(),
})

export type DaySales = z.infer<typeof salesByDay>['items'][number]

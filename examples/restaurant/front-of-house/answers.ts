/** What the front of house reads in the API's answers. The rest of them is none of its business. */
import { z } from 'zod'

const moment = z.iso.datetime().transform((text) => new Date(text))

const page = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().optional() })

const restaurant = z.object({ id: z.string(), name: z.string(), city: z.string(), timeZone: z.string() })

const booking = z.object({
  id: z.string(),
  restaurant: z.string(),
  at: moment,
  guests: z.number(),
  status: z.enum(['booked', 'seated', 'billed', 'paid', 'cancelled']),
  note: z.string().optional(),
})

const line = z.object({ name: z.string(), quantity: z.number(), amount: z.number() })

const shift = z.object({
  id: z.string(),
  day: z.string(),
  from: z.string(),
  to: z.string(),
  job: z.string(),
})

/** Times on the clock of the restaurant, 'HH:MM'. */
const slot = z.object({ weekday: z.number(), from: z.string(), to: z.string() })

export type Restaurant = z.infer<typeof restaurant>
export type Booking = z.infer<typeof booking>
export type Bill = z.infer<typeof billReader>
export type Shift = z.infer<typeof shift>
export type Slot = z.infer<typeof slot>

export const restaurantsReader = page(restaurant)
export const bookingReader = booking
export const bookingsReader = page(booking)
export const billReader = z.object({
  lines: z.array(line),
  currency: z.string(),
  total: z.number(),
  paidAt: moment.optional(),
})
export const shiftsReader = page(shift)
export const availabilityReader = z.object({ slots: z.array(slot) })

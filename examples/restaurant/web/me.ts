/** Who somebody is for the restaurant: what `GET /me` of the API says. Pages follow it, the API decides by itself. */
import { z } from 'zod'

export const meReader = z.object({
  sub: z.string(),
  permissions: z.array(z.string()),
  /** Only of who works in one of the restaurants. */
  staff: z
    .object({ id: z.string(), firstName: z.string(), lastName: z.string(), job: z.string() })
    .optional(),
  restaurant: z
    .object({
      id: z.string(),
      name: z.string(),
      city: z.string(),
      currency: z.string(),
      timeZone: z.string(),
    })
    .optional(),
})

export type Me = z.infer<typeof meReader>

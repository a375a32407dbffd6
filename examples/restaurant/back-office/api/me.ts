/** `/me`: who the API takes the caller for. */
import { z } from 'zod'
import { restaurants } from '../documents.ts'
import { found } from './resource.ts'
import { type Kit, personRoute, type Route } from './route.ts'
import { staffAnswer, staffView } from './staff.ts'

const meAnswer = z
  .object({
    sub: z.string(),
    permissions: z.array(z.string()),
    staff: staffAnswer.optional(),
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
  .meta({ id: 'Me' })

export function meRoutes({ store }: Kit): Route[] {
  return [
    personRoute({
      method: 'get',
      path: '/me',
      summary: 'Who calls, what they may, and where they work',
      answer: meAnswer,
      async handle({ caller, member }) {
        const permissions = [...caller.permissions]
        const staff = await member()
        if (!staff) return { body: { sub: caller.id, permissions } }
        const place = found(await store.collection(restaurants).get(staff.restaurant))
        const { _id, name, city, currency, timeZone } = place
        const restaurant = { id: _id, name, city, currency, timeZone }
        return { body: { sub: caller.id, permissions, staff: staffView(staff), restaurant } }
      },
    }),
  ]
}

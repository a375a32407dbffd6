/** `/restaurants`: the houses of the chain, for everybody who signs in; a guest chooses among them. */
import { z } from 'zod'
import { type Restaurant, restaurants } from '../documents.ts'
import { pageFields } from './fields.ts'
import { pageOf, pageSchema } from './resource.ts'
import { type Kit, personRoute, type Route } from './route.ts'

const restaurantAnswer = z
  .object({ id: z.string(), name: z.string(), city: z.string(), timeZone: z.string() })
  .meta({ id: 'Restaurant' })

function view({ _id, name, city, timeZone }: Restaurant): z.infer<typeof restaurantAnswer> {
  return { id: _id, name, city, timeZone }
}

export function restaurantRoutes({ store }: Kit): Route[] {
  return [
    personRoute({
      method: 'get',
      path: '/restaurants',
      summary: 'All restaurants of the chain, by name',
      query: z.strictObject(pageFields),
      answer: pageSchema(restaurantAnswer),
      async handle({ query }) {
        return pageOf(
          store.collection(restaurants),
          {},
          { query, sort: { field: 'name', order: 'asc' }, view },
        )
      },
    }),
  ]
}

/** `/customers`: the guests that a restaurant knows. Who books for themselves is made one by the booking. */
import { z } from 'zod'
import { bookings, type Customer, customers, transactions } from '../documents.ts'
import { searchTerms } from '../search-terms.ts'
import { emailField, momentAnswer, phoneField, searchFields, text } from './fields.ts'
import { Problem } from './problem.ts'
import { changed, changeOf, created, found, matched, pageOf, pageSchema, patched, shown } from './resource.ts'
import { type Kit, type Route, staffRoute } from './route.ts'

const newCustomer = z.strictObject({
  firstName: text(60),
  lastName: text(60),
  email: emailField.optional(),
  phone: phoneField.optional(),
  note: text(500).optional(),
})

const patch = z
  .strictObject({
    firstName: text(60),
    lastName: text(60),
    email: emailField.nullable(),
    phone: phoneField.nullable(),
    note: text(500).nullable(),
  })
  .partial()

const customerAnswer = z
  .object({
    id: z.string(),
    restaurant: z.string(),
    firstName: z.string(),
    lastName: z.string(),
    email: z.string().optional(),
    phone: z.string().optional(),
    note: z.string().optional(),
    createdAt: momentAnswer,
    updatedAt: momentAnswer,
  })
  .meta({ id: 'Customer' })

function customerView(customer: Customer): z.infer<typeof customerAnswer> {
  const { _id, restaurant, firstName, lastName, email, phone, note, createdAt, updatedAt } = customer
  return {
    id: _id,
    restaurant,
    firstName,
    lastName,
    ...(email !== undefined && { email }),
    ...(phone !== undefined && { phone }),
    ...(note !== undefined && { note }),
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  }
}

export function customerRoutes({ store, now, newId }: Kit): Route[] {
  return [
    staffRoute({
      method: 'get',
      path: '/customers',
      permission: 'customers.read',
      summary: 'The guests, by last name',
      query: z.strictObject(searchFields),
      answer: pageSchema(customerAnswer),
      async handle({ own, query }) {
        const sort = { field: 'lastName', order: 'asc' } as const
        return pageOf(own(customers), {}, { query, sort, view: customerView })
      },
    }),
    staffRoute({
      method: 'post',
      path: '/customers',
      permission: 'customers.update',
      summary: 'Note a guest',
      body: newCustomer,
      answer: customerAnswer,
      async handle({ restaurant, body }) {
        const at = now()
        const kept = { search: searchTerms(body), createdAt: at, updatedAt: at, version: 1 }
        const customer: Customer = { _id: newId(), restaurant, ...body, ...kept }
        await store.collection(customers).insert(customer)
        return created('/customers', customer, customerView)
      },
    }),
    staffRoute({
      method: 'get',
      path: '/customers/{id}',
      permission: 'customers.read',
      summary: 'A guest',
      answer: customerAnswer,
      async handle({ own, id }) {
        return shown(found(await own(customers).get(id)), customerView)
      },
    }),
    staffRoute({
      method: 'patch',
      path: '/customers/{id}',
      permission: 'customers.update',
      summary: 'Change what is known of a guest',
      body: patch,
      answer: customerAnswer,
      async handle(call) {
        const { own, id, body } = call
        const customer = await matched(call, customers)
        const search = searchTerms(patched(customer, body))
        const change = changeOf(body, { updatedAt: now(), search })
        const after = changed(await own(customers).update({ _id: id, version: customer.version }, change))
        return shown(after, customerView)
      },
    }),
    staffRoute({
      method: 'delete',
      path: '/customers/{id}',
      permission: 'customers.update',
      summary: 'Forget a guest who has no bill and no booking',
      async handle(call) {
        const { own, id } = call
        const customer = await matched(call, customers)
        const [bills, booked] = await Promise.all([
          own(transactions).count({ customer: id }),
          own(bookings).count({ customer: id }),
        ])
        if (bills + booked > 0)
          throw new Problem(409, `They have ${bills} bills and ${booked} bookings here.`)
        const { version, namedAt = { $exists: false } } = customer
        changed(await own(customers).take({ _id: id, version, namedAt }))
        return {}
      },
    }),
  ]
}

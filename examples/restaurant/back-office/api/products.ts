/** `/products`: what the restaurant sells, and for how much. Bills keep the name and the amount of their day. */
import { z } from 'zod'
import { type Product, products } from '../documents.ts'
import { searchWords } from '../search-terms.ts'
import { amountField, searchFields, text } from './fields.ts'
import { changed, changeOf, created, found, matched, pageOf, pageSchema, shown } from './resource.ts'
import { type Kit, type Route, staffRoute } from './route.ts'

const newProduct = z.strictObject({ name: text(80), amount: amountField, category: text(40) })

const patch = newProduct.partial()

const productAnswer = z
  .object({
    id: z.string(),
    restaurant: z.string(),
    name: z.string(),
    amount: z.int().meta({ description: 'In minor units of the restaurant’s currency' }),
    category: z.string(),
  })
  .meta({ id: 'Product' })

function view({ _id, restaurant, name, amount, category }: Product): z.infer<typeof productAnswer> {
  return { id: _id, restaurant, name, amount, category }
}

export function productRoutes({ store, newId }: Kit): Route[] {
  return [
    staffRoute({
      method: 'get',
      path: '/products',
      permission: 'transactions.read',
      summary: 'What is sold, by name',
      query: z.strictObject({ ...searchFields, category: text(40).optional() }),
      answer: pageSchema(productAnswer),
      async handle({ own, query }) {
        const match = query.category === undefined ? {} : { category: query.category }
        return pageOf(own(products), match, { query, sort: { field: 'name', order: 'asc' }, view })
      },
    }),
    staffRoute({
      method: 'post',
      path: '/products',
      permission: 'staff.update',
      summary: 'Put something on the menu',
      body: newProduct,
      answer: productAnswer,
      async handle({ restaurant, body }) {
        const search = searchWords(body.name)
        const product: Product = { _id: newId(), restaurant, ...body, search, version: 1 }
        await store.collection(products).insert(product)
        return created('/products', product, view)
      },
    }),
    staffRoute({
      method: 'get',
      path: '/products/{id}',
      permission: 'transactions.read',
      summary: 'Something that is sold',
      answer: productAnswer,
      async handle({ own, id }) {
        return shown(found(await own(products).get(id)), view)
      },
    }),
    staffRoute({
      method: 'patch',
      path: '/products/{id}',
      permission: 'staff.update',
      summary: 'Change its name, amount or category',
      body: patch,
      answer: productAnswer,
      async handle(call) {
        const { own, id, body } = call
        const product = await matched(call, products)
        const change = changeOf(body, body.name === undefined ? {} : { search: searchWords(body.name) })
        const after = changed(await own(products).update({ _id: id, version: product.version }, change))
        return shown(after, view)
      },
    }),
    staffRoute({
      method: 'delete',
      path: '/products/{id}',
      permission: 'staff.update',
      summary: 'Take it off the menu',
      async handle(call) {
        const { own, id } = call
        const product = await matched(call, products)
        changed(await own(products).take({ _id: id, version: product.version }))
        return {}
      },
    }),
  ]
}

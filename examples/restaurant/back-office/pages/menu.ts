/** The pages of what is sold, and for how much. What stands on a bill keeps what it cost on its day. */

import { type Field, labelsOf } from '../../web/field.ts'
import { html } from '../../web/html.ts'
import { fromTyped, money, toTyped } from '../../web/money.ts'
import { factsOf, fieldsOf, nameSearch } from './named.ts'
import type { ListedKind } from './record-kind.ts'
import { listOf, type Product, product } from './records.ts'

const FIELDS: readonly Field[] = [
  { name: 'name', label: 'Name', required: true, maxLength: 80, autocomplete: 'off' },
  {
    name: 'category',
    label: 'Category',
    required: true,
    maxLength: 40,
    hint: 'Where it stands on the menu.',
  },
  { name: 'amount', label: 'Price', required: true, maxLength: 10, hint: 'For one, like 12.50.' },
]

export const menu: ListedKind<Product> = {
  path: '/products',
  one: 'product',
  many: 'Menu',
  purpose: 'What is sold, and for how much.',
  read: 'transactions.read',
  update: 'staff.update',
  reader: product,
  list: listOf(product),
  searches: ['q'],
  name: ({ name }) => name,
  columns: async (visit) => [
    { title: 'Name', cell: ({ name }) => name },
    { title: 'Category', cell: ({ category }) => category },
    { title: 'Price', cell: ({ amount }) => money(amount, visit.currency), number: true, beside: true },
  ],
  filters: nameSearch,
  typed: ({ name, category, amount }, visit) =>
    new URLSearchParams({ name, category, amount: toTyped(amount, visit.currency) }),
  labels: labelsOf(FIELDS),
  words: new Map([['amount', 'must be an amount, like 12.50']]),
  facts: async (visit, typed) => {
    const amount = fromTyped(typed.get('amount') ?? '', visit.currency)
    const shown = new URLSearchParams(typed)
    if (amount !== undefined) shown.set('amount', money(amount, visit.currency))
    return factsOf(FIELDS, shown)
  },
  fields: async (_, typed, wrongs) => html`${fieldsOf(FIELDS, typed, wrongs)}`,
  body: (visit, typed) => ({
    name: typed.get('name') ?? '',
    category: typed.get('category') ?? '',
    // What is no amount is sent as it is, so that the API refuses it.
    amount: fromTyped(typed.get('amount') ?? '', visit.currency) ?? typed.get('amount'),
  }),
  farewell: 'Nobody can sell it from then on. Bills and reports keep its name.',
}

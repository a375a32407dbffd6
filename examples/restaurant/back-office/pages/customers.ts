/** The pages of the restaurant's customers, and what each of them had lately. */

import { type Field, labelsOf } from '../../web/field.ts'
import { html } from '../../web/html.ts'
import { money } from '../../web/money.ts'
import { whenOf } from '../../web/when.ts'
import { bodyOf, factsOf, NAME_FIELDS, nameSearch, PHONE_FIELD, personFieldsOf, typedOf } from './named.ts'
import type { OfficeVisit } from './office-visit.ts'
import type { ListedKind } from './record-kind.ts'
import { type Customer, customer, fullName, listOf, transaction } from './records.ts'

const FIELDS: readonly Field[] = [
  ...NAME_FIELDS,
  { name: 'email', label: 'Email', type: 'email', maxLength: 254, autocomplete: 'off' },
  PHONE_FIELD,
  {
    name: 'note',
    label: 'Note',
    hint: 'What helps to serve them well: a favourite table, an allergy they told you of.',
    maxLength: 500,
  },
]

export const customers: ListedKind<Customer> = {
  path: '/customers',
  one: 'customer',
  many: 'Customers',
  purpose: 'Who comes to eat here, and how to reach them.',
  read: 'customers.read',
  update: 'customers.update',
  reader: customer,
  list: listOf(customer),
  searches: ['q'],
  name: fullName,
  columns: async () => [
    { title: 'Name', cell: fullName },
    { title: 'Email', cell: ({ email }) => email ?? '' },
    { title: 'Telephone', cell: ({ phone }) => phone ?? '', short: true },
  ],
  filters: nameSearch,
  typed: (record) => typedOf(FIELDS, record),
  labels: labelsOf(FIELDS),
  facts: async (_, typed) => factsOf(FIELDS, typed),
  fields: async (_, typed, wrongs) => personFieldsOf(FIELDS, typed, wrongs),
  body: (_, typed, change) => bodyOf(FIELDS, typed, change),
  more: lately,
  farewell:
    'Their name goes from the list for good. Who still has transactions or bookings cannot be deleted.',
}

/** What a customer had lately, for who may see transactions. */
async function lately(visit: OfficeVisit, { id }: Customer) {
  if (!visit.may('transactions.read')) return html``
  const { items } = await visit.api.get('/transactions', listOf(transaction), { customer: id, limit: 5 })
  return html`<section class="card"><div class="head"><h2>Lately</h2>
    ${items.length > 0 ? html`<a href="/transactions?customer=${id}">All their transactions</a>` : ''}</div>
    ${
      items.length === 0
        ? html`<p class="quiet">No transaction yet.</p>`
        : html`<ul class="todo">${items.map(
            ({ id, at, total, currency }) =>
              html`<li><a href="/transactions/${id}"><span>${whenOf(at, visit.now, visit.timeZone)}</span><span>${money(total, currency)}</span></a></li>`,
          )}</ul>`
    }</section>`
}

/** The pages of what was sold: to whom, by whom, when and for how much. */

import { field, type Wrongs } from '../../web/field.ts'
import { type Html, html } from '../../web/html.ts'
import { money } from '../../web/money.ts'
import { fromInput, toInput, whenOf } from '../../web/when.ts'
import { lineFields, linesOf, pricesOf, typeLines } from './bill.ts'
import { namesOf, readAll, readCustomers, readStaff } from './lookups.ts'
import type { OfficeVisit } from './office-visit.ts'
import type { Fact, ListedKind } from './record-kind.ts'
import { customer, fullName, listOf, product, type Transaction, transaction } from './records.ts'

const NOBODY = { value: '', label: 'Anybody' }

const when = (visit: OfficeVisit, { at }: Transaction) => whenOf(at, visit.now, visit.timeZone)

export const transactions: ListedKind<Transaction> = {
  path: '/transactions',
  one: 'transaction',
  many: 'Transactions',
  purpose: 'What was sold, the latest first.',
  read: 'transactions.read',
  update: 'transactions.update',
  reader: transaction,
  list: listOf(transaction),
  searches: ['from', 'to', 'customer', 'staff'],
  name: (record, visit) => `${money(record.total, record.currency)}, ${when(visit, record)}`,
  async columns(visit, items) {
    const [guests, colleagues] = await Promise.all([
      readCustomers(
        visit,
        items.map((item) => item.customer),
      ),
      readStaff(visit),
    ])
    const [guest, colleague] = [namesOf(guests), namesOf(colleagues)]
    return [
      { title: 'When', cell: (item) => when(visit, item), short: true },
      { title: 'Customer', cell: (item) => guest(item.customer) },
      { title: 'Served by', cell: (item) => colleague(item.staff) },
      { title: 'What', cell: ({ lines }) => inShort(lines) },
      {
        title: 'Total',
        cell: ({ total, currency }) => money(total, currency),
        number: true,
        beside: true,
      },
    ]
  },
  async filters(visit, typed) {
    const [colleagues, [guest]] = await Promise.all([
      readStaff(visit),
      readCustomers(visit, [typed.get('customer') ?? ''].filter(Boolean)),
    ])
    const value = (name: string) => typed.get(name) ?? ''
    const staff = [NOBODY, ...colleagues.map((one) => ({ value: one.id, label: fullName(one) }))]
    return html`${field({ name: 'from', label: 'From', type: 'date', value: value('from'), plain: true })}
      ${field({ name: 'to', label: 'To', type: 'date', value: value('to'), plain: true })}
      ${field({ name: 'staff', label: 'Served by', choices: staff, value: value('staff'), plain: true })}
      ${
        guest
          ? field({
              name: 'customer',
              label: 'Customer',
              choices: [NOBODY, { value: guest.id, label: fullName(guest) }],
              value: guest.id,
              plain: true,
            })
          : ''
      }`
  },
  begin: (visit) =>
    new URLSearchParams({ at: toInput(visit.now, visit.timeZone), staff: visit.me.staff?.id ?? '' }),
  typed(record, visit) {
    const { customer, staff, at, lines } = record
    const typed = new URLSearchParams({ customer, staff, at: toInput(at, visit.timeZone) })
    typeLines(typed, lines)
    return typed
  },
  labels: new Map([
    ['customer', 'Customer'],
    ['staff', 'Served by'],
    ['at', 'When'],
    ['lines', 'What was sold'],
  ]),
  words: new Map([
    ['customer', 'choose one'],
    ['at', 'must be a time that is not still to come'],
    ['lines', 'choose at least one product'],
    ['lines.quantity', 'how many must be a number from 1 to 1000'],
  ]),
  together: ['product', 'quantity', 'sold'],
  facts,
  fields,
  body: (visit, typed) => ({
    customer: typed.get('customer') ?? '',
    ...(typed.get('staff') && { staff: typed.get('staff') }),
    // What is no time is sent as it is, so that the API says what is wrong with it.
    at: fromInput(typed.get('at') ?? '', visit.timeZone)?.toISOString() ?? typed.get('at'),
    lines: linesOf(typed).map((line) => ({ product: line.product, quantity: Number(line.quantity || 1) })),
  }),
  farewell:
    'It goes from the books for good, and the reports of its day say so. What a guest has paid stays.',
}

/** "2 × Margherita, 1 × Tiramisù and 3 more" */
function inShort(lines: Transaction['lines']): string {
  const shown = lines.slice(0, 2).map(({ quantity, name }) => `${quantity} × ${name}`)
  return lines.length > 2 ? `${shown.join(', ')} and ${lines.length - 2} more` : shown.join(', ')
}

async function facts(visit: OfficeVisit, typed: URLSearchParams): Promise<Fact[]> {
  const [menu, guests, colleagues] = await Promise.all([
    readAll(visit, '/products', product),
    readCustomers(visit, [typed.get('customer') ?? ''].filter(Boolean)),
    readStaff(visit),
  ])
  const prices = pricesOf(typed, menu)
  const lines = linesOf(typed).map((line) => {
    const quantity = Number(line.quantity || 1)
    const { name = 'a product that is not on the menu', amount = 0 } = prices.get(line.product) ?? {}
    return { name, quantity, sum: quantity * amount }
  })
  const at = fromInput(typed.get('at') ?? '', visit.timeZone)
  const [guest] = guests
  return [
    { label: 'When', text: at ? whenOf(at, visit.now, visit.timeZone) : '–' },
    {
      label: 'Customer',
      text: guest ? html`<a href="/customers/${guest.id}">${fullName(guest)}</a>` : '–',
    },
    { label: 'Served by', text: namesOf(colleagues)(typed.get('staff') ?? undefined) },
    {
      label: 'What',
      text: html`<ul class="plain">${lines.map(
        ({ name, quantity, sum }) =>
          html`<li>${quantity} × ${name} <span class="quiet">${money(sum, visit.currency)}</span></li>`,
      )}</ul>`,
    },
    {
      label: 'Total',
      text: html`<strong>${money(
        lines.reduce((total, { sum }) => total + sum, 0),
        visit.currency,
      )}</strong>`,
    },
  ]
}

async function fields(visit: OfficeVisit, typed: URLSearchParams, wrongs: Wrongs): Promise<Html> {
  const find = typed.get('find')?.trim() ?? ''
  const [menu, colleagues, found, chosen] = await Promise.all([
    readAll(visit, '/products', product),
    readStaff(visit),
    visit.api.get('/customers', listOf(customer), { q: find, limit: 100 }),
    readCustomers(visit, [typed.get('customer') ?? ''].filter(Boolean)),
  ])
  const guests = [...chosen, ...found.items.filter(({ id }) => id !== chosen[0]?.id)]
  const serving = colleagues.filter(({ active, id }) => active || id === typed.get('staff'))
  return html`<div class="pair">
      ${field({
        name: 'customer',
        label: 'Customer',
        required: true,
        value: typed.get('customer') ?? '',
        error: wrongs.get('customer'),
        choices: [
          {
            value: '',
            label: find && found.items.length === 0 ? 'Nobody is called like that' : 'Choose one',
          },
          ...guests.map((one) => ({ value: one.id, label: fullName(one) })),
        ],
      })}
      <div class="beside">${field({
        name: 'find',
        label: 'Find a customer',
        type: 'search',
        value: find,
        maxLength: 100,
        placeholder: 'Beginning of the name',
        plain: true,
      })}<button class="quiet" name="do" value="find" formnovalidate>Find</button></div>
    </div>
    <div class="pair">
      ${field({
        name: 'staff',
        label: 'Served by',
        required: true,
        value: typed.get('staff') ?? '',
        error: wrongs.get('staff'),
        choices: serving.map((one) => ({ value: one.id, label: fullName(one) })),
      })}
      ${field({
        name: 'at',
        label: 'When',
        type: 'datetime-local',
        required: true,
        value: typed.get('at') ?? '',
        error: wrongs.get('at'),
      })}
    </div>
    ${lineFields({ typed, menu, wrongs, show: (amount) => money(amount, visit.currency) })}`
}

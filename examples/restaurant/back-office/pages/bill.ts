/**
 * A transaction as its form has it: rows of a product and how many. Amounts are not typed: they are those of the
 * menu, or for what stood on the bill already those of its day, and the API works them out by itself.
 */

import { field, option, sentence, type Wrongs } from '../../web/field.ts'
import { type Html, html } from '../../web/html.ts'
import type { Product, Transaction } from './records.ts'

export interface BillLine {
  product: string
  quantity: string
}

/** Rows that are offered at least, and free ones below those that are filled. */
const ROWS = 4
const FREE_ROWS = 2

/** What the rows hold; free ones are passed over. */
export function linesOf(typed: URLSearchParams): BillLine[] {
  const quantities = typed.getAll('quantity')
  return typed
    .getAll('product')
    .map((product, row) => ({ product, quantity: (quantities[row] ?? '').trim() }))
    .filter(({ product }) => product !== '')
}

/** Appends the lines of a bill, and what they cost then: the menu may say something else by now. */
export function typeLines(typed: URLSearchParams, lines: Transaction['lines']): void {
  for (const { product, quantity, name, amount } of lines) {
    typed.append('product', product)
    typed.append('quantity', String(quantity))
    typed.append('sold', JSON.stringify([product, name, amount]))
  }
}

export interface Priced {
  name: string
  amount: number
}

/** What each product is called and costs on this bill. It is only shown: the API does not hear of it. */
export function pricesOf(typed: URLSearchParams, menu: readonly Product[]): Map<string, Priced> {
  const prices = new Map<string, Priced>(menu.map((product) => [product.id, product]))
  for (const sold of typed.getAll('sold')) {
    const [product, name, amount] = readSold(sold)
    if (product) prices.set(product, { name, amount })
  }
  return prices
}

function readSold(text: string): [string, string, number] {
  try {
    const [product, name, amount] = JSON.parse(text)
    return [String(product), String(name), Number(amount)]
  } catch {
    return ['', '', 0]
  }
}

export function lineFields(o: {
  typed: URLSearchParams
  menu: readonly Product[]
  wrongs: Wrongs
  show(amount: number): string
}): Html {
  const { typed, wrongs } = o
  const lines = linesOf(typed)
  const more = typed.get('do') === 'more' ? typed.getAll('product').length + FREE_ROWS : 0
  const count = Math.max(ROWS, lines.length + FREE_ROWS, more)
  const prices = [...pricesOf(typed, o.menu)]
  const choices = prices.map(([value, { name, amount }]) => ({ value, label: `${name}, ${o.show(amount)}` }))
  const rows = Array.from({ length: count }, (_, row) => lines[row] ?? { product: '', quantity: '' })
  return html`<fieldset>
    <legend>What was sold</legend>
    ${wrongs.has('lines') ? html`<p class="wrong" id="f-lines" tabindex="-1">${sentence(wrongs.get('lines') ?? '')}</p>` : ''}
    ${typed.getAll('sold').map((sold) => html`<input type="hidden" name="sold" value="${sold}">`)}
    ${rows.map(({ product, quantity }, row) => {
      const wrong = wrongs.get(`lines.${row}.product`)
      const id = `f-lines.${row}.product`
      return html`<div class="line"><div class="field">
        <label class="unseen" for="${id}">Product ${row + 1}</label>
        <select class="input" id="${id}" name="product"${wrong ? html` aria-invalid="true" aria-describedby="${id}-wrong"` : ''}>
          <option value="">–</option>${choices.map((choice) => option(choice, product))}</select>
        ${wrong ? html`<p class="wrong" id="${id}-wrong">This ${wrong}.</p>` : ''}</div>
        ${field({
          name: 'quantity',
          id: `lines.${row}.quantity`,
          label: `How many of product ${row + 1}`,
          unseenLabel: true,
          type: 'number',
          min: '1',
          max: '1000',
          placeholder: '1',
          value: quantity,
          error: wrongs.get(`lines.${row}.quantity`),
        })}</div>`
    })}
    <div><button class="quiet" name="do" value="more" formnovalidate>More rows</button></div>
  </fieldset>`
}

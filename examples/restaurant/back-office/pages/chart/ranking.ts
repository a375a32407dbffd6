/** Who or what comes first: a table whose rows carry a bar, so that the drawing and its numbers are one. */
import { type Html, html } from '../../../web/html.ts'
import { place } from './scale.ts'

export interface RankingRow {
  name: Html | string
  value: number
  /** Further columns, as they are to be read. */
  more: readonly string[]
}

export interface RankingOptions {
  id: string
  title: string
  /** Of the name, of the value, and of what follows. */
  columns: readonly [string, string, ...string[]]
  rows: readonly RankingRow[]
  format(value: number): string
  /** How many are not shown. */
  rest?: number
  /** Beside the heading. */
  action?: Html
}

export function ranking(o: RankingOptions): Html {
  const [name, value, ...more] = o.columns
  const highest = Math.max(1, ...o.rows.map((row) => row.value))
  return html`<figure class="chart ranking" aria-labelledby="${o.id}-heading">
    <figcaption class="head"><h2 id="${o.id}-heading">${o.title}</h2>${o.action ?? ''}</figcaption>
    <table class="figures">
      <thead><tr><th scope="col">${name}</th><th scope="col" class="bar"><span class="unseen">Drawing of ${value}</span></th>
        <th scope="col" class="number">${value}</th>${more.map((column) => html`<th scope="col" class="number more">${column}</th>`)}</tr></thead>
      <tbody>${o.rows.map(
        (row) => html`<tr><th scope="row">${row.name}${besideName(more, row.more)}</th>
        <td class="bar"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="100" height="10"/><rect class="column" width="${place((100 * row.value) / highest)}" height="10"/></svg></td>
        <td class="number">${o.format(row.value)}</td>${row.more.map((cell) => html`<td class="number more">${cell}</td>`)}</tr>`,
      )}</tbody>
    </table>
    ${o.rows.length === 0 ? html`<p class="quiet">Nothing in this time.</p>` : ''}
    ${o.rest ? html`<p class="quiet">And ${o.rest} more.</p>` : ''}
  </figure>`
}

/** Where there is no room for further columns they stand below the name; the style sheet shows one or the other. */
function besideName(columns: readonly string[], cells: readonly string[]): readonly Html[] {
  return cells.map((cell, index) => html`<small class="below">${columns[index] ?? ''} ${cell}</small>`)
}

/**
 * A list of records: what is looked for, the rows, and the way to older and newer pages. The API gives a cursor
 * for the page that follows; the cursors of the pages seen so far travel in the address, so that there is a way
 * back without a script, and every page can be bookmarked.
 */
import { type Html, html } from '../../web/html.ts'

/** So many pages lead back one by one; from further the way is to the first. */
const TRAIL = 12

export interface Column<T> {
  title: string
  cell(record: T): Html | string
  /** Figures stand right. */
  number?: boolean
  /** On a phone it stands beside the name: what one looks for in the list. */
  beside?: boolean
  /** A word or a number that must not break. */
  short?: boolean
}

export interface Listing<T> {
  /** What the list is of, for who hears it. */
  caption: string
  /** The first is the record's name, as a link. */
  columns: readonly Column<T>[]
  items: readonly T[]
  /** The address of the page, with its search. */
  url: URL
  next: string | undefined
  /** What stands in place of an empty list. */
  empty: Html
}

/** The cursor that the address asks for. */
export function cursorOf(url: URL): string | undefined {
  return url.searchParams.getAll('page').at(-1)
}

export function listing<T>(o: Listing<T>): Html {
  if (o.items.length === 0) return html`<div class="card empty">${o.empty}</div>${pager(o.url, o.next)}`
  const look = ({ number, short, beside }: Column<T>) => {
    const names = [number && 'number', short && 'short', beside && 'beside-name'].filter(Boolean)
    return names.length > 0 ? html` class="${names.join(' ')}"` : ''
  }
  return html`<div class="card flush"><table class="rows">
    <caption class="unseen">${o.caption}</caption>
    <thead><tr>${o.columns.map((column) => html`<th scope="col"${look(column)}>${column.title}</th>`)}</tr></thead>
    <tbody>${o.items.map(
      (record) =>
        html`<tr>${o.columns.map((column, index) =>
          index === 0
            ? html`<th scope="row"${look(column)}>${column.cell(record)}</th>`
            : html`<td data-label="${column.title}"${look(column)}>${column.cell(record)}</td>`,
        )}</tr>`,
    )}</tbody>
  </table></div>${pager(o.url, o.next)}`
}

function pager(url: URL, next: string | undefined): Html {
  const trail = url.searchParams.getAll('page')
  if (trail.length === 0 && !next) return html``
  const to = (pages: string[]) => {
    const search = new URLSearchParams(url.searchParams)
    search.delete('page')
    for (const page of pages) search.append('page', page)
    return `${url.pathname}${search.size ? `?${search}` : ''}`
  }
  return html`<nav class="pager" aria-label="Pages of the list">
    ${trail.length ? html`<a class="button quiet" rel="prev" href="${to(trail.slice(0, -1))}">Previous page</a>` : html`<span></span>`}
    ${next ? html`<a class="button quiet" rel="next" href="${to([...trail, next].slice(-TRAIL))}">Next page</a>` : ''}
  </nav>`
}

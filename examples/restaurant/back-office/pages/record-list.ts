/** The list of one kind of record: what is looked for, and what was found. */
import { html } from '../../web/html.ts'
import { cursorOf, listing } from './listing.ts'
import type { OfficeRoute, OfficeVisit } from './office-visit.ts'
import type { ListedKind } from './record-kind.ts'

export function recordList<T extends { id: string }>(kind: ListedKind<T>): OfficeRoute {
  const { path, one } = kind

  async function list(visit: OfficeVisit): Promise<void> {
    const url = visit.ctx.URL
    const search = Object.fromEntries(
      kind.searches.map((name) => [name, url.searchParams.get(name) ?? undefined]),
    )
    const after = cursorOf(url)
    const { items, next } = await visit.api.get(path, kind.list, { ...search, after })
    const searched = Object.values(search).some(Boolean)
    const columns = (await kind.columns(visit, items)).map((column, index) =>
      index > 0
        ? column
        : { ...column, cell: (record: T) => html`<a href="${path}/${record.id}">${column.cell(record)}</a>` },
    )
    const add = html`<a class="button" href="${path}/new">Add a ${one}</a>`
    const empty = searched
      ? html`<h2>Nothing found</h2><p>No ${one} matches that. <a href="${path}">Show all</a></p>`
      : html`<h2>No ${one} yet</h2><p>${kind.purpose}</p>${visit.may(kind.update) ? add : ''}`
    visit.page({
      title: kind.many,
      text: kind.purpose,
      ...(visit.may(kind.update) && { actions: add }),
      body: html`<form class="filters" method="get" action="${path}" role="search">
        ${await kind.filters(visit, url.searchParams)}
        <div class="actions"><button class="quiet">Search</button>${searched ? html`<a href="${path}">Show all</a>` : ''}</div>
      </form>
      ${listing({ caption: kind.many, columns, items, url, next, empty })}`,
    })
  }

  return { method: 'get', path, permission: kind.read, handle: list }
}

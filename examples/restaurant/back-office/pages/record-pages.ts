/** The pages of one record of a kind: to be seen, made, changed and deleted. */
import { ApiProblem, apiPath } from '../../web/api-client.ts'
import { NOTHING_WRONG, refusal, sentence, type Wrongs } from '../../web/field.ts'
import { type Html, html } from '../../web/html.ts'
import type { OfficeRoute, OfficeVisit } from './office-visit.ts'
import type { Fact, RecordKind } from './record-kind.ts'
import { mergeEdit } from './stale-edit.ts'

export function recordPages<T extends { id: string }>(kind: RecordKind<T>): OfficeRoute[] {
  const { path, one } = kind
  const addressOf = (visit: OfficeVisit) => `${path}/${encodeURIComponent(visit.part('id'))}`
  const apiAddressOf = (visit: OfficeVisit) => `${path}${apiPath`/${visit.part('id')}`}`
  const read = (visit: OfficeVisit) => visit.api.getVersioned(apiAddressOf(visit), kind.reader)
  const homeOf = (record: T) => kind.home?.(record) ?? path
  const idOf = (body: unknown) => kind.reader.parse(body).id

  async function show(visit: OfficeVisit): Promise<void> {
    const { record } = await read(visit)
    const address = addressOf(visit)
    visit.page({
      title: kind.name(record, visit),
      back: { href: homeOf(record), label: kind.many },
      ...(visit.may(kind.update) && {
        actions: html`<a class="button" href="${address}/edit">Change</a>
          <a class="button quiet" href="${address}/delete">Delete</a>`,
      }),
      body: html`<section class="card">${factList(await kind.facts(visit, kind.typed(record, visit)))}</section>
        ${kind.more ? await kind.more(visit, record) : ''}`,
    })
  }

  async function showForm(visit: OfficeVisit, o: FormState): Promise<void> {
    const isNew = o.version === undefined
    visit.page({
      title: o.title,
      status: o.status ?? 200,
      body: html`${refusal(o.wrongs ?? NOTHING_WRONG, kind.labels)}${o.above ?? ''}
      <form class="card" method="post" action="${isNew ? path : addressOf(visit)}">
        <button class="unseen" name="do" value="save" tabindex="-1" aria-hidden="true">Save</button>
        ${isNew ? '' : html`<input type="hidden" name="version" value="${o.version}"><input type="hidden" name="was" value="${o.was}">`}
        ${await kind.fields(visit, o.typed, o.wrongs ?? NOTHING_WRONG)}
        <div class="actions"><button name="do" value="save">Save</button>
          <a class="button quiet" href="${isNew ? path : addressOf(visit)}">${o.leave ?? 'Cancel'}</a></div>
      </form>`,
    })
  }

  const newTitle = `Add a ${one}`
  const begin = (visit: OfficeVisit) =>
    showForm(visit, { title: newTitle, typed: kind.begin?.(visit) ?? new URLSearchParams() })

  async function create(visit: OfficeVisit): Promise<void> {
    const typed = await visit.form()
    if (typed.get('do') !== 'save') return showForm(visit, { title: newTitle, typed })
    try {
      const { body } = await visit.api.send('POST', path, { body: kind.body(visit, typed, false) })
      visit.go(`${path}/${idOf(body)}`, 'created')
    } catch (error) {
      const wrongs = wrongsOf(error, kind.words)
      await showForm(visit, { title: newTitle, typed, wrongs, status: 422 })
    }
  }

  async function edit(visit: OfficeVisit): Promise<void> {
    const { record, version } = await read(visit)
    const typed = kind.typed(record, visit)
    const was = typed.toString()
    await showForm(visit, { title: `Change ${kind.name(record, visit)}`, typed, version, was })
  }

  async function change(visit: OfficeVisit): Promise<void> {
    const typed = await visit.form()
    const version = Number(typed.get('version'))
    const was = typed.get('was') ?? ''
    const titleOf = async () => `Change ${kind.name((await read(visit)).record, visit)}`
    if (typed.get('do') !== 'save') return showForm(visit, { title: await titleOf(), typed, version, was })
    try {
      const body = kind.body(visit, typed, true)
      await visit.api.send('PATCH', apiAddressOf(visit), { body, version })
      visit.go(addressOf(visit), 'saved')
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 412) return showBoth(visit, typed)
      const wrongs = wrongsOf(error, kind.words)
      await showForm(visit, { title: await titleOf(), typed, version, was, wrongs, status: 422 })
    }
  }

  /** Somebody else changed it meanwhile: both versions side by side, and nothing that was typed is lost. */
  async function showBoth(visit: OfficeVisit, typed: URLSearchParams): Promise<void> {
    const { record, version } = await read(visit)
    const current = kind.typed(record, visit)
    const { form, collides } = mergeEdit({
      was: typed.get('was'),
      typed,
      current,
      ...(kind.together && { together: kind.together }),
    })
    const [theirs, yours] = await Promise.all([kind.facts(visit, current), kind.facts(visit, form)])
    await showForm(visit, {
      title: `Change ${kind.name(record, visit)}`,
      status: 409,
      typed: form,
      version,
      was: current.toString(),
      leave: 'Keep what is there',
      above: html`<section class="card" aria-labelledby="both">
        <div class="notice warning" role="alert"><strong id="both">Somebody else changed this while you were typing.</strong>
          Nothing of yours is saved yet, and nothing is lost. ${
            collides
              ? 'You both changed the same thing: compare, and put into the form what should hold.'
              : 'What you did not touch is as they left it. Look it over and save.'
          }</div>
        ${versions(theirs, yours)}
      </section>`,
    })
  }

  /** @param o.isKept other records name it, so that there is nothing to press */
  async function askDelete(visit: OfficeVisit, o: { wrong?: string; isKept?: boolean } = {}): Promise<void> {
    const { record, version } = await read(visit)
    const name = kind.name(record, visit)
    visit.page({
      title: `Delete ${name}?`,
      status: o.wrong ? 409 : 200,
      body: html`${o.wrong ? html`<p class="notice danger" role="alert" tabindex="-1" autofocus>${o.wrong}</p>` : ''}
      <form class="card" method="post" action="${addressOf(visit)}/delete">
        <input type="hidden" name="version" value="${version}">
        ${factList(await kind.facts(visit, kind.typed(record, visit)))}
        <p>${kind.farewell}</p>
        <div class="actions">${o.isKept ? '' : html`<button class="danger">Delete this ${one}</button>`}
          <a class="button quiet" href="${addressOf(visit)}">Keep it</a></div>
      </form>`,
    })
  }

  async function remove(visit: OfficeVisit): Promise<void> {
    const version = Number((await visit.form()).get('version'))
    const { record } = await read(visit)
    try {
      await visit.api.send('DELETE', apiAddressOf(visit), { version })
      visit.go(homeOf(record), 'deleted')
    } catch (error) {
      if (!(error instanceof ApiProblem) || ![409, 412].includes(error.status)) throw error
      const changed = 'Somebody changed this meanwhile. Look at it once more before you delete it.'
      await askDelete(
        visit,
        error.status === 412
          ? { wrong: changed }
          : { wrong: `This cannot be deleted. ${sentence(error.message)}`, isKept: true },
      )
    }
  }

  return [
    { method: 'get', path: `${path}/new`, permission: kind.update, handle: begin },
    { method: 'post', path, permission: kind.update, handle: create },
    { method: 'get', path: `${path}/:id`, permission: kind.read, handle: show },
    { method: 'get', path: `${path}/:id/edit`, permission: kind.update, handle: edit },
    { method: 'post', path: `${path}/:id`, permission: kind.update, handle: change },
    {
      method: 'get',
      path: `${path}/:id/delete`,
      permission: kind.update,
      handle: (visit) => askDelete(visit),
    },
    { method: 'post', path: `${path}/:id/delete`, permission: kind.update, handle: remove },
  ]
}

interface FormState {
  title: string
  typed: URLSearchParams
  /** Of the record that is changed; a new one has none. */
  version?: number
  /** As it was when the form was made. */
  was?: string
  wrongs?: Wrongs
  status?: number
  above?: Html
  leave?: string
}

/** What the API refused, by field. @throws what is no matter of the form */
function wrongsOf(error: unknown, words: ReadonlyMap<string, string> = new Map()): Wrongs {
  if (!(error instanceof ApiProblem) || ![409, 422].includes(error.status)) throw error
  if (error.fields.size === 0) return new Map([['', error.message]])
  return new Map(
    [...error.fields].map(([name, message]) => [name, words.get(name.replace(/\.\d+/, '')) ?? message]),
  )
}

function factList(facts: readonly Fact[]): Html {
  return html`<dl class="facts">${facts.map(({ label, text }) => html`<dt>${label}</dt><dd>${text}</dd>`)}</dl>`
}

function versions(theirs: readonly Fact[], yours: readonly Fact[]): Html {
  const plain = (text: Html | string | undefined) => (typeof text === 'object' ? text.html : text)
  return html`<table class="figures versions">
    <thead><tr><th scope="col"><span class="unseen">What</span></th><th scope="col">As it is now</th><th scope="col">As you would save it</th></tr></thead>
    <tbody>${theirs.map(({ label, text }, index) => {
      const mine = yours[index]?.text
      const differs = plain(text) !== plain(mine)
      return html`<tr${differs ? html` class="differs"` : ''}><th scope="row">${label}${differs ? html` <span class="unseen">(differs)</span>` : ''}</th><td>${text}</td><td>${mine}</td></tr>`
    })}</tbody>
  </table>`
}

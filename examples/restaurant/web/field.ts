/**
 * One question of a form: its label, what was typed, and beside it what is wrong with that. Whatever was typed
 * is shown again, however wrong it is: nobody types twice.
 */
import { type Html, html } from './html.ts'

export interface Choice {
  value: string
  label: string
}

export interface Field {
  name: string
  /** Where several have one name; default: the name. */
  id?: string
  label: string
  value?: string | undefined
  type?: 'text' | 'email' | 'tel' | 'date' | 'time' | 'datetime-local' | 'number' | 'search'
  hint?: string
  error?: string | undefined
  required?: boolean
  autocomplete?: string
  maxLength?: number
  placeholder?: string
  min?: string
  max?: string
  /** A choice of these instead of typing. */
  choices?: readonly Choice[]
  /** A text of several lines. */
  long?: boolean
  /** A field of a search: nobody wonders whether it must be filled. */
  plain?: boolean
  /** Only for who cannot see where the field stands. */
  unseenLabel?: boolean
}

export function field(o: Field): Html {
  const id = `f-${o.id ?? o.name}`
  const described = [o.hint && `${id}-hint`, o.error && `${id}-wrong`].filter(Boolean).join(' ')
  return html`<div class="field">
    <label for="${id}"${o.unseenLabel ? html` class="unseen"` : ''}>${o.label}${o.required || o.plain || o.unseenLabel ? '' : html` <span class="quiet">if you like</span>`}</label>
    ${o.hint ? html`<p class="hint" id="${id}-hint">${o.hint}</p>` : ''}
    ${control(o, id, described)}
    ${o.error ? html`<p class="wrong" id="${id}-wrong">${sentence(o.error)}</p>` : ''}
  </div>`
}

function control(o: Field, id: string, described: string): Html {
  const shared = html`id="${id}" name="${o.name}"${o.required ? html` required` : ''}${described ? html` aria-describedby="${described}"` : ''}${o.error ? html` aria-invalid="true"` : ''}${o.autocomplete ? html` autocomplete="${o.autocomplete}"` : ''}`
  if (o.choices)
    return html`<select class="input" ${shared}>${o.choices.map((choice) => option(choice, o.value))}</select>`
  const limit = o.maxLength ? html` maxlength="${o.maxLength}"` : ''
  if (o.long)
    return html`<textarea class="input" rows="3" ${shared}${limit}>
${o.value}</textarea>`
  return html`<input class="input" type="${o.type ?? 'text'}" value="${o.value ?? ''}" ${shared}${limit}${o.placeholder ? html` placeholder="${o.placeholder}"` : ''}${o.min ? html` min="${o.min}"` : ''}${o.max ? html` max="${o.max}"` : ''}>`
}

export function option({ value, label }: Choice, chosen: string | undefined): Html {
  return html`<option value="${value}"${value === chosen ? html` selected` : ''}>${label}</option>`
}

/** What is wrong with a form, by the name of the field. */
export type Wrongs = ReadonlyMap<string, string>

export const NOTHING_WRONG: Wrongs = new Map()

/** What stands above a refused form: what is wrong, each as a way to its field. */
export function refusal(
  wrongs: Wrongs,
  labels: ReadonlyMap<string, string>,
  title = 'That could not be saved yet.',
): Html {
  if (wrongs.size === 0) return html``
  const labelOf = (name: string) => labels.get(name) ?? labels.get(name.split('.')[0] ?? '')
  const general = [...wrongs].filter(([name]) => !labelOf(name))
  const named = [...wrongs].filter(([name]) => labelOf(name))
  return html`<div class="notice danger" role="alert" tabindex="-1" autofocus><strong>${title}</strong>
    ${general.map(([, message]) => html`<p>${sentence(message)}</p>`)}
    ${named.length > 0 ? html`<ul>${named.map(([name, message]) => html`<li><a href="#f-${name}">${labelOf(name)}</a>: ${message}</li>`)}</ul>` : ''}</div>`
}

export function labelsOf(fields: readonly Field[]): ReadonlyMap<string, string> {
  return new Map(fields.map(({ name, label }) => [name, label]))
}

/** The API's words after a field's name, as they stand alone. */
export function sentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.!?]$/.test(message) ? '' : '.'}`
}

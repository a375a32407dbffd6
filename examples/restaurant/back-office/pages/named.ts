/** What records with a name have in common: a search, fields of text, and for people a name and a telephone. */

import { type Field, field, type Wrongs } from '../../web/field.ts'
import { html } from '../../web/html.ts'
import type { OfficeVisit } from './office-visit.ts'
import type { Fact } from './record-kind.ts'

/** The search of a list by the beginning of a name, or of an email. */
export async function nameSearch(_: OfficeVisit, typed: URLSearchParams) {
  return html`<div class="grow">${field({
    name: 'q',
    label: 'Search by name',
    type: 'search',
    value: typed.get('q') ?? '',
    maxLength: 100,
    unseenLabel: true,
    placeholder: 'Beginning of a name',
  })}</div>`
}

/** The fields with what was typed, and what is wrong beside each. */
export function fieldsOf(list: readonly Field[], typed: URLSearchParams, wrongs: Wrongs) {
  return list.map((one) => field({ ...one, value: typed.get(one.name) ?? '', error: wrongs.get(one.name) }))
}

/** The same for a person, whose two names stand side by side. */
export function personFieldsOf(list: readonly Field[], typed: URLSearchParams, wrongs: Wrongs) {
  const [first, last, ...rest] = fieldsOf(list, typed, wrongs)
  return html`<div class="pair">${[first, last]}</div>${rest}`
}

/** What was typed, by the labels of the fields. */
export function factsOf(list: readonly Field[], typed: URLSearchParams): Fact[] {
  return list.map(({ name, label, choices }) => {
    const value = typed.get(name) ?? ''
    return { label, text: choices?.find((choice) => choice.value === value)?.label ?? (value || '–') }
  })
}

/**
 * What was typed, for the API. An empty field that need not be filled is left out of a new record, and taken
 * away from one that is there (`null`, RFC 7396).
 */
export function bodyOf(list: readonly Field[], typed: URLSearchParams, change: boolean) {
  const body: Record<string, string | null> = {}
  for (const { name, required } of list) {
    const value = typed.get(name)?.trim() ?? ''
    if (value || required) body[name] = value
    else if (change) body[name] = null
  }
  return body
}

/** A record as its form has it. */
export function typedOf(list: readonly Field[], record: object): URLSearchParams {
  const values = record as Record<string, string | boolean | undefined>
  return new URLSearchParams(list.map(({ name }) => [name, String(values[name] ?? '')]))
}

export const NAME_FIELDS: readonly Field[] = [
  { name: 'firstName', label: 'First name', required: true, maxLength: 60, autocomplete: 'off' },
  { name: 'lastName', label: 'Last name', required: true, maxLength: 60, autocomplete: 'off' },
]

export const PHONE_FIELD: Field = {
  name: 'phone',
  label: 'Telephone',
  type: 'tel',
  maxLength: 30,
  autocomplete: 'off',
}

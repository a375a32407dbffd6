/** The fields of a posted form, strictly: each once, in UTF-8, without NUL. */
import { malformed, maxFields } from './body.ts'

/** Field name to value; without a prototype. */
export type Fields = Record<string, string>

/** Parses `application/x-www-form-urlencoded` (WHATWG URL, 5.1), but refuses what that would mend. */
export function parseUrlencoded(text: string): Fields {
  const fields: Fields = Object.create(null)
  if (text === '') return fields
  const pairs = text.split('&')
  if (pairs.length > maxFields) throw malformed(`more than ${maxFields} fields`)
  for (const pair of pairs) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const name = decode(at < 0 ? pair : pair.slice(0, at))
    addField(fields, name, at < 0 ? '' : decode(pair.slice(at + 1)))
  }
  return fields
}

/** @throws MaitredError `bad_request` for a field that stands there already or holds a NUL. */
export function addField(fields: Fields, name: string, value: string): void {
  if (name in fields) throw malformed(`the field ${JSON.stringify(name.slice(0, 40))} stands there twice`)
  if (name.includes('\0') || value.includes('\0')) throw malformed('a NUL in a field')
  fields[name] = value
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw malformed('a field is not percent-encoded UTF-8')
  }
}

/** JSON as a stranger sends it: no name twice, no NUL, no prototype, neither deep nor broad. */
import { malformed, maxDepth, maxFields } from './body.ts'

/** @throws MaitredError `bad_request` */
export function parseJson(text: string): unknown {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Its message quotes the text, which may hold a password.
    throw malformed('the body is no JSON')
  }
  inspect(text)
  return value
}

/** `JSON.parse` lets the last of two equal names win; another reader of the same text may take the first. */
function inspect(text: string): void {
  const names: (Set<string> | undefined)[] = []
  let fields = 0
  for (const [token, string, colon] of text.matchAll(/("(?:[^"\\]+|\\.)*")(?:\s*(:))?|[{}[\]]/g)) {
    if (token === '{' || token === '[') {
      names.push(token === '{' ? new Set() : undefined)
      if (names.length > maxDepth) throw malformed(`deeper than ${maxDepth}`)
    } else if (string === undefined) {
      names.pop()
    } else {
      const plain: string = JSON.parse(string)
      if (plain.includes('\0')) throw malformed('a NUL in a text')
      if (colon === undefined) continue
      fields += 1
      if (fields > maxFields) throw malformed(`more than ${maxFields} fields`)
      addName(names.at(-1), plain)
    }
  }
}

function addName(names: Set<string> | undefined, name: string): void {
  if (name === '__proto__' || name === 'constructor' || name === 'prototype')
    throw malformed(`a field ${name}`)
  if (names?.has(name)) throw malformed(`the field ${JSON.stringify(name.slice(0, 40))} stands there twice`)
  names?.add(name)
}

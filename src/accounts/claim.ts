/** Writes by which a person takes and gives up an identifier; its document's `_id` makes it unique. */
import type { Write } from '../storage/storage.ts'
import { type Identifier, identifierId } from './identifier.ts'
import { identifierCollection } from './person.ts'

export function claim(identifier: Identifier, person: string): Write {
  const owned = { _id: identifierId(identifier), person }
  return { in: identifierCollection, insert: owned }
}

export function release(identifier: Identifier, person: string): Write {
  return { in: identifierCollection, take: { _id: identifierId(identifier), person } }
}

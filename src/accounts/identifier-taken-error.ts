/** What is said when an identifier belongs to somebody else. */
import { DuplicateKeyError } from '../storage/storage.ts'
import type { IdentifierKind } from './identifier.ts'
import { identifierCollection } from './person.ts'

/** `fields` names which one, so that a form can say it beside the field. */
export class IdentifierTakenError extends DuplicateKeyError {
  override readonly fields: Readonly<Record<string, string>>
  readonly kind: IdentifierKind

  constructor(kind: IdentifierKind, cause?: unknown) {
    super(identifierCollection.name, cause)
    this.name = 'IdentifierTakenError'
    this.kind = kind
    this.fields = { [kind]: 'error.field.taken' }
  }
}

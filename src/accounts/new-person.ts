/** From what a caller knows of a new person to the whole document. */
import { MaitredError } from '../errors.ts'
import { randomToken } from '../keys/keys.ts'
import { type Identifier, type IdentifierKind, identifierKinds, normaliseAs } from './identifier.ts'
import { type Person, personSchema } from './person.ts'

type Given = Omit<Person, 'revision' | 'password' | 'createdAt' | 'createdBy' | 'updatedAt' | 'updatedBy'>

/** What a caller may give of a new person; everything has a default. */
export type NewPerson = { [key in keyof Given]?: Given[key] | undefined } & {
  /** In clear, judged by the caller. */
  password?: string | undefined
  /** A PHC string, instead of `password`. */
  passwordHash?: string | undefined
  /** Who creates: a person's id; default the person itself. */
  by?: string | undefined
}

/** @throws MaitredError `invalid_form` naming the fields that are wrong */
export function completePerson(input: NewPerson, passwordHash: string | undefined, now: Date): Person {
  const { password: _password, passwordHash: _hash, by, ...given } = input
  const id = given._id ?? randomToken(16)
  const stated = Object.entries(given).filter(([, value]) => value !== undefined)
  const person = {
    emailVerified: false,
    status: 'active',
    roles: [],
    ...Object.fromEntries(stated),
    ...Object.fromEntries(normalisedIdentifiers(given).map(({ kind, value }) => [kind, value])),
    _id: id,
    revision: 1,
    ...(passwordHash !== undefined && { password: { hash: passwordHash, changedAt: now } }),
    createdAt: now,
    createdBy: by ?? id,
    updatedAt: now,
    updatedBy: by ?? id,
  }
  const checked = personSchema.safeParse(person)
  if (checked.success) return checked.data
  const fields = checked.error.issues.map((issue) => [issue.path.join('.'), 'error.field.invalid'])
  throw new MaitredError('invalid_form', { fields: Object.fromEntries(fields), cause: checked.error })
}

/** The identifiers that are given, each in its canonical form. */
export function normalisedIdentifiers(
  given: { [kind in IdentifierKind]?: string | undefined },
): Identifier[] {
  return identifierKinds.flatMap((kind) => {
    const typed = given[kind]
    return typed === undefined ? [] : [{ kind, value: normaliseAs(kind, typed) }]
  })
}

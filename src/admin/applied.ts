/**
 * Which person an entry of a state file was applied to, and what it gave them last: identifiers, password and
 * second factor. Who changes them afterwards keeps what they chose: the next `apply` sets them anew only when the
 * file itself says something new, and the plan says what stays as it was chosen.
 *
 * An entry is known by its key: its id, or else the first of its email, username and phone. So whoever moved to
 * another address is found again, and whoever takes the old one after them is not taken for them.
 *
 * The key outlives its person, as a hash: who deleted their account is not made anew, whatever else the entry says by
 * now. A new role, or new passwords for all, are no word about who left; and who signed up again since is somebody
 * else. Who is meant to come back gets an entry with another key: an id of its own.
 */
import { z } from 'zod'
import { sha256 } from '../keys/keys.ts'
import { defineCollection, type Write } from '../storage/storage.ts'
import type { DesiredPerson } from './document-schema.ts'

export const identifiers = ['email', 'username', 'phone'] as const
export type IdentifierKind = (typeof identifiers)[number]

const appliedSchema = z.strictObject({
  /** The person's id. */
  _id: z.string(),
  /** The hash that was set. */
  password: z.string().exactOptional(),
  /** A MAC of the secret that was set. */
  totp: z.string().exactOptional(),
  /** Hashes of the identifiers that were given. */
  email: z.string().exactOptional(),
  username: z.string().exactOptional(),
  phone: z.string().exactOptional(),
})

export type Applied = z.infer<typeof appliedSchema>

export const appliedCollection = defineCollection<Applied>({ name: 'applied', schema: appliedSchema })

const entrySchema = z.strictObject({ _id: z.string(), person: z.string() })

/** By the hash of an entry's key: the person that it was applied to, who may be gone. */
export const entryCollection = defineCollection<z.infer<typeof entrySchema>>({
  name: 'appliedEntries',
  schema: entrySchema,
  index: [['person']],
})

/** To stand in the batch that deletes a person. Their entry's key stays. */
export function forgetApplied(person: string): Write {
  return { in: appliedCollection, remove: { _id: person } }
}

/** What is noted of an entry; the secrets it gave are noted when they are set. */
export function noteEntry(person: string, desired: DesiredPerson, secrets: Partial<Applied> = {}): Write[] {
  const given = { ...givenIdentifiers(desired), ...secrets }
  const entry = { _id: entryKey(desired), person }
  return [
    // One key for each person: a key that the file uses no longer may be another's.
    { in: entryCollection, remove: { person } },
    { in: entryCollection, put: entry },
    noteApplied(person, given),
  ]
}

export function noteApplied(person: string, what: Omit<Applied, '_id'>): Write {
  return {
    in: appliedCollection,
    update: { _id: person },
    change: { $set: what },
    insert: { _id: person, ...what },
  }
}

/** Not a MAC: it must be found again after a change of MAITRED_SECRET. */
export function entryKey(desired: DesiredPerson): string {
  const kind = (['id', ...identifiers] as const).find((name) => desired[name] !== undefined) ?? 'id'
  return sha256(`${kind}:${desired[kind]}`)
}

/** Whether this identifier is the one that the file gave the last time. */
export function wasGiven(
  applied: Applied | undefined,
  kind: IdentifierKind,
  desired: DesiredPerson,
): boolean {
  const given = applied?.[kind]
  return given !== undefined && given === givenIdentifiers(desired)[kind]
}

function givenIdentifiers(desired: DesiredPerson): Partial<Record<IdentifierKind, string>> {
  return Object.fromEntries(
    identifiers.flatMap((kind) => (desired[kind] === undefined ? [] : [[kind, sha256(desired[kind])]])),
  )
}

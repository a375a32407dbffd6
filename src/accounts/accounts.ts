/**
 * People: who they are, how they are found, and the secrets they prove themselves with. This room writes
 * every person's document and keeps its promises (unique identifiers, one-use tickets, hashed passwords).
 * It knows no page, no protocol and no role's meaning.
 */
import { MaitredError } from '../errors.ts'
import type { AnyCollectionSpec, Change, Match, Store, Write } from '../storage/storage.ts'
import { claim } from './claim.ts'
import { commit } from './commit.ts'
import { type Hasher, unknownHash } from './hasher.ts'
import { readIdentifier } from './identifier.ts'
import { IdentifierTakenError } from './identifier-taken-error.ts'
import { moveIdentifiers, type WantedIdentifiers } from './move-identifiers.ts'
import { completePerson, type NewPerson, normalisedIdentifiers } from './new-person.ts'
import { identifierCollection, type Person, personCollection, type RoleCopy } from './person.ts'
import { pictureCollection } from './pictures.ts'
import { sessionCollection } from './sessions.ts'
import { type TicketPurpose, ticketCollection, voidTickets } from './tickets.ts'

export { giveSessionsAnEnd } from './give-sessions-an-end.ts'
export { createHasher, type Hasher } from './hasher.ts'
export {
  type Identifier,
  normaliseEmail,
  normalisePhone,
  normaliseUsername,
  readIdentifier,
} from './identifier.ts'
export { IdentifierTakenError } from './identifier-taken-error.ts'
export { judgePassword, passwordLimits } from './judge-password.ts'
export { type KnownPeople, openKnownPeople } from './known-people.ts'
export type { NewPerson } from './new-person.ts'
export { addressSchema, type Person, profileSchema, type RoleCopy } from './person.ts'
export { cleanPicture, largestPicture, type Picture } from './picture/clean-picture.ts'
export { createPictures, type Pictures } from './pictures.ts'
export {
  createSessions,
  isPast,
  SESSION_GRACE,
  type SessionDocument,
  type Sessions,
  sessionCollection,
} from './sessions.ts'
export {
  createTickets,
  type NewTicket,
  type Ticket,
  type TicketPurpose,
  type Tickets,
  ticketCollection,
  voidTickets,
} from './tickets.ts'

export const collections: readonly AnyCollectionSpec[] = [
  personCollection,
  identifierCollection,
  ticketCollection,
  pictureCollection,
  sessionCollection,
]

export interface Accounts {
  find(id: string): Promise<Person | undefined>
  /** One read, by whatever the person typed into a sign-in field. */
  findByIdentifier(typed: string): Promise<Person | undefined>
  /** Who holds a role, by id; at most `limit` (default and bound 1,000) after that id. */
  holders(role: string, o?: { after?: string; limit?: number }): Promise<Person[]>
  /**
   * Writes the person, their identifiers and `also` in one batch.
   * @throws IdentifierTakenError
   * @throws MaitredError `invalid_form` naming the field
   * @throws BatchError whose index is that in `also`
   */
  create(input: NewPerson, also?: readonly Write[]): Promise<Person>
  /**
   * Changes one person while `match` holds, with `also` in the same batch; `undefined` when it no longer does.
   * Stamps `updatedAt` and `revision`, and `updatedBy` with the person itself unless the change sets it.
   * Identifiers, roles and the password have verbs of their own.
   * @throws BatchError whose index is that in `also`
   */
  change(id: string, match: Match, change: Change, also?: readonly Write[]): Promise<Person | undefined>
  /** Replaces a proven address by another proven one, and voids what was mailed to the old. As `changeIdentifiers`. */
  changeEmail(person: Person, email: string, also?: readonly Write[]): Promise<Person>
  /**
   * Gives, moves or (by `null`) removes identifiers, with a further change in the same batch.
   * @throws IdentifierTakenError
   * @throws MaitredError `conflict` when one of them changed in the meantime; `invalid_form` naming the field
   */
  changeIdentifiers(
    person: Person,
    wanted: WantedIdentifiers,
    change?: Change,
    also?: readonly Write[],
  ): Promise<Person>
  /**
   * Replaces the copies of roles; `undefined` when the document changed since it was read.
   * @param by who gives or takes roles; absent, the same roles are only copied anew
   */
  setRoles(
    person: Person,
    roles: RoleCopy[],
    by?: string,
    also?: readonly Write[],
  ): Promise<Person | undefined>
  /**
   * Costs the same whether or not the person exists or has a password; upgrades a hash made with other
   * parameters. @throws MaitredError `busy`
   */
  checkPassword(person: Person | undefined, password: string): Promise<boolean>
  /**
   * Sets a judged password and voids reset links. What must see the moment of the change, not the one before the slow
   * hash (sessions to end), comes as a function, which is told `changedAt`.
   * @throws MaitredError `conflict` when the person is gone, or has another password than when they were read: who
   * proved the old one must not undo the newer
   */
  setPassword(
    person: Person,
    password: string,
    also?: readonly Write[] | ((changedAt: Date) => Promise<readonly Write[]>),
    by?: string,
  ): Promise<Person>
  /** As `setPassword`, by a PHC string that was made elsewhere. @throws MaitredError `invalid_form` for `passwordHash` */
  setPasswordHash(person: Person, hash: string, also?: readonly Write[], by?: string): Promise<Person>
  /**
   * A guard for another batch: this person is still as `match` says. It counts as a change, so that two batches
   * that rely on each other's person collide.
   */
  requireWrite(id: string, match: Match): Write
  /** Removes the person, their identifiers, tickets and pictures; what others keep comes in `also`. */
  remove(person: Person, also?: readonly Write[]): Promise<void>
}

/** What `change` must not touch: each has a second place that must agree with it. */
const ownVerb = ['email', 'username', 'phone', 'roles', 'revision', 'password']

export function createAccounts(o: { store: Store; hasher: Hasher; now: () => Date }): Accounts {
  const { store, hasher, now } = o
  const people = store.collection(personCollection)
  const nobodysHash = unknownHash()

  function stamp(by: string, change: Change): Change {
    return {
      ...change,
      $set: { updatedAt: now(), updatedBy: by, ...change.$set },
      $inc: { revision: 1, ...change.$inc },
    }
  }

  async function update(
    id: string,
    match: Match,
    change: Change,
    also: readonly Write[] = [],
    last: readonly Write[] = [],
  ): Promise<Person | undefined> {
    const guard = { ...match, _id: id }
    if (also.length + last.length === 0) return people.update(guard, change)
    const own = [{ in: personCollection, update: guard, change }]
    const { failed } = await commit(store, { own, also, last })
    return failed ? undefined : people.get(id)
  }

  async function changeIdentifiers(
    person: Person,
    wanted: WantedIdentifiers,
    change: Change = {},
    also: readonly Write[] = [],
  ): Promise<Person> {
    const id = person._id
    const move = moveIdentifiers(person, wanted)
    const whole = stamp(id, {
      ...change,
      $set: { ...change.$set, ...move.change.$set },
      $unset: { ...change.$unset, ...move.change.$unset },
    })
    const own = [{ in: personCollection, update: { ...move.match, _id: id }, change: whole }, ...move.writes]
    const last = move.match.email === undefined ? [] : [voidTickets(id, mailedToAddress)]
    const { failed, cause } = await commit(store, { own, also, last })
    const taken = failed && move.claims.get(failed)
    if (taken) throw new IdentifierTakenError(taken.kind, cause)
    const changed = failed ? undefined : await people.get(id)
    if (!changed) throw new MaitredError('conflict', { cause })
    return changed
  }

  async function upgrade(person: Person, old: string, password: string): Promise<void> {
    try {
      const $set = { 'password.hash': await hasher.hash(password) }
      await people.update({ _id: person._id, 'password.hash': old }, { $set, $inc: { revision: 1 } })
    } catch (error) {
      // the password was right; a hash that could not be renewed in the rush is renewed the next time
      if (!(error instanceof MaitredError) || error.code !== 'busy') throw error
    }
  }

  /** Better now than at the first sign-in. */
  function refuseUnknown(hash: string): void {
    if (hasher.knows(hash)) return
    throw new MaitredError('invalid_form', { fields: { passwordHash: 'error.field.invalid' } })
  }

  async function replacePassword(
    person: Person,
    password: NonNullable<Person['password']>,
    also?: readonly Write[],
    by = person._id,
  ): Promise<Person> {
    const last = [voidTickets(person._id, mailedForPassword)]
    const change = stamp(by, { $set: { password } })
    const changed = await update(person._id, samePassword(person), change, also, last)
    if (!changed) throw new MaitredError('conflict')
    return changed
  }

  return {
    find: (id) => people.get(id),
    async findByIdentifier(typed) {
      const identifier = readIdentifier(typed)
      if (!identifier) return undefined
      const [person] = await people.find({ [identifier.kind]: identifier.value }, { limit: 1 })
      return person
    },
    holders(role, { after, limit = 1_000 } = {}) {
      const page = after === undefined ? { limit } : { limit, after: { value: after, id: after } }
      return people.find({ 'roles.id': role }, page)
    },
    async create(input, also = []) {
      const hash = input.password === undefined ? input.passwordHash : await hasher.hash(input.password)
      if (hash !== undefined) refuseUnknown(hash)
      const person = completePerson(input, hash, now())
      const identifiers = normalisedIdentifiers(person)
      const claims = identifiers.map((identifier) => claim(identifier, person._id))
      const own = [...claims, { in: personCollection, insert: person }]
      const { failed, cause } = await commit(store, { own, also })
      if (!failed) return person
      const taken = identifiers[own.indexOf(failed)]
      throw taken ? new IdentifierTakenError(taken.kind, cause) : cause
    },
    async change(id, match, change, also) {
      const named = [...Object.keys(change.$set ?? {}), ...Object.keys(change.$unset ?? {})]
      const refused = named.find((path) => ownVerb.includes(path.split('.', 1)[0] ?? ''))
      if (refused !== undefined) {
        throw new MaitredError('internal', {
          cause: new Error(`change() of a person must not set ${refused}`),
        })
      }
      return update(id, match, stamp(id, change), also)
    },
    changeEmail: (person, email, also) =>
      changeIdentifiers(person, { email }, { $set: { emailVerified: true } }, also),
    changeIdentifiers,
    setRoles(person, roles, by, also) {
      // who refreshes copies does not change the person
      const change =
        by === undefined ? { $set: { roles }, $inc: { revision: 1 } } : stamp(by, { $set: { roles } })
      return update(person._id, { revision: person.revision }, change, also)
    },
    async checkPassword(person, password) {
      const hash = person?.password?.hash
      const isRight = await hasher.verify(hash ?? nobodysHash, password)
      if (!isRight || !person || hash === undefined) return false
      if (hasher.needsRehash(hash)) await upgrade(person, hash, password)
      return true
    },
    async setPassword(person, password, also, by) {
      const hash = await hasher.hash(password)
      const changedAt = now()
      const writes = typeof also === 'function' ? await also(changedAt) : also
      return replacePassword(person, { hash, changedAt }, writes, by)
    },
    async setPasswordHash(person, hash, also, by) {
      refuseUnknown(hash)
      return replacePassword(person, { hash, changedAt: now() }, also, by)
    },
    requireWrite: (id, match) => ({
      in: personCollection,
      update: { ...match, _id: id },
      change: { $inc: { revision: 1 } },
    }),
    async remove(person, also) {
      const id = person._id
      const own = [{ in: personCollection, take: { _id: id } }]
      const last = [
        { in: identifierCollection, remove: { person: id } },
        { in: pictureCollection, remove: { person: id } },
        voidTickets(id),
      ]
      const { failed, cause } = await commit(store, { own, also: also ?? [], last })
      if (failed) throw new MaitredError('not_found', { cause })
    },
  }
}

/** Holds until another password is set; a hash that was only renewed is the same password. */
function samePassword({ password }: Person): Match {
  return password ? { 'password.changedAt': password.changedAt } : { password: { $exists: false } }
}

/** What a change of the address voids, and what a change of the password voids. */
const mailedToAddress: readonly TicketPurpose[] = ['reset', 'verify', 'change-email']
const mailedForPassword: readonly TicketPurpose[] = ['reset', 'admin-invite']

/** The step that brings one person to what a file says of them. What it does not say stays. */
import type { Accounts, Hasher, Person } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { randomToken, type Vault } from '../keys/keys.ts'
import type { Roles } from '../orgs/orgs.ts'
import type { Totp } from '../plugins/plugins.ts'
import { BatchError, type Change, type Store, type Write } from '../storage/storage.ts'
import { type Applied, identifiers, noteApplied, noteEntry, wasGiven } from './applied.ts'
import { compare } from './compare.ts'
import type { DesiredPerson } from './document-schema.ts'
import { createFindPerson, type Found } from './find-person.ts'
import { type FieldChange, type Step, toStep } from './plan.ts'

export interface PersonOptions {
  store: Pick<Store, 'collection' | 'batch'>
  accounts: Accounts
  roles: Pick<Roles, 'copy'>
  hasher: Pick<Hasher, 'hash' | 'verify'>
  vault: Pick<Vault, 'mac'>
  events: Pick<Events, 'record'>
  /** Makes an enrolment of a secret from elsewhere. */
  totp: Pick<Totp, 'adopt'>
  now: () => Date
  /** Refuses the access tokens that a person has. */
  revokeTokens(person: string): Write
  /** Writes that end a person's sessions. */
  endSessions(person: string): Promise<Write[]>
  /** Writes by which nothing that failed before is held against a person. */
  forgive(person: Person): Write[]
  by: string
}

export interface PersonStep extends Step {
  /** The id of whom the entry is about, when they are there. */
  person?: string | undefined
  /** The entry's id and identifiers belong to different people. */
  clash: boolean
}

const profile = ['firstName', 'lastName', 'address', 'birthdate', 'language', 'status', 'mfa'] as const
const attempts = 3

export function createDesirePerson(o: PersonOptions): (desired: DesiredPerson) => Promise<PersonStep> {
  const { accounts, roles, hasher, vault, events, by } = o
  const findPerson = createFindPerson(o)

  async function desire(desired: DesiredPerson, attempt = 1): Promise<PersonStep> {
    const found = await findPerson(desired)
    const { person, isGone, clash, isNoted } = found
    const target = { kind: 'person' as const, id: nameOf(desired), exists: person !== undefined }
    if (isGone) return { item: { ...target, action: 'leave', changes: [] }, clash }
    const stays = identifiers.filter((kind) => person && isTheirs(kind, desired, found))
    const changes = await compareWith(desired, found, stays)
    const run = async () => {
      try {
        if (!person) return await create(desired)
        await change(person, desired, changes)
        if (!isNoted) await note(person, desired)
      } catch (error) {
        // Somebody else changed the person meanwhile: look again, with what they left.
        if (!(error instanceof MaitredError) || error.code !== 'conflict' || attempt === attempts) throw error
        await (await desire(desired, attempt + 1)).run?.()
      }
    }
    const { item } = toStep(target, changes, run)
    if (stays.length > 0) item.stays = stays.map((field) => ({ field, from: person?.[field] }))
    const isDone = item.action === 'keep' && isNoted
    return { item, clash, person: person?._id, ...(!isDone && { run }) }
  }

  /** An identifier that was changed since the file gave another one, and of which it says nothing new. */
  function isTheirs(kind: (typeof identifiers)[number], desired: DesiredPerson, { person, applied }: Found) {
    return wasGiven(applied, kind, desired) && person?.[kind] !== desired[kind]
  }

  async function note({ _id }: Person, desired: DesiredPerson): Promise<void> {
    try {
      await o.store.batch([accounts.requireWrite(_id, {}), ...noteEntry(_id, desired)])
    } catch (cause) {
      throw cause instanceof BatchError ? new MaitredError('conflict', { cause }) : cause
    }
  }

  async function compareWith(
    desired: DesiredPerson,
    { person, applied }: Found,
    stays: readonly string[],
  ): Promise<FieldChange[]> {
    const given = [...identifiers, ...profile].filter((field) => desired[field] !== undefined)
    const isAddressOfFile = desired.email !== undefined && !stays.includes('email')
    const named = [
      ...given.filter((field) => !stays.includes(field)),
      ...(isAddressOfFile ? ['emailVerified'] : []),
    ]
    const changes = compare(person, desired, named)
    if (desired.roles) {
      const before = person && { roles: person.roles.map(({ id }) => id).sort() }
      changes.push(...compare(before, { roles: [...new Set(desired.roles)].sort() }, ['roles']))
    }
    if (!(await isPasswordGiven(desired, person, applied))) changes.push({ field: 'password', secret: true })
    if (desired.totp && applied?.totp !== totpMac(desired.totp)) changes.push({ field: 'totp', secret: true })
    return changes
  }

  /** Whether the file asks for no password, for the one it gave last, or for the one the person has. */
  async function isPasswordGiven(
    { password, passwordHash }: DesiredPerson,
    person: Person | undefined,
    applied: Applied | undefined,
  ): Promise<boolean> {
    const hashes = [applied?.password, person?.password?.hash].filter((hash) => hash !== undefined)
    if (passwordHash !== undefined) return hashes.includes(passwordHash)
    if (password === undefined) return true
    for (const hash of hashes) if (await hasher.verify(hash, password)) return true
    return false
  }

  const totpMac = (secret: string) => vault.mac('applied-totp', secret)

  function adopt(secret: string, desired: DesiredPerson): NonNullable<Person['totp']> {
    return o.totp.adopt(secret, { label: nameOf(desired), now: o.now() })
  }

  async function hashOf({ password, passwordHash }: DesiredPerson): Promise<string | undefined> {
    return password === undefined ? passwordHash : hasher.hash(password)
  }

  async function create(desired: DesiredPerson): Promise<void> {
    const { id = randomToken(16), password: _p, passwordHash: _h, roles: ids = [], totp, ...given } = desired
    const hash = await hashOf(desired)
    const noted = { ...(hash && { password: hash }), ...(totp && { totp: totpMac(totp) }) }
    const person = {
      ...given,
      _id: id,
      emailVerified: given.email !== undefined && given.emailVerified,
      roles: roles.copy([...new Set(ids)]),
      passwordHash: hash,
      ...(totp && { totp: adopt(totp, desired) }),
      by,
    }
    await accounts.create(person, [
      ...noteEntry(id, desired, noted),
      events.record({ type: 'account_created', person: id, actor: by }),
    ])
  }

  async function change(before: Person, desired: DesiredPerson, changes: FieldChange[]): Promise<void> {
    const id = before._id
    const has = (field: string) => changes.some((c) => c.field === field)
    const event = (type: Parameters<Events['record']>[0]['type']) =>
      events.record({ type, person: id, actor: by })
    let person = before

    const $set = pick(desired, [...profile, 'emailVerified'].filter(has))
    const moved = pick(desired, identifiers.filter(has))
    if (Object.keys({ ...$set, ...moved }).length > 0) {
      const isOut = has('status') && desired.status !== 'active'
      const ending = isOut ? [o.revokeTokens(id), ...(await o.endSessions(id))] : []
      const stamped: Change = { $set: { ...$set, updatedBy: by } }
      person = await accounts.changeIdentifiers(person, moved, stamped, [...ending, event('account_changed')])
    }
    if (desired.roles && has('roles')) {
      const copies = roles.copy([...new Set(desired.roles)])
      const changed = await accounts.setRoles(person, copies, by, [
        o.revokeTokens(id),
        event('roles_assigned'),
      ])
      if (!changed) throw new MaitredError('conflict')
      person = changed
    }
    const hash = has('password') ? await hashOf(desired) : undefined
    if (hash) {
      const ending = [o.revokeTokens(id), ...(await o.endSessions(id))]
      const noted = [noteApplied(id, { password: hash }), event('password_changed')]
      const also = [...noted, ...ending, ...o.forgive(person)]
      await accounts.setPasswordHash(person, hash, also, by)
    }
    if (desired.totp && has('totp')) {
      const enrolled: Change = { $set: { totp: adopt(desired.totp, desired), updatedBy: by } }
      const also = [noteApplied(id, { totp: totpMac(desired.totp) }), event('factor_enrolled')]
      if (!(await accounts.change(id, {}, enrolled, also))) throw new MaitredError('conflict')
    }
  }

  return (desired) => desire(desired)
}

function nameOf({ email, username, phone }: DesiredPerson): string {
  return email ?? username ?? phone ?? ''
}

function pick<T extends object>(from: T, fields: readonly string[]): Partial<T> {
  return Object.fromEntries(Object.entries(from).filter(([field]) => fields.includes(field))) as Partial<T>
}

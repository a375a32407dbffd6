/** The step that brings one person to what a file says of them. What it does not say stays. */
import type { Accounts, Hasher, Person } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { randomToken, type Vault } from '../keys/keys.ts'
import type { Roles } from '../orgs/orgs.ts'
import type { Totp } from '../plugins/plugins.ts'
import type { Change, Collection, Write } from '../storage/storage.ts'
import { type Applied, appliedCollection } from './applied.ts'
import { compare } from './compare.ts'
import type { DesiredPerson } from './document-schema.ts'
import { type FieldChange, type Step, toStep } from './plan.ts'

export interface PersonOptions {
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
  applied: Collection<Applied>
  by: string
}

type Desire = (desired: DesiredPerson) => Promise<Step & { clash?: boolean }>

const identifiers = ['email', 'username', 'phone'] as const
const profile = ['firstName', 'lastName', 'address', 'birthdate', 'language', 'status', 'mfa'] as const
const attempts = 3

/** @returns a function whose answer has `clash` when the entry's identifiers belong to different people */
export function createDesirePerson(o: PersonOptions): Desire {
  const { accounts, roles, hasher, vault, events, by } = o

  async function find(desired: DesiredPerson): Promise<Person[]> {
    const found = desired.id === undefined ? [] : [await accounts.find(desired.id)]
    for (const kind of identifiers) {
      const value = desired[kind]
      if (value !== undefined) found.push(await accounts.findByIdentifier(value))
    }
    return [...new Map(found.flatMap((person) => (person ? [[person._id, person] as const] : []))).values()]
  }

  async function desire(desired: DesiredPerson, attempt = 1): Promise<Step & { clash?: boolean }> {
    const [person, another] = await find(desired)
    const changes = await compareWith(desired, person)
    const target = { kind: 'person' as const, id: nameOf(desired), exists: person !== undefined }
    const step = toStep(target, changes, async () => {
      try {
        await (person ? change(person, desired, changes) : create(desired))
      } catch (error) {
        // Somebody else changed the person meanwhile: look again, with what they left.
        if (!(error instanceof MaitredError) || error.code !== 'conflict' || attempt === attempts) throw error
        await (await desire(desired, attempt + 1)).run?.()
      }
    })
    const clash = another !== undefined || (person && desired.id !== undefined && person._id !== desired.id)
    return clash ? { ...step, clash } : step
  }

  async function compareWith(desired: DesiredPerson, person: Person | undefined): Promise<FieldChange[]> {
    const named = [...identifiers, ...profile].filter((field) => desired[field] !== undefined)
    const changes = compare(person, desired, named)
    if (desired.email !== undefined) changes.push(...compare(person, desired, ['emailVerified']))
    if (desired.roles) {
      const before = person && { roles: person.roles.map(({ id }) => id).sort() }
      changes.push(...compare(before, { roles: [...new Set(desired.roles)].sort() }, ['roles']))
    }
    const applied = person && (await o.applied.get(person._id))
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

  function note(id: string, what: Omit<Applied, '_id'>): Write {
    return {
      in: appliedCollection,
      update: { _id: id },
      change: { $set: what },
      insert: { _id: id, ...what },
    }
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
      ...(Object.keys(noted).length > 0 ? [note(id, noted)] : []),
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
      const noted = [note(id, { password: hash }), event('password_changed')]
      const also = [...noted, ...ending, ...o.forgive(person)]
      await accounts.setPasswordHash(person, hash, also, by)
    }
    if (desired.totp && has('totp')) {
      const enrolled: Change = { $set: { totp: adopt(desired.totp, desired), updatedBy: by } }
      const also = [note(id, { totp: totpMac(desired.totp) }), event('factor_enrolled')]
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

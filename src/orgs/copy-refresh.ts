/**
 * Brings a changed role to everybody who embeds a copy of it. The role remembers how far that has got, so
 * the work is taken up again by whoever starts next, and two processes at it do no harm.
 */
import type { Accounts, Person, RoleCopy } from '../accounts/accounts.ts'
import type { Store } from '../storage/storage.ts'
import { roleCollection, type StoredRole } from './role.ts'

const pageSize = 100

export interface CopyRefreshOptions {
  store: Store
  accounts: Pick<Accounts, 'find' | 'holders' | 'setRoles'>
  stopped: () => boolean
}

export async function refreshCopies(id: string, o: CopyRefreshOptions): Promise<void> {
  const roles = o.store.collection(roleCollection)
  for (;;) {
    const role = await roles.get(id)
    if (!role || role.copiedVersion >= role.version || o.stopped()) return
    const isWhole = await refreshHolders(role, o)
    if (!isWhole) return
    // a version that came meanwhile fails this guard, and the next turn takes it up
    await roles.update({ _id: id, version: role.version }, { $set: { copiedVersion: role.version } })
  }
}

async function refreshHolders(role: StoredRole, o: CopyRefreshOptions): Promise<boolean> {
  let after: string | undefined
  for (;;) {
    if (o.stopped()) return false
    const page = await o.accounts.holders(role._id, {
      limit: pageSize,
      ...(after !== undefined && { after }),
    })
    await Promise.all(page.map((person) => refreshPerson(person, role, o)))
    after = page.at(-1)?._id
    if (page.length < pageSize || after === undefined) return true
  }
}

async function refreshPerson(
  read: Person,
  role: StoredRole,
  { accounts }: Pick<CopyRefreshOptions, 'accounts'>,
): Promise<void> {
  let person: Person | undefined = read
  while (person?.roles.some((copy) => isStale(copy, role))) {
    const copies: RoleCopy[] = person.roles.flatMap((copy) => {
      if (!isStale(copy, role)) return [copy]
      return role.removed ? [] : [copyOf(role)]
    })
    if (await accounts.setRoles(person, copies)) return
    person = await accounts.find(person._id)
  }
}

function isStale(copy: RoleCopy, role: StoredRole): boolean {
  return copy.id === role._id && (role.removed || copy.version < role.version)
}

export function copyOf(role: Pick<StoredRole, '_id' | 'version' | 'permissions' | 'mfa'>): RoleCopy {
  return { id: role._id, version: role.version, permissions: role.permissions, mfa: role.mfa }
}

/** Roles: kept in memory by a watch, so that a token or a decision costs no read. */
import { isDeepStrictEqual } from 'node:util'
import type { Accounts, Person, RoleCopy } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import { BatchError, type Store, type Write } from '../storage/storage.ts'
import { copyOf, refreshCopies } from './copy-refresh.ts'
import { type Role, roleCollection, roleSchema, type StoredRole } from './role.ts'

export interface Roles {
  get(id: string): Role | undefined
  /** By id. */
  list(): Role[]
  /** What a person embeds. @throws MaitredError `invalid_form` for the field `roles` when one does not exist */
  copy(ids: readonly string[]): RoleCopy[]
  /**
   * Creates or replaces a role. When what it allows changes, its version rises, one entry revokes the tokens
   * that carry it, and the copies follow in the background; the same role again changes nothing.
   * @throws MaitredError `invalid_form` naming the field; `conflict` when others keep changing it
   */
  put(role: Omit<Role, 'version'>): Promise<void>
  /** Takes it from everybody. */
  remove(id: string): Promise<void>
  /** What a person may do now: of each role the newer of the person's copy and ours. */
  effective(person: Pick<Person, 'roles'>): EffectiveRoles
  /** Reads one role again: before anything is issued under a newer revocation number. */
  reload(id: string): Promise<void>
  /** Resolves when no copies are being refreshed by this process. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export interface EffectiveRoles {
  roles: string[]
  /** Names of permissions for an API (and for all, `*`), sorted, each once. */
  permissionsFor(api: string): string[]
  /** Whether one of the roles needs a second factor. */
  mfa: boolean
}

export interface RolesOptions {
  store: Store
  accounts: Pick<Accounts, 'find' | 'holders' | 'setRoles'>
  /** The entry that revokes tokens which carry the role. */
  revoke: (role: string) => Write
  log: { error(o: object, text: string): void }
}

const attempts = 5

/** Loads all roles and takes up what an earlier process left unfinished. */
export async function openRoles(o: RolesOptions): Promise<Roles> {
  const stored = o.store.collection(roleCollection)
  const cache = new Map<string, StoredRole>()
  const work = new Set<Promise<void>>()
  let stopped = false
  const refreshing = { ...o, stopped: () => stopped }

  function learn(role: StoredRole): void {
    const known = cache.get(role._id)
    if (!known || known.version <= role.version) cache.set(role._id, role)
  }

  async function load(): Promise<void> {
    let page: StoredRole[]
    let after: string | undefined
    do {
      page = await stored.find({}, after === undefined ? {} : { after: { value: after, id: after } })
      for (const role of page) learn(role)
      after = page.at(-1)?._id
    } while (page.length === 1_000)
  }

  function inBackground(task: Promise<void>): void {
    const tracked = task
      .catch((error: unknown) =>
        o.log.error({ err: error }, 'refreshing roles stopped; the next start goes on'),
      )
      .finally(() => work.delete(tracked))
    work.add(tracked)
  }

  function refresh(id: string): void {
    inBackground(refreshCopies(id, refreshing))
  }

  /** Compare-and-set on the version: the last writer wins, and none is lost without a trace. */
  async function write(
    id: string,
    next: (before: StoredRole | undefined) => StoredRole | undefined,
  ): Promise<void> {
    for (let attempt = 0; attempt < attempts; attempt++) {
      const before = await stored.get(id)
      const role = next(before)
      if (!role) return
      const isNews = before !== undefined && role.version > before.version
      const { _id, ...$set } = role
      const main: Write = before
        ? { in: roleCollection, update: { _id, version: before.version }, change: changeTo($set) }
        : { in: roleCollection, insert: role }
      try {
        await o.store.batch(isNews ? [main, o.revoke(id)] : [main])
      } catch (error) {
        if (error instanceof BatchError && error.index === 0) continue
        throw error
      }
      learn(role)
      if (isNews) refresh(id)
      return
    }
    throw new MaitredError('conflict')
  }

  function live(id: string): StoredRole | undefined {
    const role = cache.get(id)
    return role?.removed ? undefined : role
  }

  const watching = await o.store.watch(roleCollection, undefined, (event) => {
    if (event.kind === 'lost') inBackground(load())
    else if (event.document) learn(event.document)
  })
  try {
    await load()
  } catch (error) {
    await watching.stop()
    throw error
  }
  for (const role of cache.values()) if (role.copiedVersion < role.version) refresh(role._id)

  return {
    get(id) {
      const role = live(id)
      return role && publicRole(role)
    },
    list() {
      const roles = [...cache.values()].filter((role) => !role.removed).map(publicRole)
      return roles.sort((a, b) => (a._id < b._id ? -1 : 1))
    },
    copy(ids) {
      return [...new Set(ids)].map((id) => {
        const role = live(id)
        if (!role) throw new MaitredError('invalid_form', { fields: { roles: 'error.field.invalid' } })
        return copyOf(role)
      })
    },
    async reload(id) {
      const role = await stored.get(id)
      if (role) learn(role)
    },
    async put(given) {
      const role = checked(given)
      // a role that is made again must not find holders from its former life
      if (cache.get(role._id)?.removed) await refreshCopies(role._id, refreshing)
      await write(role._id, (before) => {
        if (!before) return { ...role, version: 1, copiedVersion: 1, removed: false }
        const { version, copiedVersion } = before
        const isSame = !before.removed && isDeepStrictEqual(allows(before), allows(role))
        if (!isSame) return { ...role, version: version + 1, copiedVersion, removed: false }
        const unchanged = before.title === role.title && before.description === role.description
        return unchanged ? undefined : { ...role, version, copiedVersion, removed: false }
      })
    },
    async remove(id) {
      await write(id, (before) =>
        before && !before.removed
          ? { ...before, version: before.version + 1, permissions: [], mfa: false, removed: true }
          : undefined,
      )
    },
    effective({ roles: copies }) {
      const newest = copies.flatMap((copy): Omit<RoleCopy, 'version'>[] => {
        const known = cache.get(copy.id)
        // one that we do not know yet was made a moment ago by another process
        if (!known || known.version <= copy.version) return [copy]
        return known.removed ? [] : [copyOf(known)]
      })
      return {
        roles: newest.map(({ id }) => id),
        permissionsFor(api) {
          const permissions = newest.flatMap((role) => role.permissions)
          const names = permissions
            .filter((one) => one.api === api || one.api === '*')
            .flatMap((one) => one.names)
          return [...new Set(names)].sort()
        },
        mfa: newest.some((role) => role.mfa),
      }
    },
    async settled() {
      while (work.size > 0) await Promise.all(work)
    },
    async stop() {
      stopped = true
      await watching.stop()
      while (work.size > 0) await Promise.all(work)
    },
  }
}

function checked(given: Omit<Role, 'version'>): Role {
  const result = roleSchema.safeParse({ ...given, version: 0 })
  if (result.success) return result.data
  const fields = result.error.issues.map((issue) => [issue.path.join('.'), 'error.field.invalid'])
  throw new MaitredError('invalid_form', { fields: Object.fromEntries(fields), cause: result.error })
}

/** The part of a role that tokens and copies carry. */
function allows({ permissions, mfa }: Pick<Role, 'permissions' | 'mfa'>) {
  return { permissions, mfa }
}

function publicRole({ copiedVersion: _, removed: __, ...role }: StoredRole): Role {
  return role
}

/** A description that is no longer given goes. */
function changeTo($set: Omit<StoredRole, '_id'>) {
  return $set.description === undefined ? { $set, $unset: { description: true as const } } : { $set }
}

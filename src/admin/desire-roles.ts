/** The steps that bring the roles to what a file says of them. */
import type { Roles } from '../orgs/orgs.ts'
import { compare } from './compare.ts'
import type { StateDocument } from './document.ts'
import { type Step, toStep } from './plan.ts'

type Permissions = { api: string; names: string[] }[]

export function desireRoles(document: StateDocument, roles: Pick<Roles, 'get' | 'put'>): Step[] {
  return Object.entries(document.roles).map(([id, { title, description, mfa, permissions }]) => {
    const before = roles.get(id)
    const after = {
      _id: id,
      title,
      ...(description !== undefined && { description }),
      mfa,
      permissions: Object.entries(permissions).map(([api, names]) => ({ api, names })),
    }
    const changes = compare(before && comparable(before), comparable(after), [
      'title',
      'description',
      'mfa',
      'permissions',
    ])
    return toStep({ kind: 'role', id, exists: before !== undefined }, changes, () => roles.put(after))
  })
}

/** Another order is no change: it would make tokens invalid for nothing. */
function comparable<T extends { permissions: Permissions }>(role: T) {
  const sorted = role.permissions.map(({ api, names }) => [api, [...new Set(names)].sort()] as const)
  return { ...role, permissions: Object.fromEntries(sorted.toSorted(([a], [b]) => (a < b ? -1 : 1))) }
}

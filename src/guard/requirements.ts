/** What a route can ask of its caller, the same for every framework. */
import type { Caller } from './caller.ts'

/** What the caller lacks, for people to read; `undefined` when nothing. */
export type Need<Context> = (caller: Caller, context: Context) => string | undefined

export interface RoleOptions<Context> {
  /** The organisation that the request is about, from its path for instance; `undefined` refuses. */
  organisation?: (context: Context) => string | undefined
}

/** Each makes a middleware, in the framework's own form. */
export interface Requirements<Context, Middleware> {
  /** A token that holds, whoever's it is. */
  requireToken(): Middleware
  /**
   * One of these roles. With `organisation` it is a role within that organisation, the one that the token is for;
   * roles elsewhere and roles without organisation do not count there.
   */
  requireRole(role: string | readonly string[], options?: RoleOptions<Context>): Middleware
  /** One of these permissions for this API. A token that had no room for them (`permissions_omitted`) is refused. */
  requirePermission(permission: string | readonly string[]): Middleware
}

export function createRequirements<Context, Middleware>(
  middleware: (need: Need<Context>) => Middleware,
): Requirements<Context, Middleware> {
  return {
    requireToken: () => middleware(() => undefined),
    requireRole(role, { organisation } = {}) {
      const wanted = typeof role === 'string' ? [role] : [...role]
      if (wanted.length === 0) throw new TypeError('requireRole wants a role')
      const lack = `This takes the role ${wanted.join(' or ')}`
      return middleware((caller, context) => {
        if (!organisation) return holdsOne(caller.roles, wanted) ? undefined : lack
        const id = organisation(context)
        const here = id !== undefined && caller.organisation?.id === id ? caller.organisation.roles : []
        return holdsOne(here, wanted) ? undefined : `${lack} in this organisation`
      })
    },
    requirePermission(permission) {
      const wanted = typeof permission === 'string' ? [permission] : [...permission]
      if (wanted.length === 0) throw new TypeError('requirePermission wants a permission')
      const lack = `This takes the permission ${wanted.join(' or ')}`
      return middleware(({ permissions }) => (holdsOne(permissions, wanted) ? undefined : lack))
    },
  }
}

function holdsOne(held: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((one) => held.includes(one))
}

/** What a route can ask of its caller, the same for every framework. */
import type { Caller } from './caller.ts'
import { Refusal } from './refusal.ts'

/** Why the caller may not: what is thrown; `undefined` when there is nothing to say. */
export type Need<Context> = (caller: Caller, context: Context) => Refusal | undefined

export interface ScopeOptions {
  /** Only a machine's own token (client credentials, RFC 6749 §4.4): a person's is refused whatever its scope. */
  machine?: boolean
}

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
  /**
   * One of these scopes: what a machine was granted, which has neither roles nor permissions. Of a person's token it
   * says what the application may ask for and not what the person may do: for that take `requirePermission`.
   */
  requireScope(scope: string | readonly string[], options?: ScopeOptions): Middleware
}

export function createRequirements<Context, Middleware>(
  middleware: (need: Need<Context>) => Middleware,
): Requirements<Context, Middleware> {
  return {
    requireToken: () => middleware(() => undefined),
    requireRole(role, { organisation } = {}) {
      const wanted = listOf('role', role)
      const lack = `This takes the role ${wanted.join(' or ')}`
      return middleware((caller, context) => {
        if (!organisation) return holdsOne(caller.roles, wanted) ? undefined : insufficient(lack)
        const id = organisation(context)
        const here = id !== undefined && caller.organisation?.id === id ? caller.organisation.roles : []
        return holdsOne(here, wanted) ? undefined : insufficient(`${lack} in this organisation`)
      })
    },
    requirePermission(permission) {
      const wanted = listOf('permission', permission)
      const lack = `This takes the permission ${wanted.join(' or ')}`
      return middleware(({ permissions }) => (holdsOne(permissions, wanted) ? undefined : insufficient(lack)))
    },
    requireScope(scope, { machine = false } = {}) {
      const wanted = listOf('scope', scope)
      for (const one of wanted) if (!scopeToken.test(one)) throw new TypeError(`${one} is no scope`)
      const token = machine ? "a machine's token with the scope" : 'the scope'
      const lack = `This takes ${token} ${wanted.join(' or ')}`
      return middleware((caller) => {
        const may = holdsOne(caller.scopes, wanted) && !(machine && caller.id !== caller.application)
        return may ? undefined : new Refusal('insufficient_scope', lack, { scope: wanted.join(' ') })
      })
    },
  }
}

/** RFC 6749 §3.3: a scope is written into the answer's header as it is. */
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/

function listOf(what: string, wanted: string | readonly string[]): readonly string[] {
  const list = typeof wanted === 'string' ? [wanted] : [...wanted]
  if (list.length === 0 || list.includes('')) throw new TypeError(`the guard wants a ${what}`)
  return list
}

function insufficient(lack: string): Refusal {
  return new Refusal('insufficient_scope', lack)
}

function holdsOne(held: readonly string[], wanted: readonly string[]): boolean {
  return wanted.some((one) => held.includes(one))
}

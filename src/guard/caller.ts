/** Who calls, as handlers see it: what a verified access token says (RFC 9068 §2.2, and Maitred's own claims). */
import type { JWTPayload } from 'jose'
import { Refusal } from './refusal.ts'

/** The claims of an access token that was accepted. */
export interface TokenClaims extends JWTPayload {
  iss: string
  sub: string
  aud: string | string[]
  client_id: string
  jti: string
  exp: number
  iat: number
  /** The grant: one for each session and application. */
  gid?: string
  /** How much its issuer knew of revocations. */
  rev?: number
  /** Confirmation (RFC 7800): the key that the token is bound to (RFC 9449 §6.1). */
  cnf?: { jkt: string }
}

/** Frozen, because requests with the same token share it. */
export interface Caller {
  /** The person (`sub`); for a machine, the application itself. */
  readonly id: string
  /** The application that was given the token (`client_id`). */
  readonly application: string
  readonly scopes: readonly string[]
  readonly roles: readonly string[]
  /** For this API. */
  readonly permissions: readonly string[]
  /** The organisation in which the person acts, when there is one. */
  readonly organisation: Organisation | undefined
  readonly claims: Readonly<TokenClaims>
}

export interface Organisation {
  readonly id: string
  readonly roles: readonly string[]
  readonly teams: readonly string[]
}

/** What a guarded request carries: the type of Koa's `ctx.state`, Express's `res.locals`, Hono's `Variables`. */
export interface Guarded {
  caller: Caller
}

/** @throws Refusal `invalid_token` for claims of another type than they must have: half an identity is none */
export function callerOf(claims: TokenClaims): Caller {
  const { org_id: organisation } = claims
  return freeze({
    id: claims.sub,
    application: claims.client_id,
    scopes: typeof claims.scope === 'string' ? claims.scope.split(' ') : [],
    roles: list('roles'),
    permissions: list('permissions'),
    organisation:
      organisation === undefined
        ? undefined
        : { id: text(organisation, 'org_id'), roles: list('org_roles'), teams: list('teams') },
    claims,
  })

  function list(name: string): readonly string[] {
    const value = claims[name]
    if (value === undefined) return []
    if (!Array.isArray(value)) throw malformed(name)
    return value.map((item) => text(item, name))
  }
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw malformed(name)
  return value
}

function malformed(name: string): Refusal {
  return new Refusal('invalid_token', `The access token has a malformed claim ${name}`)
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const part of Object.values(value)) freeze(part)
  return Object.freeze(value)
}

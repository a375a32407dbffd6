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

/** Frozen, because requests with the same token share it: itself, its lists, and the claims but for what they nest. */
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
  Object.freeze(claims)
  if (claims.cnf) Object.freeze(claims.cnf)
  const { org_id: organisation } = claims
  return Object.freeze({
    id: claims.sub,
    application: claims.client_id,
    scopes: typeof claims.scope === 'string' ? Object.freeze(claims.scope.split(' ')) : NONE,
    roles: list(claims, 'roles'),
    permissions: list(claims, 'permissions'),
    organisation: organisation === undefined ? undefined : organisationOf(claims),
    claims,
  })
}

const NONE: readonly string[] = Object.freeze([])

function organisationOf(claims: TokenClaims): Organisation {
  const { org_id: id } = claims
  if (!isText(id)) throw malformed('org_id')
  return Object.freeze({ id, roles: list(claims, 'org_roles'), teams: list(claims, 'teams') })
}

function list(claims: TokenClaims, name: string): readonly string[] {
  const value = claims[name]
  if (value === undefined) return NONE
  if (!Array.isArray(value) || !value.every(isText)) throw malformed(name)
  return Object.freeze(value)
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function malformed(name: string): Refusal {
  return new Refusal('invalid_token', `The access token has a malformed claim ${name}`)
}

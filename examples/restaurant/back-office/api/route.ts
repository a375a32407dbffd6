/**
 * One declaration per route: what it is called, who may, what goes in and what comes out. Routing, checking and the
 * OpenAPI description all follow from it (`api.ts`, `openapi.ts`).
 */

import type { Caller } from 'maitred/guard'
import type { CollectionSpec, Store } from 'maitred/storage'
import type { z } from 'zod'
import type { StaffMember } from '../documents.ts'
import type { Log } from '../log.ts'
import type { ProblemStatus } from './problem.ts'
import type { OwnCollection, Tenanted } from './tenant.ts'

/** What all endpoints are made of. */
export interface Kit {
  readonly store: Store
  readonly now: () => Date
  /** A fresh opaque id: letters, digits, `-` and `_`. */
  readonly newId: () => string
  readonly log: Log
}

/** A request that was let in and whose parts have been checked. */
export interface Call<Query = unknown, Body = unknown> {
  readonly caller: Caller
  /** The request's, as in the log and the answer's `X-Request-Id`. */
  readonly requestId: string
  /** Of the path, by name. */
  readonly params: Readonly<Record<string, string>>
  /** `params.id`; empty when the path has none. */
  readonly id: string
  readonly query: Query
  readonly body: Body
  /** Of the request; empty when absent. */
  header(name: string): string
  may(permission: string): boolean
  /** Who the caller is in the staff; `undefined` for guests, machines and people who have left. */
  member(): Promise<StaffMember | undefined>
}

/** A call by somebody of the staff. Other restaurants' documents are out of its reach. */
export interface StaffCall<Query = unknown, Body = unknown> extends Call<Query, Body> {
  readonly me: StaffMember
  readonly restaurant: string
  own<T extends Tenanted>(spec: CollectionSpec<T>): OwnCollection<T>
}

/** JSON, or a text of another type: in one piece, or in parts of which each is made when the one before has gone. */
export type Answer<T = unknown> = {
  /** Default: the route's. */
  status?: number
  headers?: Record<string, string>
} & ({ body?: T } | { text: string | AsyncIterable<string>; type: string })

interface Declaration<Query, Body, Result, C> {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete'
  /** Below `/api`, parameters in braces: `/staff/{id}`. */
  readonly path: `/${string}`
  readonly summary: string
  /** Markdown, for the OpenAPI description. */
  readonly description?: string
  /** One of these; absent, any token will do. */
  readonly permission?: string | readonly string[]
  /** A strict object of strings as they stand in the URL. */
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  /** The JSON that it answers; absent, it answers without a body. */
  readonly answer?: z.ZodType<Result>
  /** Default: 201 for POST, 204 without `answer`, else 200. */
  readonly status?: number
  /** Other good answers than the usual one, and what they mean. */
  readonly alternatives?: Readonly<Record<number, { summary: string; answer?: z.ZodType; type?: string }>>
  /** Request headers that mean something here, and what. `If-Match` is named by itself. */
  readonly headers?: Readonly<Record<string, string>>
  /** Refusals beyond those that follow from the rest of the declaration. */
  readonly refusals?: readonly ProblemStatus[]
  handle(call: C): Promise<Answer<NoInfer<Result>>>
}

export interface Route extends Declaration<unknown, unknown, unknown, StaffCall> {
  /** Without a staff document the caller is refused; `me` is there only then. */
  readonly staffOnly: boolean
}

/** A route for the staff of a restaurant. */
export function staffRoute<Query = undefined, Body = undefined, Result = undefined>(
  declaration: Declaration<Query, Body, Result, StaffCall<Query, Body>>,
): Route {
  return { ...(declaration as Declaration<unknown, unknown, unknown, StaffCall>), staffOnly: true }
}

/** A route for anybody with a token: guests too. It sees to itself what is theirs. */
export function personRoute<Query = undefined, Body = undefined, Result = undefined>(
  declaration: Declaration<Query, Body, Result, Call<Query, Body>>,
): Route {
  return { ...(declaration as Declaration<unknown, unknown, unknown, Call>), staffOnly: false }
}

/** A change of something that is there says which version it means. */
export function needsMatch({ method }: Pick<Route, 'method'>): boolean {
  return method === 'patch' || method === 'delete'
}

export function statusOf({ method, status, answer }: Route): number {
  return status ?? (method === 'post' ? 201 : answer ? 200 : 204)
}

/** Turns a route's declaration into what runs for a request that the guard has let in. */
import { Readable } from 'node:stream'
import type { Context } from 'koa'
import type { Guarded } from 'maitred/guard'
import type { Store } from 'maitred/storage'
import { z } from 'zod'
import type { StaffMember } from '../documents.ts'
import type { Membership } from './membership.ts'
import { type FieldError, Problem } from './problem.ts'
import { readJson } from './read-body.ts'
import { type Answer, needsMatch, type Route, type StaffCall, statusOf } from './route.ts'
import { ownCollection } from './tenant.ts'

/** What earlier middleware has put on the request. */
export interface RequestState extends Guarded {
  requestId: string
}

export interface ServeOptions {
  store: Store
  membership: Membership
}

const mostBytes = 65_536
const noParameters = z.strictObject({})

/** @throws Problem */
export async function serveRoute(
  route: Route,
  { store, membership }: ServeOptions,
  ctx: Context & { state: RequestState; params: Record<string, string> },
): Promise<void> {
  const { caller, requestId } = ctx.state
  const member = () => membership.memberOf(caller, ctx.get('authorization').replace(/^\S+ +/, ''))
  const me = route.staffOnly ? requireMember(await member()) : undefined
  requireVersion(route, ctx.headers['if-match'])
  const query = checked(route.query ?? noParameters, { ...ctx.query })
  const body = route.body && checked(route.body, await readJson(ctx.req, mostBytes))

  const call = {
    caller,
    requestId,
    params: ctx.params,
    id: ctx.params.id ?? '',
    query: route.query && query,
    body,
    header: (name: string) => ctx.get(name),
    may: (permission: string) => caller.permissions.includes(permission),
    member: me ? async () => me : member,
    ...(me && {
      me,
      restaurant: me.restaurant,
      own: ((spec) => ownCollection(store, spec, me.restaurant)) satisfies StaffCall['own'],
    }),
  }
  // What is for the staff alone finds `me` there; the types of `staffRoute` and `personRoute` see to it.
  write(ctx, route, await route.handle(call as StaffCall))
}

function requireMember(member: StaffMember | undefined): StaffMember {
  if (!member)
    throw new Problem(
      403,
      'This is for the staff of a restaurant. Ask a manager whether they know your email address.',
    )
  return member
}

/** @throws Problem 428, 400 */
function requireVersion(route: Route, ifMatch: string | undefined): void {
  if (needsMatch(route) && !ifMatch)
    throw new Problem(428, 'Say in If-Match which version you mean: the ETag of what you read.')
  // Where it may be absent, an empty one must not pass for that.
  if (route.headers?.['If-Match'] && ifMatch === '') throw new Problem(400, 'If-Match names no version.')
}

function write(ctx: Context, route: Route, answer: Answer): void {
  // Before the status, which it changes: without it Koa writes the status' name where there is nothing to say.
  ctx.body = null
  ctx.status = answer.status ?? statusOf(route)
  if (answer.headers) ctx.set(answer.headers)
  if ('text' in answer) {
    ctx.type = answer.type
    ctx.body = typeof answer.text === 'string' ? answer.text : Readable.from(answer.text)
  } else if (answer.body !== undefined) {
    ctx.type = 'application/json'
    ctx.body = JSON.stringify(answer.body)
  }
  if (route.method === 'get' && isKnown(ctx)) ctx.status = 304
}

/** Whether the client has it already (RFC 9110 §13.1.2), also when its cache is told to ask again. */
function isKnown(ctx: Context): boolean {
  const tag = ctx.response.get('etag')
  const known = ctx.get('if-none-match').split(',')
  return tag !== '' && known.some((one) => one.trim().replace(/^W\//, '') === tag)
}

/** @throws Problem 422 naming every field that does not fit. */
function checked(schema: z.ZodType, value: unknown): unknown {
  const result = schema.safeParse(value, { error: plainWords })
  if (result.success) return result.data
  const errors = result.error.issues.flatMap(fieldErrors)
  throw new Problem(422, errors.map(({ field, message }) => `${field}: ${message}`).join('; '), { errors })
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code !== 'unrecognized_keys') return [{ field: nameOf(issue.path), message: issue.message }]
  return issue.keys.map((key) => ({ field: nameOf([...issue.path, key]), message: 'is not known here' }))
}

function nameOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? 'body' : path.map(String).join('.')
}

function plainWords(issue: z.core.$ZodRawIssue): string | undefined {
  return issue.code === 'invalid_type' && issue.input === undefined ? 'is missing' : undefined
}

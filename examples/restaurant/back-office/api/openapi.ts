/** The API in OpenAPI 3.1, made of the declarations that serve it and the schemas that check it. */
import { z } from 'zod'
import { type ProblemStatus, problemSchema, titleOf } from './problem.ts'
import { needsMatch, type Route, statusOf } from './route.ts'

type Json = Record<string, unknown>

export function describeApi(routes: readonly Route[], { issuer }: { issuer: string }): Json {
  const schemas: Json = {}
  const paths: Record<string, Json> = {}
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: describeRoute(route, schemas) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bella Napoli: back office',
      version: '1.0.0',
      description: 'Staff, guests, bookings, bills and shifts. Everybody sees their own restaurant only.',
    },
    servers: [{ url: '/api' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'openIdConnect', openIdConnectUrl: `${issuer}/.well-known/openid-configuration` },
      },
      schemas,
    },
  }
}

function describeRoute(route: Route, schemas: Json): Json {
  const { method, path, summary, description, query, body, permission } = route
  const permissions = [permission ?? []].flat().map((name) => `\`${name}\``)
  const needs =
    permissions.length > 0 ? `Takes the permission ${permissions.join(' or ')}.` : 'Takes any token.'
  return {
    operationId: operationId(method, path),
    tags: [path.split('/')[1]],
    summary,
    description: description ? `${description}\n\n${needs}` : needs,
    parameters: [...pathParameters(path), ...headerParameters(route), ...queryParameters(query, schemas)],
    ...(body && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: describe(body, 'input', schemas) } },
      },
    }),
    responses: responses(route, schemas),
  }
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', minLength: 1 },
  }))
}

function headerParameters(route: Route): Json[] {
  const header = (name: string, description: string) => ({ name, in: 'header', description })
  const tag = { type: 'string', pattern: '^(\\*|"[0-9]{1,9}")$' }
  const match = { ...header('If-Match', 'The ETag of what is meant'), required: true, schema: tag }
  const others = Object.entries(route.headers ?? {}).map(([name, description]) => ({
    ...header(name, description),
    schema: name === 'If-Match' ? tag : { type: 'string' },
  }))
  return needsMatch(route) ? [match, ...others] : others
}

function queryParameters(query: z.ZodType | undefined, schemas: Json): Json[] {
  if (!query) return []
  const { properties = {}, required = [] } = describe(query, 'input', schemas) as {
    properties?: Record<string, Json>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description !== undefined && { description }),
    schema,
  }))
}

function responses(route: Route, schemas: Json): Json {
  const { method, path, answer, alternatives = {} } = route
  const good = {
    'X-Request-Id': headerOf('Names the request in the log'),
    ...(answer && { ETag: headerOf('The version, where the answer is one document') }),
    ...(statusOf(route) === 201 && { Location: headerOf('Where what was made is') }),
  }
  const all: Record<number, Json> = {
    [statusOf(route)]: {
      description: 'Done',
      headers: good,
      ...(answer && { content: { 'application/json': { schema: describe(answer, 'output', schemas) } } }),
    },
  }
  if (method === 'get') all[304] = { description: 'As the client has it already' }
  for (const [status, { summary, answer: other, type = 'application/json' }] of Object.entries(
    alternatives,
  )) {
    const { content = {}, ...rest } = all[Number(status)] ?? { description: summary, headers: good }
    const schema = other ? describe(other, 'output', schemas) : { type: 'string' }
    const added = other || type !== 'application/json' ? { [type]: { schema } } : {}
    all[Number(status)] = { ...rest, content: { ...(content as Json), ...added } }
  }
  const problem = { 'application/problem+json': { schema: describe(problemSchema, 'output', schemas) } }
  for (const status of refusalsOf(route, path))
    all[status] = { description: titleOf(status), content: problem }
  return all
}

function refusalsOf(route: Route, path: string): ProblemStatus[] {
  const statuses: ProblemStatus[] = [401, 403, 422, 503, ...(route.refusals ?? [])]
  if (path.includes('{')) statuses.push(400, 404)
  if (route.body) statuses.push(400, 413, 415)
  if (needsMatch(route)) statuses.push(412, 428)
  if (route.method !== 'get') statuses.push(409)
  return statuses
}

function headerOf(description: string): Json {
  return { description, schema: { type: 'string' } }
}

function operationId(method: string, path: string): string {
  return [method, ...path.split(/\W+/).filter(Boolean)].join('_')
}

/** As JSON Schema; what has a name (`meta({ id })`) becomes a component. */
function describe(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const { $schema: _, $defs = {}, ...json } = z.toJSONSchema(schema, { io, target: 'draft-2020-12' })
  for (const [name, definition] of Object.entries($defs)) schemas[name] = pointed(definition)
  const { id } = json
  if (typeof id !== 'string') return pointed(json) as Json
  schemas[id] = pointed(json)
  return { $ref: `#/components/schemas/${id}` }
}

/** References among components instead of within one schema; `id` would be another schema's keyword. */
function pointed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointed)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, inner]) => {
    if (key === '$ref') return [key, String(inner).replace('#/$defs/', '#/components/schemas/')]
    return [key, pointed(inner)]
  })
  return Object.fromEntries(entries)
}

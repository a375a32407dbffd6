/**
 * Reads what a form or a program posts, against a schema. A schema's message is a text key; of a field that
 * is wrong the first one stands beside it. What was typed can be shown again, except secrets.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { z } from 'zod'
import { MaitredError } from '../errors.ts'
import { isTextKey, type TextKey } from '../locale/locale.ts'
import { decodeUtf8, malformed, readBody, requireType } from './body.ts'
import { checkCsrfToken, checkSameOrigin } from './csrf.ts'
import { type Fields, parseUrlencoded } from './fields.ts'
import { parseJson } from './json-text.ts'
import { requestState } from './request-state.ts'
import { sentenceOf } from './sentence.ts'

type Exchange = { req: IncomingMessage; res: ServerResponse }

const limit = 64 * 1024
const typed = new WeakMap<IncomingMessage, Fields>()

/**
 * A form of our own pages: urlencoded, at most 64 KB, with the CSRF token in `_csrf`. Unknown fields are refused.
 * @throws MaitredError `csrf`, `bad_request`, `too_large`, `unsupported_media_type`, and `invalid_form` with its fields
 */
export async function readForm<T>(ctx: Exchange, schema: z.ZodType<T>): Promise<T> {
  checkSameOrigin(ctx)
  requireType(ctx.req, 'application/x-www-form-urlencoded')
  const { _csrf, ...fields } = parseUrlencoded(decodeUtf8(await readBody(ctx.req, limit)))
  checkCsrfToken(ctx, _csrf)
  return holdTyped(ctx, fields, schema)
}

/**
 * A JSON body of at most 64 KB. It checks no CSRF token: browsers ask before they post JSON across origins.
 * Whoever writes a program is told which field is unknown and which there are.
 * @throws MaitredError as `readForm`, but for `csrf`
 */
export async function readJson<T>(ctx: Exchange, schema: z.ZodType<T>): Promise<T> {
  requireType(ctx.req, 'application/json')
  const value = parseJson(decodeUtf8(await readBody(ctx.req, limit)))
  const unknown = unknownNames(value, schema).slice(0, 10)
  if (unknown.length > 0) {
    throw new MaitredError('invalid_form', {
      fields: Object.fromEntries(unknown.map((name) => [name, 'error.field.unknown'])),
      params: { known: [...(knownNames(schema) ?? [])].join(', ') || '–' },
    })
  }
  return hold(value, schema)
}

/** For this room only: fields of a form that was read elsewhere. @throws MaitredError `invalid_form`, `bad_request` */
export function holdTyped<T>({ req }: { req: IncomingMessage }, fields: Fields, schema: z.ZodType<T>): T {
  keepTyped({ req }, fields)
  const [unknown] = unknownNames(fields, schema)
  if (unknown !== undefined) throw malformed(`an unknown field ${JSON.stringify(unknown)}`)
  return hold(fields, schema)
}

/** For this room only: what was typed stays, whatever else is wrong with the request. */
export function keepTyped({ req }: { req: IncomingMessage }, fields: Fields): void {
  typed.set(req, fields)
}

/**
 * What a page that shows a form again needs: the words beside the fields, or where no field is to blame the
 * sentence on top, and what was typed.
 */
export function formProblem(ctx: Exchange, error: MaitredError): FormProblem {
  const { t } = requestState(ctx)
  const keys = Object.entries(error.fields ?? {}) as [string, TextKey][]
  return {
    problem: keys.length === 0 ? { text: t(sentenceOf(error), error.params) } : undefined,
    fields: Object.fromEntries(keys.map(([name, key]) => [name, t(key, error.params)])),
    values: Object.fromEntries(Object.entries(typed.get(ctx.req) ?? {}).filter(([name]) => !isSecret(name))),
  }
}

export interface FormProblem {
  problem: { text: string } | undefined
  fields: Record<string, string>
  values: Record<string, string>
}

/** Holds what was read against a schema. @throws MaitredError `invalid_form`, `bad_request` */
function hold<T>(value: unknown, schema: z.ZodType<T>): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const fields: Record<string, string> = {}
  for (const issue of result.error.issues) {
    if (issue.code === 'unrecognized_keys') throw malformed(`an unknown field ${issue.keys[0]?.slice(0, 40)}`)
    const [name] = issue.path
    if (name === undefined) throw malformed('the body is of another kind')
    fields[String(name)] ??= textKeyOf(issue)
  }
  throw new MaitredError('invalid_form', { fields })
}

function textKeyOf(issue: z.core.$ZodIssue): TextKey {
  if (isTextKey(issue.message)) return issue.message
  if (issue.code === 'too_big') return 'error.field.tooLong'
  if (issue.code === 'too_small') return 'error.field.required'
  return issue.code === 'invalid_type' && issue.input === undefined
    ? 'error.field.required'
    : 'error.field.invalid'
}

/** Cut, because they are told. */
function unknownNames(value: unknown, schema: z.ZodType): string[] {
  const known = knownNames(schema)
  if (!known || !value || typeof value !== 'object' || Array.isArray(value)) return []
  return Object.keys(value)
    .filter((name) => !known.has(name))
    .map((name) => name.slice(0, 40))
}

/** The names that an object schema knows; undefined where the schema is of another kind and judges itself. */
function knownNames(schema: z.core.$ZodType): Set<string> | undefined {
  if (schema instanceof z.ZodObject) return new Set(Object.keys(schema.shape))
  return schema instanceof z.ZodPipe ? knownNames(schema.in) : undefined
}

function isSecret(name: string): boolean {
  return /password|secret|code|token/i.test(name)
}

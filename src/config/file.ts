/**
 * The configuration file: one strict schema, and its loading. What each key means is told to the
 * operator in `config/maitred.config.ts`.
 */
import { existsSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { MailTransport } from '../ports/ports.ts'
import { type Problem, show } from './problem.ts'

const DAY = 24 * 60 * 60

const seconds = (min: number, max: number, why = '') => {
  const wanted = `a whole number of seconds from ${min} to ${max}${why}`
  return z.int(wanted).min(min, wanted).max(max, wanted)
}

/** A strict object that names its keys when it meets an unknown one. */
const keys = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => {
  const known = `one of the keys ${Object.keys(shape).join(', ')}`
  return z.strictObject(shape, {
    error: ({ code }) => (code === 'unrecognized_keys' ? known : 'an object'),
  })
}

const choice = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `one of ${values.map((value) => `'${value}'`).join(', ')}`)

const text = (max: number) => {
  const wanted = `a text of 1 to ${max} characters on one line`
  return z
    .string(wanted)
    .min(1, wanted)
    .max(max, wanted)
    .regex(/^\P{Cc}*$/u, wanted)
}

/** Only plain hexadecimal, because it is written into a style sheet. */
const color = z.string('a colour such as #0f5c4d').regex(/^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i, {
  error: 'a colour such as #0f5c4d',
})

const logoWanted = 'an https URL, or a path on this server such as /assets/logo.svg'
const logo = z.string(logoWanted).refine(isLogo, logoWanted)

function isLogo(value: string): boolean {
  if (/^\/(?![/\\])[^\s"'()<>\\]*$/.test(value)) return true
  return URL.canParse(value) && new URL(value).protocol === 'https:' && new URL(value).href === value
}

const overridesWanted = "an object of text keys, such as { 'flow.signIn.title': 'Welcome to {app}' }"
const overrides = z.record(z.string(), z.string('a text'), overridesWanted)

const hostWanted = 'a host name or an IP address, without scheme, port or path'
const host = z
  .string(hostWanted)
  .regex(/^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*)$/i, hostWanted)

const signatures = choice(['ES256', 'RS256', 'EdDSA'])

const mailWanted =
  'a mail transport: an object with the functions send(message) and close(), and perhaps check()'
const mail = z.custom<MailTransport>(isMailTransport, mailWanted)

function isMailTransport(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { send, close, check } = value as Record<string, unknown>
  const isFunction = (member: unknown) => typeof member === 'function'
  return isFunction(send) && isFunction(close) && (check === undefined || isFunction(check))
}

const lifetimes = keys({
  // At most 15 minutes: a resource server that missed a revocation accepts the token no longer than that.
  accessToken: seconds(1, 900).default(900),
  refreshToken: seconds(1, 365 * DAY).default(7 * DAY),
  session: seconds(1, 365 * DAY).default(7 * DAY),
  // Twice what the clocks of two processes may differ by, or the one would end what the other has just seen in use.
  sessionIdle: seconds(600, 365 * DAY, ', because clocks of processes may differ by minutes').optional(),
  // RFC 6749, 4.1.2 allows ten minutes; FAPI 2.0 wants one.
  code: seconds(1, 600).default(60),
  refreshGrace: seconds(0, 60).default(30),
}).refine(({ session, sessionIdle }) => sessionIdle === undefined || sessionIdle <= session, {
  path: ['sessionIdle'],
  error: 'at most lifetimes.session',
})

const fileSchema = keys({
  name: text(60).default('Maitred'),
  brand: keys({
    color: color.default('#0f5c4d'),
    contrast: color.optional(),
    logo: logo.optional(),
  }).prefault({}),
  texts: keys({ en: overrides.optional(), de: overrides.optional() }).default({}),
  signUp: choice(['open', 'closed']).default('open'),
  lifetimes: lifetimes.prefault({}),
  algorithms: keys({
    accessToken: signatures.default('ES256'),
    idToken: signatures.default('RS256'),
  }).prefault({}),
  mail: mail.optional(),
  privateAddresses: z.array(host, 'a list of host names and IP addresses').default([]),
})

/** What the configuration file may say; every key is optional. */
export type ConfigInput = z.input<typeof fileSchema>
export type FileConfig = z.output<typeof fileSchema>

/** Imports the configuration file's default export. */
export async function importFile(path: string): Promise<{ value?: unknown; problem?: Problem }> {
  const wanted = 'a module whose default export is defineConfig({ … })'
  if (!existsSync(path)) return { problem: { path: 'CONFIG', found: `no file ${path}`, wanted } }
  try {
    const module: Record<string, unknown> = await import(pathToFileURL(path).href)
    if ('default' in module) return { value: module.default }
    return { problem: { path: 'CONFIG', found: `no default export in ${path}`, wanted } }
  } catch (error) {
    const reason = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]
    return { problem: { path: 'CONFIG', found: `${path}, which could not be read: ${reason}`, wanted } }
  }
}

/** Holds the file's value against the schema. */
export function parseFile(value: unknown): { file: FileConfig | undefined; problems: Problem[] } {
  const result = fileSchema.safeParse(value)
  if (result.success) return { file: result.data, problems: [] }
  return { file: undefined, problems: result.error.issues.flatMap((issue) => toProblems(issue, value)) }
}

function toProblems(issue: z.core.$ZodIssue, root: unknown): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...issue.path, key].join('.'),
      found: 'an unknown key',
      wanted: issue.message,
    }))
  }
  const path = issue.path.join('.') || 'the default export'
  const found = at(root, issue.path)
  return [{ path, found: plugIns.has(path) ? outline(found) : show(found), wanted: issue.message }]
}

/** Keys whose value is a plug-in. */
const plugIns: ReadonlySet<string> = new Set(['mail'])

/** What was given for a plug-in may hold a key to somebody's API: told is what it is, not what it says. */
function outline(value: unknown): string {
  if (value === null || value === undefined) return show(value)
  if (typeof value === 'function') return 'a function (perhaps its result is meant)'
  if (value instanceof Promise) return 'a promise (perhaps it must be awaited)'
  if (typeof value !== 'object') return `a ${typeof value} (not shown)`
  return `an object with ${Object.keys(value).join(', ') || 'nothing in it'}`
}

const at = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], root)

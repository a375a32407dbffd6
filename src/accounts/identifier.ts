/**
 * What people type to say who they are, in one canonical form each: two spellings that mean one person
 * must never become two, and one that is validated must be the one that is stored and mailed.
 */
import { domainToASCII } from 'node:url'
import { MaitredError } from '../errors.ts'

export const identifierKinds = ['email', 'username', 'phone'] as const

export type IdentifierKind = (typeof identifierKinds)[number]

export interface Identifier {
  kind: IdentifierKind
  value: string
}

/** Characters of an unquoted local part (RFC 5322, section 3.2.3, dot-atom). */
const localPart = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
/** With the other full stops that UTS 46 takes for one. */
const typedDomain = /^[\p{L}\p{M}\p{N}.\u3002\uFF0E\uFF61-]+$/u
const domainLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const username = /^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/
/** ITU-T E.164: at most 15 digits, the first not 0. */
const phone = /^\+[1-9]\d{6,14}$/
/** Longer input is none of these, and need not be normalised to know it. */
const longest = 1_000

/**
 * The canonical form of an email address: NFKC first and validated after it, lower-cased, the domain in
 * ASCII (RFC 5891), at most 254 characters (RFC 5321, section 4.5.3.1). No quoted local part, comment,
 * address literal or local part beyond ASCII: mail programs disagree on where such mail goes.
 * @returns `undefined` when it is no such address
 */
export function normaliseEmail(typed: string): string | undefined {
  const parts = canonical(typed)?.split('@')
  const [local, domain] = parts ?? []
  if (parts?.length !== 2 || !local || !domain || local.length > 64 || !localPart.test(local))
    return undefined
  // domainToASCII would decode percent signs and rewrite numbers, so it sees letters, digits, dots and hyphens only
  const ascii = typedDomain.test(domain) ? domainToASCII(domain) : ''
  const labels = ascii.split('.')
  const isName = labels.length >= 2 && labels.every((label) => domainLabel.test(label))
  if (!isName || /^\d+$/.test(labels.at(-1) ?? '')) return undefined
  const email = `${local}@${ascii}`
  return email.length <= 254 ? email : undefined
}

/**
 * 1 to 64 ASCII letters (lower-cased), digits and `. _ -`, beginning and ending with a letter or digit; not
 * what reads as a phone number.
 */
export function normaliseUsername(typed: string): string | undefined {
  const name = canonical(typed)
  return name !== undefined && username.test(name) && !normalisePhone(name) ? name : undefined
}

/** E.164 (`+49301234567`) from what people write: spaces, hyphens, dots, brackets, `00` for `+`, `(0)`. */
export function normalisePhone(typed: string): string | undefined {
  const number = canonical(typed)
    ?.replace(/^(\+|00)(.*)\(0\)/, '$1$2')
    .replace(/[\s().\-/\u2010-\u2015]/g, '')
    .replace(/^00/, '+')
  return number !== undefined && phone.test(number) ? number : undefined
}

/** @throws MaitredError `invalid_form` naming the field */
export function normaliseAs(kind: IdentifierKind, typed: string): string {
  const value = { email: normaliseEmail, username: normaliseUsername, phone: normalisePhone }[kind](typed)
  if (value === undefined)
    throw new MaitredError('invalid_form', { fields: { [kind]: `error.field.${kind}` } })
  return value
}

/** What a sign-in field means: an email address with `@`, else a phone number when it reads as one, else a user name. */
export function readIdentifier(typed: string): Identifier | undefined {
  if (canonical(typed)?.includes('@')) return identifier('email', normaliseEmail(typed))
  return identifier('phone', normalisePhone(typed)) ?? identifier('username', normaliseUsername(typed))
}

/** The `_id` in `identifiers`; also the one name under which attempts on any spelling are counted. */
export function identifierId({ kind, value }: Identifier): string {
  return `${kind}:${value}`
}

function identifier(kind: IdentifierKind, value: string | undefined): Identifier | undefined {
  return value === undefined ? undefined : { kind, value }
}

function canonical(typed: string): string | undefined {
  if (typed.length > longest) return undefined
  return typed.normalize('NFKC').trim().toLowerCase()
}

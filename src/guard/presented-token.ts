/** Which token a request presents: in the Authorization header (RFC 6750 §2.1, RFC 9449 §7.1) or in a named cookie. */
import type { GuardedRequest } from './guarded-request.ts'
import { Refusal } from './refusal.ts'

export interface PresentedToken {
  scheme: 'bearer' | 'dpop' | 'cookie'
  token: string
}

/** Beyond it nothing is looked at: servers limit headers, but not all alike. */
const MOST_CHARACTERS = 16_384

/**
 * A header of another scheme is no token, and then no cookie is one either: who authenticates otherwise did not mean it.
 * @throws Refusal `missing_token`, `invalid_token`
 */
export function readToken({ headers }: GuardedRequest, cookie: string | undefined): PresentedToken {
  const authorization = headers.get('authorization')
  if (authorization) return readAuthorization(authorization)
  const token = cookie === undefined ? undefined : readCookie(headers.get('cookie') ?? '', cookie)
  if (token === undefined) throw new Refusal('missing_token', 'The request has no access token')
  return { scheme: 'cookie', token: limited(token) }
}

function readAuthorization(authorization: string): PresentedToken {
  const space = authorization.indexOf(' ')
  const scheme = authorization.slice(0, space === -1 ? undefined : space).toLowerCase()
  if (scheme !== 'bearer' && scheme !== 'dpop') {
    throw new Refusal('missing_token', 'The request has no access token')
  }
  return { scheme, token: space === -1 ? '' : limited(authorization.slice(space).trim()) }
}

/** @throws Refusal when there are two: one of them may be from a neighbouring host that wants to be taken for the user's */
function readCookie(header: string, name: string): string | undefined {
  const found = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
  if (found.length > 1) throw new Refusal('invalid_token', 'The request has two cookies with an access token')
  return found[0]?.slice(name.length + 1)
}

function limited(token: string): string {
  if (token.length > MOST_CHARACTERS) throw new Refusal('invalid_token', 'The access token is too long')
  return token
}

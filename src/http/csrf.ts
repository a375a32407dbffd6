/**
 * Forms come from our own pages: a token bound to a random cookie, and what browsers say of a request's
 * origin. Both must hold (OWASP, Cross-Site Request Forgery Prevention).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { MaitredError } from '../errors.ts'
import { readCookie, setSessionCookie } from './cookie.ts'
import { surroundingsOf } from './request-state.ts'

type Exchange = { req: IncomingMessage; res: ServerResponse }

const shape = /^[\w-]{32}$/
// The cookie that a response has just set, for a page with several forms.
const issued = new WeakMap<IncomingMessage, string>()

/** The token for a page's hidden field `_csrf`; gives the browser its cookie when it has none. */
export function csrfField({ req, res }: Exchange): string {
  const { mac, csrfCookie } = surroundingsOf({ req })
  let secret = issued.get(req) ?? secretOf(req, csrfCookie)
  if (secret === undefined) {
    secret = randomBytes(24).toString('base64url')
    issued.set(req, secret)
    setSessionCookie(res, csrfCookie, secret)
  }
  return mac('csrf', secret)
}

/** @throws MaitredError `csrf` when the token is not the cookie's. */
export function checkCsrfToken(ctx: Exchange, token: string | undefined): void {
  const { mac, csrfCookie } = surroundingsOf(ctx)
  const secret = secretOf(ctx.req, csrfCookie)
  if (secret === undefined) throw refused('the browser sent no CSRF cookie')
  if (!token || !equal(token, mac('csrf', secret))) throw refused('the CSRF token is not the cookie’s')
}

/**
 * Refuses what a browser says comes from elsewhere. A page with `no-referrer` posts `Origin: null`, as does
 * a sandboxed stranger; then `Sec-Fetch-Site` decides, and where a browser sends neither, the token alone.
 * @throws MaitredError `csrf`
 */
export function checkSameOrigin(ctx: { req: IncomingMessage }): void {
  const { origin, 'sec-fetch-site': site } = ctx.req.headers
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw refused(`Sec-Fetch-Site is ${String(site).slice(0, 40)}`)
  }
  if (origin !== undefined && origin !== 'null' && origin !== surroundingsOf(ctx).issuer) {
    throw refused(`Origin is ${origin.slice(0, 200)}`)
  }
}

function secretOf(req: IncomingMessage, cookie: string): string | undefined {
  const secret = readCookie(req, cookie)
  return secret !== undefined && shape.test(secret) ? secret : undefined
}

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

function refused(reason: string): MaitredError {
  return new MaitredError('csrf', { cause: new Error(reason) })
}

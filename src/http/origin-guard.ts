/**
 * Only the issuer's own host and scheme are answered: links, cookies and discovery are made for it, and
 * `127.0.0.1` is not `localhost`.
 */
import type { Context, Next } from 'koa'
import { MaitredError } from '../errors.ts'
import { callerOf } from './request-state.ts'

/** 421 for another host, or HTTPS where the issuer is plain; 308 to HTTPS (RFC 9110, 15.4.9 keeps the method). */
export function createOriginGuard(issuer: string): (ctx: Context, next: Next) => Promise<void> {
  const { host: wanted, protocol } = new URL(issuer)
  const isHttps = protocol === 'https:'
  const defaultPort = isHttps ? ':443' : ':80'

  function isOurs(host: string | undefined): boolean {
    if (host === wanted) return true
    const given = host?.toLowerCase()
    return given === wanted || given === wanted + defaultPort
  }

  return function guardOrigin(ctx, next) {
    const { host, secure } = callerOf(ctx)
    if (!isOurs(host)) throw new MaitredError('misdirected')
    if (secure !== isHttps) {
      if (secure) throw new MaitredError('misdirected')
      ctx.status = 308
      ctx.set('Location', issuer + ctx.req.url)
      return Promise.resolve()
    }
    // From here on nobody can read another host than the issuer's.
    const { headers } = ctx.req
    if (headers.host !== wanted) headers.host = wanted
    return next()
  }
}

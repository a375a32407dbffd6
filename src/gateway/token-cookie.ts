/** The access token as a cookie: HttpOnly, Lax, Secure but on a plain-HTTP loopback issuer. */
import type { Context } from 'koa'
import { cookieName } from '../http/http.ts'

export interface TokenCookie {
  get(ctx: Context): string | undefined
  /** @param seconds how long the token lives */
  set(ctx: Context, jwt: string, seconds: number): void
  clear(ctx: Context): void
}

export function createTokenCookie(issuer: string): TokenCookie {
  const name = cookieName(issuer, 'access')
  const secure = issuer.startsWith('https:')
  const kept = { httpOnly: true, sameSite: 'lax', secure, path: '/', overwrite: true } as const
  return {
    get: (ctx) => ctx.cookies.get(name),
    set(ctx, jwt, seconds) {
      ctx.cookies.secure = secure
      ctx.cookies.set(name, jwt, { ...kept, maxAge: seconds * 1000 })
    },
    clear(ctx) {
      ctx.cookies.secure = secure
      ctx.cookies.set(name, null, kept)
    },
  }
}

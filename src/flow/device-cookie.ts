/** Which accounts this browser has signed in to before: marks that only we can make and that name nobody. */
import type { Context } from 'koa'
import { cookieName } from '../http/http.ts'

const MOST_ACCOUNTS = 10
const YEAR_MS = 365 * 86_400_000

export interface DeviceCookie {
  has(ctx: Context, mark: string): boolean
  add(ctx: Context, mark: string): void
}

export function createDeviceCookie(issuer: string): DeviceCookie {
  const name = cookieName(issuer, 'devices')
  const secure = issuer.startsWith('https:')
  const read = (ctx: Context): string[] => ctx.cookies.get(name)?.split('.') ?? []
  return {
    has: (ctx, mark) => read(ctx).includes(mark),
    add(ctx, mark) {
      const marks = [mark, ...read(ctx).filter((other) => other !== mark)].slice(0, MOST_ACCOUNTS)
      // Koa would refuse Secure behind a proxy it does not know; the shell has settled the scheme before.
      ctx.cookies.secure = secure
      ctx.cookies.set(name, marks.join('.'), {
        httpOnly: true,
        sameSite: 'lax',
        secure,
        path: '/',
        maxAge: YEAR_MS,
        overwrite: true,
      })
    },
  }
}

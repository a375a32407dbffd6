/** Which accounts this browser has signed in to before: marks that only we can make and that name nobody. */
import type { Context } from 'koa'
import { cookieName } from '../http/http.ts'

const MOST_ACCOUNTS = 10
const YEAR_MS = 365 * 86_400_000

export interface DeviceCookie {
  /** As the browser says; whoever made them knows which are theirs. */
  marks(ctx: Context): readonly string[]
  add(ctx: Context, mark: string): void
}

export function createDeviceCookie(issuer: string): DeviceCookie {
  const name = cookieName(issuer, 'devices')
  const secure = issuer.startsWith('https:')
  const marks = (ctx: Context): string[] => (ctx.cookies.get(name)?.split('.') ?? []).slice(0, MOST_ACCOUNTS)
  return {
    marks,
    add(ctx, mark) {
      const kept = [mark, ...marks(ctx).filter((other) => other !== mark)].slice(0, MOST_ACCOUNTS)
      // Koa would refuse Secure behind a proxy it does not know; the shell has settled the scheme before.
      ctx.cookies.secure = secure
      ctx.cookies.set(name, kept.join('.'), {
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

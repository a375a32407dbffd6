import type { KoaContextWithOIDC } from 'oidc-provider'

/**
 * A device form that comes without its session (kept open for long, or cookies are off) begins anew: the
 * library would fail to show it again.
 * @param cookie name of the session's cookie
 */
export function restartDeviceForm(
  cookie: string,
): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  return async function restart(ctx, next) {
    const isLost =
      ctx.method === 'POST' && ctx.path === '/device' && !ctx.cookies.get(cookie, { signed: false })
    if (!isLost) return next()
    ctx.status = 303
    ctx.redirect('/device')
  }
}

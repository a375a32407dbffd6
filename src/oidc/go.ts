/**
 * Chromium applies `form-action` to every redirect that follows a form post, also through our own 303.
 * So where a form's chain leaves the issuer the answer is a page that goes on by itself
 * (`<meta http-equiv="refresh">`), and the policy stays `form-action 'self'`.
 */
import type { KoaContextWithOIDC } from 'oidc-provider'

/** Routes that a browser reaches from a form of ours. */
const AFTER_FORMS = new Set(['resume', 'device_resume', 'end_session_confirm'])

export function createGo(options: {
  issuer: string
  page(ctx: KoaContextWithOIDC, view: string, locals: Record<string, unknown>): Promise<void>
}): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  return async function go(ctx, next) {
    await next()
    const location = ctx.response.get('Location')
    if (!location || ctx.status < 300 || ctx.status > 399 || !AFTER_FORMS.has(routeOf(ctx))) return
    if (location.startsWith('/') || location.startsWith(`${options.issuer}/`)) return
    ctx.remove('Location')
    ctx.status = 200
    await options.page(ctx, 'flow/go', { url: location })
  }
}

function routeOf(ctx: KoaContextWithOIDC): string {
  return (ctx as { _matchedRouteName?: string })._matchedRouteName ?? ''
}

import type { Context } from 'koa'

/** See Other: what was posted is not posted again (RFC 9110 §15.4.4). */
export function redirect(ctx: Context, location: string): void {
  ctx.status = 303
  ctx.redirect(location)
}

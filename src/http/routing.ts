/**
 * The router, behind a look at a path's first segment: most requests are the protocol's, and holding each
 * against the pattern of every page costs more than all else the shell does.
 */
import type Router from '@koa/router'
import type { Context, Next } from 'koa'

export function createRouting(router: Router): (ctx: Context, next: Next) => Promise<unknown> {
  const dispatch = router.routes() as unknown as (ctx: Context, next: Next) => Promise<unknown>
  let heads: Set<string> | undefined
  let counted = -1

  return function route(ctx, next) {
    if (router.stack.length !== counted) {
      counted = router.stack.length
      heads = headsOf(router)
    }
    return heads && !heads.has(headOf(ctx.path)) ? next() : dispatch(ctx, next)
  }
}

/** Undefined when some pattern may begin with anything. */
function headsOf(router: Router): Set<string> | undefined {
  const patterns = router.stack.filter((layer) => layer.methods.length > 0).map((layer) => layer.path)
  const heads = patterns.map((pattern) => (typeof pattern === 'string' ? headOf(pattern) : '*'))
  return heads.some((head) => /[^\w.~-]/.test(head)) ? undefined : new Set(heads)
}

/** Patterns match without regard to case. */
function headOf(path: string): string {
  const end = path.indexOf('/', 1)
  return (end < 0 ? path.slice(1) : path.slice(1, end)).toLowerCase()
}

/** The last two middlewares: what the router knows under another method, and whom everything else is for. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context, Next } from 'koa'
import { MaitredError } from '../errors.ts'

export type Handler = (req: IncomingMessage, res: ServerResponse) => unknown

/** A path that only other methods know: 405, or for OPTIONS the list of them. */
export function refuseMethod(ctx: Context, next: Next): Promise<void> {
  const { routeMatched, matched } = ctx as { routeMatched?: boolean; matched?: { methods: string[] }[] }
  const methods = new Set(routeMatched ? [] : matched?.flatMap((layer) => layer.methods))
  if (methods.size === 0 && ctx.req.url !== '*') return next()
  ctx.set('Allow', [...methods.add('OPTIONS')].join(', '))
  if (ctx.method !== 'OPTIONS') throw new MaitredError('method_not_allowed')
  ctx.status = 204
  return Promise.resolve()
}

/**
 * Hands the raw request on. The handler finds the shell's headers set, answers by itself, and what it throws
 * before it answered is written like every other error.
 */
export async function handOver(ctx: Context, handler: Handler | undefined): Promise<void> {
  if (!handler) throw new MaitredError('not_found')
  ctx.respond = false
  // Koa begins with 404; a bare handler expects what node begins with.
  ctx.res.statusCode = 200
  await handler(ctx.req, ctx.res)
}

/** The guard as middleware of Koa: the caller is `ctx.state.caller`. */
import type { Guarded } from './caller.ts'
import { createGuard, type GuardOptions } from './create-guard.ts'
import { type NodeRequest, nodeRequest } from './guarded-request.ts'
import { type Answer, Refusal } from './refusal.ts'
import { createRequirements, type Requirements } from './requirements.ts'

/** What of Koa's context is used; `params` are the router's. */
export interface KoaContext {
  method: string
  path: string
  originalUrl: string
  req: NodeRequest
  params?: Record<string, string>
  state: object
  status: number
  body: unknown
  set(headers: Record<string, string>): void
}

export type KoaMiddleware = (ctx: KoaContext, next: () => Promise<unknown>) => Promise<void>

export interface KoaGuard extends Requirements<KoaContext, KoaMiddleware> {
  /** Answers for the metadata of this API (RFC 9728) and lets everything else pass: `app.use(guard.metadata)`. */
  metadata: KoaMiddleware
}

/** @throws TypeError for options that cannot be meant */
export function koaGuard(options: GuardOptions): KoaGuard {
  const guard = createGuard(options)
  const requirements = createRequirements<KoaContext, KoaMiddleware>((need) => async (ctx, next) => {
    const request = nodeRequest(ctx.req, ctx.originalUrl)
    try {
      const caller = await guard.check(request)
      const refusal = need(caller, ctx)
      if (refusal) throw refusal
      Object.assign(ctx.state, { caller } satisfies Guarded)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return write(ctx, guard.answer(error, request))
    }
    await next()
  })
  return {
    ...requirements,
    async metadata(ctx, next) {
      if (ctx.method !== 'GET' || ctx.path !== guard.metadata.path) await next()
      else write(ctx, guard.metadata.answer)
    },
  }
}

function write(ctx: KoaContext, { status, headers, body }: Answer): void {
  ctx.status = status
  ctx.body = body
  ctx.set(headers)
}

/** The guard as middleware of Hono: the caller is `c.get('caller')`, typed by `new Hono<{ Variables: Guarded }>()`. */
import type { Caller } from './caller.ts'
import { createGuard, type GuardOptions } from './create-guard.ts'
import { Refusal, responseOf } from './refusal.ts'
import { createRequirements, type Requirements } from './requirements.ts'

/** What of Hono's context is used. */
export interface HonoContext {
  req: { raw: Request; path: string; method: string; param(name: string): string | undefined }
  set(name: 'caller', caller: Caller): void
}

export type HonoMiddleware = (c: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>

export interface HonoGuard extends Requirements<HonoContext, HonoMiddleware> {
  /** Answers for the metadata of this API (RFC 9728) and lets everything else pass: `app.use(guard.metadata)`. */
  metadata: HonoMiddleware
}

/** @throws TypeError for options that cannot be meant */
export function honoGuard(options: GuardOptions): HonoGuard {
  const guard = createGuard(options)
  const requirements = createRequirements<HonoContext, HonoMiddleware>((need) => async (c, next) => {
    try {
      const caller = await guard.check(c.req.raw)
      const refusal = need(caller, c)
      if (refusal) throw refusal
      c.set('caller', caller)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return responseOf(guard.answer(error, c.req.raw))
    }
    await next()
    return undefined
  })
  return {
    ...requirements,
    async metadata(c, next) {
      if (c.req.method === 'GET' && c.req.path === guard.metadata.path)
        return responseOf(guard.metadata.answer)
      await next()
      return undefined
    },
  }
}

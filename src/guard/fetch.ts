/** The guard around handlers of `fetch` style, as Bun, Deno, edge runtimes and service workers serve them. */
import type { Caller } from './caller.ts'
import { createGuard, type GuardOptions } from './create-guard.ts'
import { Refusal, responseOf } from './refusal.ts'
import { createRequirements, type Requirements } from './requirements.ts'

/** `rest` is what the runtime adds: environment, context, parameters. */
type Handler<Rest extends unknown[]> = (request: Request, ...rest: Rest) => Response | Promise<Response>

type GuardedHandler<Rest extends unknown[]> = (
  request: Request,
  caller: Caller,
  ...rest: Rest
) => Response | Promise<Response>

/** Makes of a handler that wants a caller one that wants none. */
export type FetchMiddleware = <Rest extends unknown[]>(handler: GuardedHandler<Rest>) => Handler<Rest>

export interface FetchGuard extends Requirements<Request, FetchMiddleware> {
  /** The answer for the metadata of this API (RFC 9728); `undefined` for every other request. */
  metadata(request: Request): Response | undefined
}

/** @throws TypeError for options that cannot be meant */
export function fetchGuard(options: GuardOptions): FetchGuard {
  const guard = createGuard(options)
  return {
    ...createRequirements<Request, FetchMiddleware>((need) => (handler) => async (request, ...rest) => {
      let caller: Caller
      try {
        caller = await guard.check(request)
        const refusal = need(caller, request)
        if (refusal) throw refusal
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return responseOf(guard.answer(error, request))
      }
      return handler(request, caller, ...rest)
    }),
    metadata(request) {
      if (request.method !== 'GET' || new URL(request.url).pathname !== guard.metadata.path) return undefined
      return responseOf(guard.metadata.answer)
    },
  }
}

/** The guard as middleware of Express: the caller is `res.locals.caller`. */
import type { Guarded } from './caller.ts'
import { createGuard, type GuardOptions } from './create-guard.ts'
import { type NodeRequest, nodeRequest } from './guarded-request.ts'
import { type Answer, Refusal } from './refusal.ts'
import { createRequirements, type Requirements } from './requirements.ts'

/** What of Express's request is used. */
export interface ExpressRequest extends NodeRequest {
  method: string
  path: string
  originalUrl: string
  params: Record<string, string | string[]>
}

export interface ExpressResponse {
  locals: object
  status(code: number): unknown
  set(headers: Record<string, string>): unknown
  send(body: string): unknown
}

export type ExpressMiddleware = (
  req: ExpressRequest,
  res: ExpressResponse,
  next: (error?: unknown) => void,
) => void

export interface ExpressGuard extends Requirements<ExpressRequest, ExpressMiddleware> {
  /** Answers for the metadata of this API (RFC 9728) and lets everything else pass: `app.use(guard.metadata)`. */
  metadata: ExpressMiddleware
}

/** Works with Express 4 and 5. @throws TypeError for options that cannot be meant */
export function expressGuard(options: GuardOptions): ExpressGuard {
  const guard = createGuard(options)
  const requirements = createRequirements<ExpressRequest, ExpressMiddleware>((need) => (req, res, next) => {
    const request = nodeRequest(req, req.originalUrl)
    guard
      .check(request)
      .then((caller) => {
        const refusal = need(caller, req)
        if (refusal) throw refusal
        Object.assign(res.locals, { caller } satisfies Guarded)
      })
      .then(
        () => next(),
        (error: unknown) => {
          if (error instanceof Refusal) write(res, guard.answer(error, request))
          else next(error)
        },
      )
  })
  return {
    ...requirements,
    metadata(req, res, next) {
      if (req.method !== 'GET' || req.path !== guard.metadata.path) next()
      else write(res, guard.metadata.answer)
    },
  }
}

function write(res: ExpressResponse, { status, headers, body }: Answer): void {
  res.status(status)
  res.set(headers)
  res.send(body)
}

/** What every request to the API passes: a line in the log under a request id, and errors that become problems. */

import type { Middleware } from 'koa'
import { BatchError, DuplicateKeyError, StoreUnavailableError } from 'maitred/storage'
import type { Log } from '../log.ts'
import { Problem, problemDocument } from './problem.ts'

/**
 * A caller may name the request, so that it can be followed through several programs. Neither the query nor a header
 * is written down: people's names and tokens are in them.
 */
export function logRequests({ log, newId }: { log: Log; newId: () => string }): Middleware {
  return async (ctx, next) => {
    const given = ctx.get('X-Request-Id')
    const requestId = /^[\w.-]{8,64}$/.test(given) ? given : newId()
    ctx.state.requestId = requestId
    ctx.set({
      'X-Request-Id': requestId,
      'X-Content-Type-Options': 'nosniff',
      // Kept by the client alone, and asked for again by its ETag.
      'Cache-Control': 'private, no-cache',
    })
    const begin = performance.now()
    await next()
    const { method, status } = ctx
    const route = ctx._matchedRoute ?? 'none'
    const person = ctx.state.caller?.id
    const ms = Math.round(performance.now() - begin)
    log.info({ requestId, method, route, status, ms, ...(person && { person }) }, 'request')
  }
}

export function answerProblems(log: Log): Middleware {
  return async (ctx, next) => {
    try {
      await next()
    } catch (error) {
      const problem = toProblem(error)
      const { requestId } = ctx.state
      if (problem.status >= 500) log.error({ requestId, err: problem.cause ?? error }, problem.message)
      ctx.status = problem.status
      ctx.set({ ...problem.headers })
      ctx.type = 'application/problem+json'
      ctx.body = JSON.stringify(problemDocument(problem))
    }
  }
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof StoreUnavailableError)
    return new Problem(503, 'The data cannot be reached. Try again soon.', {
      headers: { 'Retry-After': '2' },
      cause: error,
    })
  // An endpoint that knows which of its writes collided says so itself.
  if (error instanceof BatchError || error instanceof DuplicateKeyError)
    return new Problem(409, 'Somebody else changed the same thing at the same moment. Try again.', {
      cause: error,
    })
  if (error instanceof URIError) return new Problem(400, 'The address is malformed.')
  return new Problem(500, 'It is our fault and it is noted.', { cause: error })
}

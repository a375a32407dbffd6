/** Begins every request: its id, who calls, and at its end one log line and one count. */
import type { ServerResponse } from 'node:http'
import type { Context, Next } from 'koa'
import type { Caller } from './caller.ts'
import type { Metrics } from './metrics.ts'
import { beginRequest, type Surroundings } from './request-state.ts'

/** A path is a stranger's words; more of it than this helps nobody. */
const maxPath = 200
/** Asked every few seconds by a machine. */
const quiet = new Set(['/healthz', '/readyz', '/metrics'])

export function createTrace(o: {
  callerOf: (req: Context['req']) => Caller
  surroundings: Surroundings
  metrics: Metrics
  /** The responses that are not ended yet; kept here for the server's draining. */
  answering: Set<ServerResponse>
  isDraining: () => boolean
}) {
  const { log } = o.surroundings

  return function trace(ctx: Context, next: Next): Promise<void> {
    const { req, res } = ctx
    const started = performance.now()
    const state = beginRequest(req, o.callerOf(req), o.surroundings)
    res.setHeader('X-Request-Id', state.id)
    if (o.isDraining()) res.shouldKeepAlive = false
    o.answering.add(res)

    res.on('close', () => {
      o.answering.delete(res)
      const ms = Math.round((performance.now() - started) * 100) / 100
      const route = state.route ?? patternOf(ctx)
      o.metrics.count(route ?? 'other', res.statusCode, ms)
      // A body that nobody read to its end would hold the connection.
      if (!req.complete) req.resume()
      log[route !== undefined && quiet.has(route) ? 'debug' : 'info'](
        {
          request: state.id,
          method: req.method,
          route: route ?? pathOf(req.url ?? ''),
          status: res.statusCode,
          ms,
          ...(res.writableFinished ? undefined : { aborted: true }),
        },
        'request',
      )
    })
    return next()
  }
}

function patternOf(ctx: Context): string | undefined {
  const { _matchedRoute: pattern } = ctx as { _matchedRoute?: unknown }
  return pattern === undefined ? undefined : String(pattern)
}

/** Without query, fragment and whatever else may carry a secret. */
function pathOf(target: string): string {
  const end = target.search(/[?#;]/)
  return (end < 0 ? target : target.slice(0, end)).slice(0, maxPath)
}

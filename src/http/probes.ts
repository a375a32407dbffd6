/**
 * What machines ask: `/healthz` (alive), `/readyz` (may be sent requests), `/metrics`. They answer under any
 * host name, because who asks knows the machine and not the issuer.
 */
import type { Context, Next } from 'koa'
import { MaitredError } from '../errors.ts'
import { createTrust } from './caller.ts'
import type { Metrics } from './metrics.ts'
import { callerOf, requestState } from './request-state.ts'

const patience = 1_000

export function createProbes(o: {
  ping: () => Promise<void>
  metrics: Metrics
  trustedProxies: readonly string[]
  isDraining: () => boolean
}) {
  // Metrics are for the machine itself and for the networks that the operator named; there is no password
  // to set. A proxy on this machine passes strangers on, and then the stranger's address decides.
  const mayScrape = createTrust(['127.0.0.0/8', '::1/128', ...o.trustedProxies])

  let pinging: Promise<boolean> | undefined
  /** Whoever asks while the store is being asked shares its answer. */
  function storeAnswers(): Promise<boolean> {
    pinging ??= within(patience, o.ping()).finally(() => {
      pinging = undefined
    })
    return pinging
  }

  async function answer(ctx: Context, path: string): Promise<void> {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.set('Allow', 'GET, HEAD')
      throw new MaitredError('method_not_allowed')
    }
    requestState(ctx).route = path
    if (path === '/metrics') {
      const { ip, direct } = callerOf(ctx)
      if (!direct || !mayScrape(ip)) throw new MaitredError('not_found')
      ctx.body = await o.metrics.text()
      ctx.type = 'text/plain; version=0.0.4; charset=utf-8'
      return
    }
    const failing = path === '/healthz' ? undefined : o.isDraining() ? 'draining' : await storeProblem()
    ctx.status = failing ? 503 : 200
    ctx.type = 'application/json'
    ctx.body = JSON.stringify({ status: failing ?? 'ok' })
  }

  async function storeProblem(): Promise<string | undefined> {
    return (await storeAnswers()) ? undefined : 'store unavailable'
  }

  return function probe(ctx: Context, next: Next): Promise<void> {
    const { path } = ctx
    return path === '/healthz' || path === '/readyz' || path === '/metrics' ? answer(ctx, path) : next()
  }
}

/** Whether the promise is kept in time. */
function within(milliseconds: number, promise: Promise<void>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(resolve, milliseconds, false)
  const kept = promise.then(
    () => true,
    () => false,
  )
  return Promise.race([kept, late]).finally(() => clearTimeout(timer))
}

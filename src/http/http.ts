/**
 * The shell that every request comes through: headers, request id, origin guard, CSRF, strict reading of
 * bodies, rendering, errors, health, limits, TLS and draining. It owns no page and no route of its own but
 * the machines' `/healthz`, `/readyz`, `/metrics` and `/assets`; rooms bring theirs.
 */
import type { ServerResponse } from 'node:http'
import { join } from 'node:path'
import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import type { Logger } from 'pino'
import type { Config } from '../config.ts'
import { MaitredError } from '../errors.ts'
import type { Locale } from '../locale/locale.ts'
import type { Store } from '../storage/storage.ts'
import { createAssets } from './assets.ts'
import { createCallers } from './caller.ts'
import { cookieName } from './cookie.ts'
import { createErrorWriter } from './error-writer.ts'
import { createMetrics } from './metrics.ts'
import { createOriginGuard } from './origin-guard.ts'
import { createPages } from './pages.ts'
import { createProbes } from './probes.ts'
import { type Handler, handOver, refuseMethod } from './protocol.ts'
import { requestState } from './request-state.ts'
import { createRouting } from './routing.ts'
import { createSecurityHeaders } from './security-headers.ts'
import { type Listening, listen } from './server.ts'
import { attempts } from './store-tally.ts'
import { createTargetCheck } from './target.ts'
import { faviconOf, themeOf } from './theme.ts'
import { createTrace } from './trace.ts'
import { createViews } from './views.ts'

export { addressKey } from './address-key.ts'
export { decodeUtf8, hasBody, readBody } from './body.ts'
export { cookieName, readCookie } from './cookie.ts'
export { formProblem, readForm, readJson } from './form.ts'
export { createLimits, type Limit, type Limits } from './limits.ts'
export { type OpenTally, openTally } from './open-tally.ts'
export { preferLanguages, type RequestState, requestState } from './request-state.ts'
export { hideReferrer, letFormsLeave } from './security-headers.ts'
export type { Listening } from './server.ts'
export { readUpload } from './upload.ts'

export const collections = [attempts]

export interface Shell {
  readonly app: Koa
  /** Rooms add their routes here. */
  readonly router: Router
  /** Renders `views/<view>.ejs` inside `views/layout.ejs` with the request's language, CSRF token and brand. */
  page(ctx: Context, view: string, locals?: Readonly<Record<string, unknown>>, status?: number): Promise<void>
  /** Answers with an error on a context of ours or of an adopted application; handlers of ours throw instead. */
  fail(ctx: Context, error: unknown, backUrl?: string): void
  /** The protocol, as last resort for what no route took; a later call replaces the earlier handler. */
  mount(handler: Handler): void
  /**
   * Makes another Koa application that is mounted behave like ours: it believes the forwarding headers,
   * which the shell has settled, names its routes to log and metrics, and leaves what it does not know and
   * what it does not catch to the error writer.
   */
  adopt(app: Koa): void
  /** Listens on `config.host` and `config.port`, with TLS when it is configured. */
  listen(): Promise<Listening>
}

export function createShell(o: {
  config: Pick<Config, 'issuer' | 'host' | 'port' | 'tls' | 'trustedProxies' | 'name' | 'brand'>
  store: Pick<Store, 'ping'>
  locale: Locale
  log: Logger
  now: () => Date
  vault: { mac(purpose: string, data: string): string }
  /** Folder of the templates. */
  views?: string
  /** Folder of the static files. */
  assets?: string
}): Shell {
  const { config, locale, log, now } = o
  const { issuer, trustedProxies } = config
  let handler: Handler | undefined
  let draining = false
  const isDraining = () => draining
  const answering = new Set<ServerResponse>()

  const metrics = createMetrics()
  const assets = createAssets(o.assets ?? join(import.meta.dirname, '../../public'), {
    'favicon.svg': faviconOf(config.brand),
    'theme.css': themeOf(config.brand),
  })
  const views = createViews(o.views ?? join(import.meta.dirname, '../../views'))
  const pages = createPages({ views, asset: assets.asset, themeHref: assets.asset('theme.css'), config })
  const errors = createErrorWriter({ pages, issuer, log })
  const csrfCookie = cookieName(issuer, 'csrf')
  const surroundings = { issuer, locale, log, now, csrfCookie, mac: o.vault.mac }
  const router = new Router()
  const app = new Koa({ proxy: true })
  errors.takeOver(app)

  app.use(
    createTrace({ callerOf: createCallers(trustedProxies), surroundings, metrics, answering, isDraining }),
  )
  app.use(createSecurityHeaders(config.brand.logo))
  app.use(errors.catchErrors)
  app.use(createTargetCheck(issuer))
  app.use(createProbes({ ping: () => o.store.ping(), metrics, trustedProxies, isDraining }))
  app.use(createOriginGuard(issuer))
  app.use(assets.serve)
  app.use(createRouting(router))
  app.use(refuseMethod)
  app.use((ctx) => handOver(ctx, handler))

  return {
    app,
    router,
    async page(ctx, view, locals, status = 200) {
      const body = pages.page(ctx, view, locals)
      ctx.status = status
      ctx.type = 'html'
      ctx.body = body
    },
    fail: errors.fail,
    mount(mounted) {
      handler = mounted
    },
    adopt(other) {
      other.proxy = true
      errors.takeOver(other)
      other.use(async (ctx, next) => {
        await next()
        const { _matchedRouteName: name } = ctx as { _matchedRouteName?: string }
        if (name !== undefined) requestState(ctx).route ??= name
        if (ctx.status === 404 && (ctx.body === undefined || ctx.body === null))
          throw new MaitredError('not_found')
      })
    },
    listen: () =>
      listen({
        handler: app.callback(),
        host: config.host,
        port: config.port,
        tls: config.tls,
        answering,
        onDrain: () => {
          draining = true
        },
      }),
  }
}

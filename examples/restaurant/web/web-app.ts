/**
 * A web app of the restaurant: it signs people in at the provider, keeps their tokens to itself and asks the
 * restaurant's API with them. A program that uses it brings the pages; everything around them is here.
 */
import { readFileSync } from 'node:fs'
import Router from '@koa/router'
import Koa, { type Context, type Middleware } from 'koa'
import { pino } from 'pino'
import { listen } from '../listen.ts'
import { type ApiClient, ApiDown, createApiClient, SignInNeeded } from './api-client.ts'
import type { Html } from './html.ts'
import { type App, layout, type NavItem, type Neighbour } from './layout.ts'
import { type Me, meReader } from './me.ts'
import { errors, headers, readBody, sameOrigin, trace } from './middleware.ts'
import { createSessionKeeper } from './session-keeper.ts'
import type { Session } from './sessions.ts'
import { createSignIn } from './sign-in.ts'
import { addSignInRoutes } from './sign-in-routes.ts'

export interface WebPagesOptions {
  name: string
  issuer: string
  clientId: string
  clientSecret?: string
  scope?: string
  /** The API that access tokens are to be for (RFC 8707); default: what the provider has noted for this app. */
  api?: string
  /** Where that API is, with its path and without a slash at the end: `http://localhost:3003/api`. */
  apiUrl?: string
  /** The places of this app for who may do that; shown on every page of somebody who is signed in. */
  nav?: (permissions: readonly string[]) => readonly NavItem[]
  /** The other apps, asked for at each page because they may start later. */
  neighbours?: () => readonly Neighbour[]
  /** More rules after those of `style.css` and `frame.css`. */
  css?: string
  /** Adds the pages. The addresses of the sign-in (`sign-in-routes.ts`) are taken. */
  routes(router: Router, tools: WebTools): void
  fetch?: typeof globalThis.fetch
  now?: () => Date
  /** Where failures are noted; default: as JSON on standard output. */
  log?: WebLog
}

export interface WebLog {
  warn(o: object, text: string): void
  error(o: object, text: string): void
}

export interface WebAppOptions extends WebPagesOptions {
  /** 0 takes any free port. */
  port: number
  /** Where to listen; default 127.0.0.1. */
  host?: string
}

/** One request of somebody who is signed in. */
export interface Visit {
  session: Session
  api: ApiClient
  /** Who that is for the restaurant, asked once for each request. @throws what `api` throws */
  me(): Promise<Me>
}

export interface WebTools {
  now(): Date
  /** The session of this browser, with tokens that are still good, or `undefined`. */
  currentSession(ctx: Context): Promise<Session | undefined>
  /** A page for who is signed in; everybody else signs in first and comes back to it. */
  signedIn<C extends Context>(
    handle: (ctx: C, visit: Visit) => Promise<void> | void,
  ): (ctx: C) => Promise<void>
  /** Answers with a page; who is signed in sees their places and the way out on it. */
  page(ctx: Context, page: { title: string; body: Html; status?: number }): void
  /** The API, asked in this person's name. */
  api(session: Session, ctx?: Context): ApiClient
  /** Notes a failure under the name of the request. */
  report(ctx: Context, error: unknown): void
  /** What a form of ours sent. */
  form(ctx: Context): Promise<URLSearchParams>
}

export interface WebApp {
  name: string
  url: string
  close(): Promise<void>
}

const style = ['./style.css', './frame.css']
  .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
  .join('\n')
const icon = readFileSync(new URL('./icon.svg', import.meta.url), 'utf8')

/** @throws when the port is taken or the provider does not answer */
export async function createWebApp(o: WebAppOptions): Promise<WebApp> {
  const { url, serve, close } = await listen(o)
  try {
    const app = new Koa()
    for (const step of await createWebPages({ ...o, url })) app.use(step)
    serve(app.callback())
    return { name: o.name, url, close }
  } catch (error) {
    await close()
    throw error
  }
}

/**
 * The same for a program that listens by itself, because it serves more than pages: what its requests pass.
 * @param o.url where people reach it
 * @throws when the provider does not answer
 */
export async function createWebPages(o: WebPagesOptions & { url: string }): Promise<readonly Middleware[]> {
  const { url, now = () => new Date(), log = pino({ name: o.name, level: 'warn' }) } = o
  const signIn = await createSignIn({
    ...o,
    now,
    redirectUri: `${url}/callback`,
    postLogoutRedirectUri: `${url}/signed-out`,
  })
  // Cookies know no ports: without the port in the name, the apps on localhost would share one.
  const keeper = createSessionKeeper({ signIn, now, cookie: `restaurant-${new URL(url).port}` })

  const tools: WebTools = {
    now,
    currentSession: keeper.current,
    signedIn: (handle) => async (ctx) => {
      const session = await keeper.current(ctx)
      if (!session) throw new SignInNeeded()
      const api = tools.api(session, ctx)
      let asked: Promise<Me> | undefined
      const me = () => {
        asked ??= api.get('/me', meReader).then((answer) => {
          session.permissions = answer.permissions
          return answer
        })
        return asked
      }
      await handle(ctx, { session, api, me })
    },
    page(ctx, { title, body, status = 200 }) {
      const app: App = { ...o, neighbours: o.neighbours?.() ?? [] }
      ctx.status = status
      ctx.type = 'html'
      ctx.body = layout(app, { title, body, path: ctx.path, session: keeper.known(ctx) })
    },
    api(session, ctx) {
      if (!o.apiUrl) throw new Error(`${o.name} was started without apiUrl`)
      const { apiUrl, fetch } = o
      const requestId = ctx?.state.requestId as string | undefined
      return createApiClient({ apiUrl, session, renew: keeper.renew, requestId, ...(fetch && { fetch }) })
    },
    report(ctx, error) {
      // Not the query: the provider's answers come in it.
      const { method, path, state } = ctx
      const level = error instanceof ApiDown ? 'warn' : 'error'
      log[level]({ err: error, requestId: state.requestId, method, path }, 'a page could not be shown')
    },
    form: async (ctx) => new URLSearchParams(await readBody(ctx)),
  }

  const router = new Router()
  addSignInRoutes(router, { url, signIn, keeper, tools })
  router.get('/style.css', (ctx) => {
    ctx.type = 'css'
    ctx.body = o.css ? `${style}\n${o.css}` : style
  })
  router.get('/icon.svg', (ctx) => {
    ctx.type = 'svg'
    ctx.body = icon
  })
  o.routes(router, tools)

  return [
    trace,
    headers(new URL(o.issuer).origin),
    errors({ page: tools.page, report: tools.report, end: keeper.end }),
    sameOrigin(url),
    router.routes() as Middleware,
  ]
}

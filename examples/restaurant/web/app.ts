/**
 * One app of the restaurant: a few pages, a session cookie, and the sign-in at the provider.
 * Front of house and kitchen differ only in what they are called and what each role may do.
 */
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Router from '@koa/router'
import Koa, { type Context } from 'koa'
import { errors, headers, readBody, sameOrigin, seeOther } from './middleware.ts'
import { homePage, messagePage, type Place, signedOutPage } from './pages.ts'
import { createSessions, randomId, type Session } from './sessions.ts'
import { createSignIn } from './sign-in.ts'

export interface RestaurantAppOptions {
  name: string
  /** 0 takes any free port. */
  port: number
  /** Where to listen; default 127.0.0.1. */
  host?: string
  issuer: string
  clientId: string
  clientSecret?: string
  scope?: string
  duties: Place['duties']
  /** The other apps, asked for at each page because they may start later. */
  neighbours?: () => Place['neighbours']
  fetch?: typeof globalThis.fetch
}

export interface RestaurantApp {
  name: string
  url: string
  close(): Promise<void>
}

const style = readFileSync(new URL('./style.css', import.meta.url), 'utf8')
const icon = readFileSync(new URL('./icon.svg', import.meta.url), 'utf8')

export async function createRestaurantApp(o: RestaurantAppOptions): Promise<RestaurantApp> {
  // The port comes first: the addresses that the provider sends people back to are made of it.
  const server = createServer().listen(o.port, o.host ?? '127.0.0.1')
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
  const { port } = server.address() as AddressInfo
  const url = `http://localhost:${port}`

  const signIn = await createSignIn({
    ...o,
    redirectUri: `${url}/callback`,
    postLogoutRedirectUri: `${url}/signed-out`,
  })
  const sessions = createSessions()
  const place = (): Place => ({ ...o, neighbours: o.neighbours?.() ?? [] })

  // Cookies know no ports: without the port in the name, the apps on localhost would share one.
  const cookie = `restaurant-${port}`
  const cookieOptions = { httpOnly: true, sameSite: 'lax', overwrite: true } as const

  /** The session of this browser, with tokens that are still good, or `undefined`. */
  async function currentSession(ctx: Context): Promise<Session | undefined> {
    const id = ctx.cookies.get(cookie)
    const session = sessions.get(id)
    if (!session || session.tokens.expiresAt > Date.now() + 30_000) return session
    session.refreshing ??= renew(session).finally(() => delete session.refreshing)
    if (await session.refreshing) return session
    sessions.close(id)
    return undefined
  }

  async function renew(session: Session): Promise<boolean> {
    const tokens = await signIn.refresh(session.tokens)
    if (!tokens) return false
    session.tokens = tokens
    session.profile = await signIn.profile(tokens)
    return true
  }

  function endSession(ctx: Context): Session | undefined {
    const id = ctx.cookies.get(cookie)
    const session = sessions.get(id)
    sessions.close(id)
    ctx.cookies.set(cookie, null, cookieOptions)
    return session
  }

  const router = new Router()

  router.get('/', async (ctx) => {
    const session = await currentSession(ctx)
    ctx.body = session ? homePage(place(), session) : signedOutPage(place())
  })

  // Also the address to which the provider sends people who want to start anew (`initiate_login_uri`).
  router.get('/sign-in', async (ctx) => {
    if (await currentSession(ctx)) return seeOther(ctx, '/')
    const browser = ctx.cookies.get(`${cookie}-browser`) ?? randomId()
    const { url: provider, pending } = await signIn.begin()
    sessions.begin(browser, pending)
    ctx.cookies.set(`${cookie}-browser`, browser, cookieOptions)
    seeOther(ctx, provider.href)
  })

  router.get('/callback', async (ctx) => {
    const pending = sessions.resume(ctx.cookies.get(`${cookie}-browser`), ctx.URL.searchParams.get('state'))
    // A reload, the back button, a bookmark, or somebody else's answer: nothing here to finish.
    if (!pending) {
      if (await currentSession(ctx)) return seeOther(ctx, '/')
      ctx.status = 400
      ctx.body = messagePage(place(), {
        title: 'This sign-in is over',
        text: 'It took too long, or it began in another browser. Nothing is lost: start again.',
        href: '/sign-in',
        action: 'Sign in',
      })
      return
    }
    const tokens = await signIn.finish(new URL(`/callback${ctx.search}`, url), pending)
    const id = sessions.open({ tokens, profile: await signIn.profile(tokens) })
    ctx.cookies.set(cookie, id, cookieOptions)
    seeOther(ctx, '/')
  })

  router.post('/sign-out', async (ctx) => {
    const session = endSession(ctx)
    if (session) await signIn.revoke(session.tokens)
    seeOther(ctx, '/')
  })

  router.post('/sign-out-everywhere', (ctx) => {
    const session = endSession(ctx)
    seeOther(ctx, session ? signIn.signOutUrl(session.tokens).href : '/')
  })

  router.get('/signed-out', (ctx) => {
    ctx.body = messagePage(place(), {
      title: 'You are signed out',
      text: 'Of this app and of all others on this device.',
      href: '/sign-in',
      action: 'Sign in again',
    })
  })

  // The provider calls this itself, without the person's browser, when the session ended elsewhere.
  router.post('/backchannel-logout', async (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    try {
      const form = new URLSearchParams(await readBody(ctx))
      sessions.endedElsewhere(await signIn.readLogoutToken(form.get('logout_token') ?? ''))
      ctx.status = 200
      ctx.body = ''
    } catch (error) {
      ctx.status = 400
      ctx.body = { error: 'invalid_request', error_description: (error as Error).message }
    }
  })

  router.get('/style.css', (ctx) => {
    ctx.type = 'css'
    ctx.body = style
  })
  router.get('/icon.svg', (ctx) => {
    ctx.type = 'svg'
    ctx.body = icon
  })

  const app = new Koa()
  app.use(headers(new URL(o.issuer).origin))
  app.use(errors(place))
  app.use(sameOrigin(url))
  app.use(router.routes())
  server.on('request', app.callback())

  return {
    name: o.name,
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

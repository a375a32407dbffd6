/** The addresses of the sign-in: where it begins, where the provider sends people back to, and the ways out. */
import type Router from '@koa/router'
import type { Context } from 'koa'
import { messageBody } from './layout.ts'
import { readBody, seeOther } from './middleware.ts'
import type { SessionKeeper } from './session-keeper.ts'
import type { SignIn } from './sign-in.ts'
import type { WebTools } from './web-app.ts'

export function addSignInRoutes(
  router: Router,
  o: { url: string; signIn: SignIn; keeper: SessionKeeper; tools: Pick<WebTools, 'page' | 'form'> },
): void {
  const { url, signIn, keeper, tools } = o

  // Also the address to which the provider sends people who want to start anew (`initiate_login_uri`).
  router.get('/sign-in', (ctx) => begin(ctx, false))
  router.get('/sign-up', (ctx) => begin(ctx, true))

  async function begin(ctx: Context, signUp: boolean): Promise<void> {
    const returnTo = ownPath(ctx.URL.searchParams.get('to'), url)
    if (await keeper.current(ctx)) return seeOther(ctx, returnTo)
    const { url: provider, pending } = await signIn.begin({ returnTo, signUp })
    keeper.begin(ctx, pending)
    seeOther(ctx, provider.href)
  }

  router.get('/callback', async (ctx) => {
    const pending = keeper.resume(ctx, ctx.URL.searchParams.get('state'))
    // A reload, the back button, a bookmark, or somebody else's answer: nothing here to finish.
    if (!pending) {
      if (await keeper.current(ctx)) return seeOther(ctx, '/')
      const title = 'This sign-in is over'
      const text = 'It took too long, or it began in another browser. Nothing is lost: start again.'
      const body = messageBody({ title, text, href: '/sign-in', action: 'Sign in' })
      return tools.page(ctx, { title, body, status: 400 })
    }
    const tokens = await signIn.finish(new URL(`/callback${ctx.search}`, url), pending)
    keeper.open(ctx, { tokens, profile: await signIn.profile(tokens) })
    seeOther(ctx, pending.returnTo)
  })

  // Here, at the provider, and by its logout tokens in the other apps.
  router.post('/sign-out', (ctx) => {
    const session = keeper.end(ctx)
    seeOther(ctx, session ? signIn.signOutUrl(session.tokens).href : '/')
  })

  router.post('/leave', async (ctx) => {
    const session = keeper.end(ctx)
    if (session) await signIn.revoke(session.tokens)
    seeOther(ctx, '/')
  })

  router.get('/signed-out', (ctx) => {
    const title = 'You are signed out'
    const text = 'Of this app and of all others on this device.'
    const body = messageBody({ title, text, href: '/sign-in', action: 'Sign in again' })
    tools.page(ctx, { title, body })
  })

  // The provider calls this itself, without the person's browser, when the session ended elsewhere.
  router.post('/backchannel-logout', async (ctx) => {
    ctx.set('Cache-Control', 'no-store')
    try {
      const form = new URLSearchParams(await readBody(ctx))
      keeper.endedElsewhere(await signIn.readLogoutToken(form.get('logout_token') ?? ''))
      ctx.status = 200
      ctx.body = ''
    } catch (error) {
      ctx.status = 400
      ctx.body = { error: 'invalid_request', error_description: (error as Error).message }
    }
  })
}

/** A page of ours to come back to, and never one of somebody else (CWE-601). */
function ownPath(to: string | null, url: string): string {
  const target = URL.parse(to ?? '/', url)
  // After two slashes a browser reads the name of a host, and `/.//elsewhere.example` has become just that.
  if (target?.origin !== url || target.pathname.startsWith('//')) return '/'
  return `${target.pathname}${target.search}`
}

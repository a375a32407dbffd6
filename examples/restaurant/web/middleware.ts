/** What every request passes before it reaches a page. */
import { randomUUID } from 'node:crypto'
import { type Context, HttpError, type Middleware } from 'koa'
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { ApiDown, ApiProblem, SignInNeeded } from './api-client.ts'
import { html } from './html.ts'
import { messageBody } from './layout.ts'
import type { WebTools } from './web-app.ts'

/** A name for the request: the API gets it too, and a person can read its beginning out on the phone. */
export const trace: Middleware = async (ctx, next) => {
  ctx.state.requestId = randomUUID()
  ctx.set('X-Request-Id', ctx.state.requestId)
  await next()
}

/** The browser may load our two files and nothing else: no script, no frame, no stranger's image. */
export function headers(issuerOrigin: string): Middleware {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    // "Sign out" is a form that goes on to the provider, and browsers check the whole way.
    `form-action 'self' ${issuerOrigin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
  return async (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    })
    await next()
  }
}

/** A form may only come from our own pages: another site must not be able to sign people out. */
export function sameOrigin(url: string): Middleware {
  return async (ctx, next) => {
    const fromUs = ctx.get('Sec-Fetch-Site') === 'same-origin' || ctx.get('Origin') === url
    // The back-channel call comes from a server: it carries no cookie and proves itself by a signature.
    if (ctx.method === 'POST' && ctx.path !== '/backchannel-logout' && !fromUs) ctx.throw(403)
    await next()
  }
}

/** Every failure becomes a page with a way on; what really happened goes to the log. */
export function errors(o: Pick<WebTools, 'page' | 'report'> & { end(ctx: Context): unknown }): Middleware {
  return async (ctx, next) => {
    try {
      await next()
      if (ctx.status === 404 && ctx.body == null) ctx.throw(404)
    } catch (error) {
      if (error instanceof SignInNeeded) {
        o.end(ctx)
        return seeOther(ctx, `/sign-in?to=${encodeURIComponent(pageOf(ctx))}`)
      }
      const { status, title, text } = explain(error)
      if (status >= 500) o.report(ctx, error)
      if (status === 503) ctx.set('Retry-After', '5')
      const reference = String(ctx.state.requestId).slice(0, 8)
      const note =
        status >= 500 && html`<p class="quiet">If you ask us about this, say <code>${reference}</code>.</p>`
      const body = messageBody({ title, text, ...wayOn(ctx, error, status), ...(note && { note }) })
      o.page(ctx, { title, body, status })
    }
  }
}

/** What was asked for; for a form, the page that it stood on. */
function pageOf(ctx: Context): string {
  if (ctx.method === 'GET') return ctx.url
  const from = URL.parse(ctx.get('Referer'))
  return from?.host === ctx.host ? `${from.pathname}${from.search}` : '/'
}

function wayOn(ctx: Context, error: unknown, status: number): { href: string; action: string } {
  if (error instanceof ApiDown) return { href: pageOf(ctx), action: 'Try again' }
  if (isStale(error)) return { href: pageOf(ctx), action: 'Look again' }
  if (status === 403 && !(error instanceof ApiProblem)) return { href: '/sign-in', action: 'Sign in' }
  return { href: '/', action: 'Go to the start' }
}

interface Explanation {
  status: number
  title: string
  text: string
}

function explain(error: unknown): Explanation {
  if (error instanceof AuthorizationResponseError)
    return {
      status: 403,
      title: 'You are not signed in',
      text: 'The sign-in was stopped before it was done.',
    }
  if (isProviderTrouble(error))
    return {
      status: 503,
      title: 'One moment',
      text: 'The sign-in does not answer as it should. Try again soon.',
    }
  if (error instanceof ApiDown)
    return {
      status: 503,
      title: 'One moment',
      text: 'The restaurant’s books do not answer just now. Nothing is lost: you are still signed in, and it works again soon.',
    }
  const status = error instanceof HttpError || error instanceof ApiProblem ? error.status : 500
  if (status === 404) return { status, title: 'Not here', text: 'There is no page at this address.' }
  if (error instanceof ApiProblem) return explainRefusal(error)
  if (status < 500) return { status, title: 'That did not work', text: 'The request was not understood.' }
  return { status, title: 'Something broke', text: 'It is our fault and it is noted.' }
}

/** What was asked for does not fit what is there by now. The API's words for it are for programs. */
function isStale(error: unknown): boolean {
  return error instanceof ApiProblem && [409, 412, 422].includes(error.status)
}

function explainRefusal(error: ApiProblem): Explanation {
  const { status } = error
  if (status === 403)
    return { status, title: 'Not yours to open', text: 'Your role in the restaurant does not include this.' }
  if (isStale(error))
    return {
      status: 409,
      title: 'Somebody was quicker',
      text: 'This was changed while you looked at it. Look at it again, then decide.',
    }
  return { status: 400, title: 'That did not work', text: 'The request was not understood.' }
}

/** The provider refused us, answered nonsense, or could not be reached. */
function isProviderTrouble(error: unknown): boolean {
  const kinds = [ClientError, ResponseBodyError, WWWAuthenticateChallengeError]
  return kinds.some((kind) => error instanceof kind) || (error as Error).message === 'fetch failed'
}

/** 303, never 307: what was posted to us must not be posted again to where we send the browser. */
export function seeOther(ctx: Context, url: string): void {
  ctx.status = 303
  ctx.set('Location', url)
  ctx.body = ''
}

/** A small form's bytes. */
export async function readBody(ctx: Context, maxBytes = 16_384): Promise<string> {
  let body = ''
  for await (const chunk of ctx.req.setEncoding('utf8')) {
    body += chunk
    if (body.length > maxBytes) ctx.throw(413)
  }
  return body
}

/**
 * A forgotten password: whoever asks is mailed a link, good for half an hour. The answer is the same for known and
 * unknown addresses, and so is the work.
 */
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import { type Accounts, normaliseEmail, type Tickets } from '../accounts/accounts.ts'
import { type Applications, appLink } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import {
  addressKey,
  formProblem,
  type Limits,
  preferLanguages,
  readForm,
  requestState,
  type Shell,
} from '../http/http.ts'
import { randomToken } from '../keys/keys.ts'
import type { Store } from '../storage/storage.ts'
import type { Letters } from './letters.ts'
import { originOf } from './sign-in-record.ts'

const MINUTES = 30
/** Where one asks for a link. */
export const FORGOT = '/forgot-password'

export interface ForgotOptions {
  issuer: string
  shell: Pick<Shell, 'page'> & { router: Router }
  store: Store
  accounts: Accounts
  applications: Applications
  tickets: Tickets
  events: Events
  limits: Limits
  letters: Letters
  wake(): void
}

const forgotForm = z.strictObject({
  email: z.string().min(1, 'error.field.required').max(320, 'error.field.tooLong'),
})

export function routeForgotPassword(options: ForgotOptions): void {
  const { shell, store, accounts, applications, tickets, events, limits, letters, issuer } = options

  /** Which sign-in a reset was begun in: only ids of known shape are carried on. */
  async function comingFrom(query: Record<string, unknown>) {
    const application = typeof query.app === 'string' ? await applications.get(query.app) : undefined
    const uid = typeof query.flow === 'string' && /^[\w-]{1,64}$/.test(query.flow) ? query.flow : undefined
    const app = application && appLink(application)
    const id = application && encodeURIComponent(application._id)
    return { application, app, backUrl: uid && id ? `/flow/${uid}?app=${id}` : app?.uri }
  }

  async function showForgot(ctx: Context, problem: object = {}, status = 200): Promise<void> {
    const { app, backUrl } = await comingFrom(ctx.query)
    const action = `${FORGOT}${ctx.search}`
    // What was typed on the sign-in comes along.
    const values = { email: typeof ctx.query.email === 'string' && normaliseEmail(ctx.query.email) }
    const here = ctx.method === 'POST' ? action : undefined
    await shell.page(ctx, 'flow/forgot-password', { app, action, backUrl, values, here, ...problem }, status)
  }

  /** The same for known and unknown addresses, and as often as it is looked at. */
  async function showSent(ctx: Context): Promise<void> {
    const { app, backUrl } = await comingFrom(ctx.query)
    await shell.page(ctx, 'flow/forgot-sent', { app, backUrl })
  }

  async function forgot(ctx: Context): Promise<void> {
    const { email: typed } = await readForm(ctx, forgotForm)
    const email = normaliseEmail(typed)
    if (!email) throw new MaitredError('invalid_form', { fields: { email: 'error.field.email' } })
    const source = addressKey(requestState(ctx).ip)
    await limits.takeAll([
      { key: `mail:${email}`, max: 5, windowSeconds: 3_600 },
      { key: `forgot:${source}`, max: 30, windowSeconds: 3_600 },
    ])
    const { application, backUrl } = await comingFrom(ctx.query)
    const found = await accounts.findByIdentifier(email)
    const person = found?.status === 'disabled' ? undefined : found
    // The same writes either way, so that time tells nothing: nobody's ticket opens nothing, nobody's letter
    // is never sent.
    const ticket = tickets.issue({
      purpose: 'reset',
      ttlSeconds: MINUTES * 60,
      data: { continueUrl: backUrl, language: requestState(ctx).language },
      person: person?._id ?? randomToken(16),
      replaces: true,
    })
    const link = `${issuer}/reset-password?token=${ticket.token}`
    const origin = originOf(ctx)
    await store.batch([
      ...ticket.writes,
      events.record({
        type: 'password_reset_requested',
        person: person?._id,
        application: application?._id,
        origin,
      }),
      letters.resetPassword({ ctx, application }, person, { link, validMinutes: String(MINUTES) }),
    ])
    options.wake()
    const sent = new URL(`${FORGOT}/sent${ctx.search}`, issuer)
    sent.searchParams.delete('email')
    ctx.status = 303
    ctx.redirect(sent.pathname + sent.search)
  }

  /** A refused form is shown again with what was typed. */
  async function orAgain(ctx: Context, act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      if (
        !(error instanceof MaitredError) ||
        (error.code !== 'invalid_form' && error.code !== 'too_many_requests')
      )
        throw error
      await showForgot(ctx, formProblem(ctx, error), error.status)
    }
  }

  const { router } = shell
  /** In the language of the sign-in that it was begun in. */
  const likeTheSignIn = (act: (ctx: Context) => Promise<void>) => (ctx: Context) => {
    const { ui_locales: asked } = ctx.query
    if (typeof asked === 'string') preferLanguages(ctx, asked)
    return act(ctx)
  }
  router.get(
    FORGOT,
    likeTheSignIn((ctx) => showForgot(ctx)),
  )
  router.get(`${FORGOT}/sent`, likeTheSignIn(showSent))
  router.post(
    FORGOT,
    likeTheSignIn((ctx) => orAgain(ctx, () => forgot(ctx))),
  )
}

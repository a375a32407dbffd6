/**
 * A forgotten password, and an invited administrator's first one: a mailed or printed link, used once. The
 * answer is the same for known and unknown addresses, and a reset never signs in and never bypasses a factor.
 */
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import {
  type Accounts,
  normaliseEmail,
  type Person,
  passwordLimits,
  type Ticket,
  type Tickets,
} from '../accounts/accounts.ts'
import { type Applications, appLink } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import {
  addressKey,
  formProblem,
  hideReferrer,
  type Limits,
  preferLanguages,
  readForm,
  requestState,
  type Shell,
} from '../http/http.ts'
import { randomToken } from '../keys/keys.ts'
import { BatchError, type Store, type Write } from '../storage/storage.ts'
import type { Letters } from './letters.ts'
import { originOf } from './sign-in-record.ts'
import { checkNewPassword } from './sign-up.ts'

const MINUTES = 30
const FORGOT = '/forgot-password'

export interface RecoverOptions {
  issuer: string
  brand: string
  shell: Pick<Shell, 'page'> & { router: Router }
  store: Store
  accounts: Accounts
  applications: Applications
  tickets: Tickets
  events: Events
  limits: Limits
  letters: Letters
  isMfaMandatory(person: Person): boolean
  /** What failed before is not held against whoever has the mailed link, as data. */
  forgive(person: Person): Write[]
  /** This device is one of the person's. */
  know(ctx: Context, person: Person): void
  /** Ends all sessions and refresh tokens of a person, as data. */
  endEverything(person: Person): Promise<Write[]>
  wake(): void
}

type Purpose = 'reset' | 'admin-invite'

const forgotForm = z.strictObject({
  email: z.string().min(1, 'error.field.required').max(320, 'error.field.tooLong'),
})
const resetForm = z.strictObject({
  token: z.string().min(1).max(200),
  password: z.string().min(1, 'error.field.required').max(1_024, 'error.field.tooLong'),
})

export function routeRecovery(options: RecoverOptions): void {
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

  async function open(
    ctx: Context,
    purpose: Purpose,
    token: string,
  ): Promise<{ ticket: Ticket; person: Person } | undefined> {
    const ticket = await tickets.peek(purpose, token)
    if (typeof ticket?.data.language === 'string') preferLanguages(ctx, ticket.data.language)
    const person = ticket?.person === undefined ? undefined : await accounts.find(ticket.person)
    return ticket && person && person.status !== 'disabled' ? { ticket, person } : undefined
  }

  async function showReset(
    ctx: Context,
    purpose: Purpose,
    token: string,
    problem: object = {},
    status = 200,
  ) {
    hideReferrer(ctx)
    const found = await open(ctx, purpose, token)
    if (!found) return shell.page(ctx, 'flow/reset-expired', { againUrl: FORGOT }, 410)
    const { person } = found
    const { min } = passwordLimits(options.isMfaMandatory(person))
    const about = {
      email: person.email,
      welcome: isFirst(purpose, person) ? (person.email ?? person.username) : undefined,
      minLength: min,
      here: ctx.method === 'POST' ? `${ctx.path}?${new URLSearchParams({ token })}` : undefined,
    }
    const locals = { action: ctx.path, hidden: { token }, ...about, ...problem }
    await shell.page(ctx, 'flow/reset-password', locals, status)
  }

  async function reset(ctx: Context, purpose: Purpose): Promise<void> {
    const { token, password } = await readForm(ctx, resetForm)
    const found = await open(ctx, purpose, token)
    if (!found) return showReset(ctx, purpose, token)
    const { ticket, person } = found
    try {
      checkNewPassword(password, {
        mfa: options.isMfaMandatory(person),
        context: wordsOf(person, options.brand),
      })
    } catch (error) {
      if (!(error instanceof MaitredError)) throw error
      return showReset(ctx, purpose, token, formProblem(ctx, error), 422)
    }
    try {
      await accounts.setPassword(person, password, async () => [
        tickets.takeWrite(purpose, token),
        ...(await options.endEverything(person)),
        ...options.forgive(person),
        events.record({
          type: 'password_changed',
          person: person._id,
          origin: originOf(ctx),
          detail: { by: purpose },
        }),
        ...(person.email ? [letters.passwordChanged({ ctx }, person)] : []),
      ])
    } catch (error) {
      // Somebody opened the link twice, or has set a password without it: that one counts, and the link is void.
      const isLate = error instanceof MaitredError && error.code === 'conflict'
      if (!isLate && !(error instanceof BatchError)) throw error
      return showReset(ctx, purpose, token)
    }
    // A mailed link reached its owner: whoever holds it has proven the address that it went to. An invitation
    // was printed, and handed on who knows how.
    if (purpose === 'reset' && person.email && !person.emailVerified)
      await accounts.change(person._id, { email: person.email }, { $set: { emailVerified: true } })
    if (purpose === 'reset') options.know(ctx, person)
    options.wake()
    const { continueUrl } = ticket.data
    await shell.page(ctx, 'flow/password-done', {
      continueUrl: typeof continueUrl === 'string' ? continueUrl : '/account',
      welcome: isFirst(purpose, person),
    })
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
  for (const [path, purpose] of [
    ['/reset-password', 'reset'],
    ['/welcome', 'admin-invite'],
  ] as const) {
    router.get(path, (ctx) => showReset(ctx, purpose, String(ctx.query.token ?? '')))
    router.post(path, (ctx) => reset(ctx, purpose))
  }
}

/** Whoever is invited has no password yet that others could be signed in with. */
function isFirst(purpose: Purpose, { password }: Person): boolean {
  return purpose === 'admin-invite' && password === undefined
}

/** Words that an attacker would try in this person's password. */
export function wordsOf(person: Person, brand: string): string[] {
  const { firstName, lastName, username, email } = person
  return [brand, firstName, lastName, username, email?.split('@')[0]].filter((word) => word !== undefined)
}

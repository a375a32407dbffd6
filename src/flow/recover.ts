/**
 * A new password by a mailed or printed link that is used once: for one that was forgotten (`forgot-password.ts`), and an
 * invited administrator's first one. It never signs in and never bypasses a factor.
 */
import type { Context } from 'koa'
import { z } from 'zod'
import { type Person, passwordLimits, type Ticket } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import { formProblem, hideReferrer, preferLanguages, readForm } from '../http/http.ts'
import { BatchError, type Write } from '../storage/storage.ts'
import { FORGOT, type ForgotOptions, routeForgotPassword } from './forgot-password.ts'
import { originOf } from './sign-in-record.ts'
import { checkNewPassword } from './sign-up.ts'

export interface RecoverOptions extends ForgotOptions {
  brand: string
  isMfaMandatory(person: Person): boolean
  /** What failed before is not held against whoever has the mailed link, as data. */
  forgive(person: Person): Write[]
  /** This device is one of the person's. */
  know(ctx: Context, person: Person): void
  /** Ends all sessions and refresh tokens of a person, as data. */
  endEverything(person: Person): Promise<Write[]>
}

type Purpose = 'reset' | 'admin-invite'

const resetForm = z.strictObject({
  token: z.string().min(1).max(200),
  password: z.string().min(1, 'error.field.required').max(1_024, 'error.field.tooLong'),
})

export function routeRecovery(options: RecoverOptions): void {
  const { shell, accounts, tickets, events, letters } = options

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

  routeForgotPassword(options)
  for (const [path, purpose] of [
    ['/reset-password', 'reset'],
    ['/welcome', 'admin-invite'],
  ] as const) {
    shell.router.get(path, (ctx) => showReset(ctx, purpose, String(ctx.query.token ?? '')))
    shell.router.post(path, (ctx) => reset(ctx, purpose))
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

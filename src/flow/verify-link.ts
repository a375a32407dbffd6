/** Where the link of a sign-up mail leads. Opening it does nothing; the button acts, and it never signs in. */
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { z } from 'zod'
import type { Hasher } from '../accounts/accounts.ts'
import { type Applications, appLink } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import {
  formProblem,
  hideReferrer,
  type Limits,
  preferLanguages,
  readForm,
  type Shell,
} from '../http/http.ts'
import { confirmedSignIn } from './confirmed-address.ts'
import { createProvenAccount, type SignUpOptions } from './sign-up.ts'

export interface VerifyLinkOptions
  extends Pick<SignUpOptions, 'accounts' | 'events' | 'proofs' | 'copyRoles'> {
  shell: Pick<Shell, 'page'> & { router: Router }
  applications: Applications
  hasher: Hasher
  limits: Limits
}

const form = z.strictObject({
  token: z.string().min(1).max(200),
  password: z.string().max(1_024, 'error.field.tooLong').optional(),
})

export function routeVerifyLink(options: VerifyLinkOptions): void {
  const { shell, proofs, applications, hasher, limits } = options

  async function open(ctx: Context, token: string) {
    hideReferrer(ctx)
    const found = await proofs.byLink(ctx, 'signup', token)
    if (!found) throw new MaitredError('expired')
    const { ticket, sameBrowser } = found
    // A link is opened where it suits; the page goes on in the language in which it was asked for.
    preferLanguages(ctx, String(ticket.data.language))
    const application = await applications.get(String(ticket.data.application))
    const app = application && appLink(application)
    const id = encodeURIComponent(String(ticket.data.application))
    const signInUrl = confirmedSignIn(`/flow/${String(ticket.data.uid)}/sign-in?app=${id}`)
    return { ...found, application, app, continueUrl: sameBrowser ? signInUrl : app?.uri }
  }

  async function show(ctx: Context, token: string, problem: object = {}, status = 200): Promise<void> {
    const { sameBrowser, isUsed, app, continueUrl } = await open(ctx, token)
    if (isUsed) return shell.page(ctx, 'flow/email-verified', { app, continueUrl, again: true }, 410)
    const view = sameBrowser ? 'flow/confirm-email' : 'flow/verify-email-elsewhere'
    const here = ctx.method === 'POST' ? `${ctx.path}?${new URLSearchParams({ token })}` : undefined
    await shell.page(ctx, view, { app, action: ctx.path, hidden: { token }, here, ...problem }, status)
  }

  async function confirm(ctx: Context): Promise<void> {
    const { token, password } = await readForm(ctx, form)
    const { ticket, sameBrowser, isUsed, application, app, continueUrl } = await open(ctx, token)
    if (isUsed) return show(ctx, token)
    if (!sameBrowser) {
      await limits.take(`proof:${ticket._id}`, { max: 5, windowSeconds: 1_800 })
      const isRight = await hasher.verify(String(ticket.data.passwordHash), password ?? '')
      if (!isRight) {
        const error = new MaitredError('invalid_form', { fields: { password: 'error.password.signUp' } })
        return show(ctx, token, formProblem(ctx, error), 422)
      }
    }
    await createProvenAccount(options, ticket, { ctx, application })
    await shell.page(ctx, 'flow/email-verified', { app, continueUrl })
  }

  shell.router.get('/verify-email', (ctx) => show(ctx, String(ctx.query.token ?? '')))
  shell.router.post('/verify-email', confirm)
}

/** A new password for who knows the old one, and has a second factor at hand where there is one. */
import { z } from 'zod'
import { type Accounts, type Person, passwordLimits } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import { checkNewPassword, type Letters, type SignInGuard, wordsOf } from '../flow/flow.ts'
import { readForm } from '../http/http.ts'
import type { BrowserSessions, NewPasswordWrites } from '../oidc/oidc.ts'
import type { Gate, Visit } from './gate.ts'
import type { AccountPage, Visits } from './visits.ts'

export interface PasswordPageOptions {
  brand: string
  visits: Visits
  gate: Gate
  accounts: Pick<Accounts, 'checkPassword' | 'setPassword'>
  guard: Pick<SignInGuard, 'check'>
  letters: Pick<Letters, 'passwordChanged'>
  isMfaMandatory(person: Person): boolean
  newPasswordWrites: NewPasswordWrites
  browserSessions: Pick<BrowserSessions, 'renew'>
  wake(): void
}

const secret = z.string().min(1, 'error.field.required').max(1_024, 'error.field.tooLong')
const form = z.strictObject({
  currentPassword: secret.optional(),
  password: secret,
  others: z.literal('yes').optional(),
})

export function routePassword(options: PasswordPageOptions): void {
  const { visits, gate, accounts, guard, letters, brand } = options
  const path = '/account/password'

  /** The old password alone is one factor; where there are two, or none, the whole sign-in comes first. */
  function confirmed(visit: Visit): boolean {
    const { totp, password } = visit.person
    return (password !== undefined && !totp) || gate.confirm(visit, { to: path })
  }

  const page: AccountPage = {
    path,
    async show(visit, again) {
      if (!again && !confirmed(visit)) return
      const { person } = visit
      const locals = {
        hasPassword: person.password !== undefined,
        changedAt: person.password?.changedAt,
        minLength: passwordLimits(options.isMfaMandatory(person)).min,
        context: wordsOf(person, brand),
      }
      await visits.render(visit, 'account/password', locals, again)
    },
  }

  async function checkCurrent({ ctx, person }: Visit, typed: string | undefined): Promise<void> {
    if (!person.password) return
    if (!typed) throw refused('currentPassword', 'error.field.required')
    const attempt = await guard.check(ctx, person, undefined, () => accounts.checkPassword(person, typed))
    if (!attempt) throw refused('currentPassword', 'error.password.wrong')
    await attempt.succeed()
  }

  async function change(visit: Visit): Promise<void> {
    if (!confirmed(visit)) return
    const { ctx, person, session } = visit
    const { currentPassword, password, others } = await readForm(ctx, form)
    checkNewPassword(password, { mfa: options.isMfaMandatory(person), context: wordsOf(person, brand) })
    await checkCurrent(visit, currentPassword)
    if (currentPassword?.normalize('NFC') === password.normalize('NFC'))
      throw refused('password', 'error.password.same')
    const endOthers = others !== undefined
    await accounts.setPassword(person, password, async (changedAt) => [
      options.browserSessions.renew(session, changedAt),
      ...(await options.newPasswordWrites({ person, changedAt, session: session.uid, endOthers })),
      visits.record(visit, 'password_changed'),
      ...(person.email ? [letters.passwordChanged({ ctx }, person)] : []),
    ])
    options.wake()
    visits.done(visit, path, 'password')
  }

  visits.open(page)
  visits.act(path, page, change)
}

function refused(field: string, text: string): MaitredError {
  return new MaitredError('invalid_form', { fields: { [field]: text } })
}

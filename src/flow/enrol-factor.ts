/** Sets up a second factor where one is needed and none is there; recovery codes follow, shown once. */
import { toString as qrCode } from 'qrcode'
import { z } from 'zod'
import type { Accounts, Person } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { readForm } from '../http/http.ts'
import type { Recovery, Totp, TotpOffer } from '../plugins/plugins.ts'
import type { Letters } from './letters.ts'
import { type MfaRules, needsSecondFactor } from './mfa.ts'
import { amrWith } from './second-factor.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import { beginningOf, originOf } from './sign-in-record.ts'
import { signedInAs } from './signed-in-as.ts'
import type { Flow, Step } from './step.ts'

export interface EnrolFactorOptions {
  /** The name that the authenticator app shows. */
  brand: string
  accounts: Accounts
  events: Events
  guard: SignInGuard
  rules: MfaRules
  totp: Totp
  recovery: Recovery
  letters: Letters
  wake(): void
}

const form = z.strictObject({
  offer: z.string().min(1).max(1_000),
  code: z.string().min(1, 'error.field.required').max(100, 'error.field.tooLong'),
})
const empty = z.strictObject({})

export function enrolFactor(options: EnrolFactorOptions): Step {
  const { accounts, events, guard, rules, totp, recovery, brand } = options
  const labelOf = (person: Person): string => person.email ?? person.username ?? person._id

  async function page(flow: Flow, offer: TotpOffer): Promise<void> {
    await flow.page('flow/enrol-totp', {
      action: flow.url('enrolFactor'),
      hidden: { offer: offer.sealed },
      ...(await drawOffer(offer)),
    })
  }

  return {
    name: 'enrolFactor',
    due: (situation) =>
      situation.session !== undefined &&
      situation.person !== undefined &&
      !totp.enrolled(situation.person) &&
      needsSecondFactor(rules, situation),

    async show(flow) {
      if (!flow.person) throw new MaitredError('expired')
      await page(flow, totp.begin({ issuer: brand, label: labelOf(flow.person) }))
    },

    async submit(flow) {
      const { person, session, ctx, now } = flow
      if (!person || !session) throw new MaitredError('expired')
      const { offer, code } = await readForm(ctx, form)
      const label = labelOf(person)
      const attempt = await guard.beginFactor(person)
      const enrolment = totp.confirm(offer, code, { label, now })
      if (!enrolment) {
        // The same offer again: the app has the key already.
        ctx.status = 422
        return flow.page(
          'flow/enrol-totp',
          {
            action: flow.url('enrolFactor'),
            hidden: { offer },
            ...(await drawOffer(totp.resume(offer, { issuer: brand, label }))),
            fields: { code: flow.t('error.code.wrong') },
          },
          422,
        )
      }
      const made = recovery.make(now)
      const change = { $set: { totp: enrolment, recovery: made.recovery } }
      // A new password in the meantime wins: who proved the old one must not guard the account by a key of theirs.
      const match = {
        totp: { $exists: false },
        ...(session.passwordSetAt && { 'password.changedAt': session.passwordSetAt }),
      }
      const arrival = guard.arrival(flow, person, totp.method, { attempt, begun: beginningOf(session) })
      const changed = await accounts.change(person._id, match, change, [
        events.record({ type: 'factor_enrolled', person: person._id, origin: originOf(ctx) }),
        ...(person.email ? [options.letters.factorChanged(flow, person, 'factor_enrolled')] : []),
        ...arrival.writes,
      ])
      if (!changed) throw new MaitredError('conflict')
      arrival.remember()
      arrival.done()
      options.wake()
      // Whoever sits here has chosen the key: it proves nothing, and the sign-in stays as old as it was.
      const amr = amrWith(session.amr, totp)
      await flow.settle({ signedIn: signedInAs(person, amr, session.authTime, session) })
      await flow.page('flow/recovery-codes', {
        action: flow.url('saved'),
        codes: made.codes,
        cancelAction: undefined,
      })
    },

    routes: {
      saved: {
        async submit(flow) {
          await readForm(flow.ctx, empty)
          flow.proceed()
        },
      },
    },
  }
}

/** The offer as a page shows it: a QR code, and the key for those who type it. */
export async function drawOffer({
  uri,
  secret,
}: TotpOffer): Promise<{ uri: string; secret: string; qr: string }> {
  const qr = await qrCode(uri, { type: 'svg', margin: 0, errorCorrectionLevel: 'M' })
  return { uri, secret: secret.match(/.{1,4}/g)?.join(' ') ?? secret, qr }
}

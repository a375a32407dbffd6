/** Sets up a second factor where one is needed and none is there; recovery codes follow, shown once. */
import { z } from 'zod'
import type { Accounts } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { readForm } from '../http/http.ts'
import type { Recovery, Totp, TotpOffer } from '../plugins/plugins.ts'
import type { KeptAt, KeptEnrolment } from './kept-enrolment.ts'
import type { Letters } from './letters.ts'
import { type MfaRules, needsSecondFactor } from './mfa.ts'
import { amrWith } from './second-factor.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import { beginningOf, originOf } from './sign-in-record.ts'
import { signedInAs } from './signed-in-as.ts'
import type { Flow, Step } from './step.ts'

export interface EnrolFactorOptions {
  accounts: Accounts
  events: Events
  guard: SignInGuard
  rules: MfaRules
  totp: Totp
  recovery: Recovery
  kept: KeptEnrolment
  letters: Letters
  wake(): void
}

const form = z.strictObject({
  offer: z.string().min(1).max(1_000),
  code: z.string().min(1, 'error.field.required').max(100, 'error.field.tooLong'),
})
const empty = z.strictObject({})

export function enrolFactor(options: EnrolFactorOptions): Step {
  const { accounts, events, guard, rules, totp, recovery, kept } = options

  /** Where the enrolment of this sign-in is kept. */
  function placeOf({ uid, person }: Flow): KeptAt {
    if (!person) throw new MaitredError('expired')
    const label = person.email ?? person.username ?? person._id
    return { path: `/flow/${uid}`, person: person._id, label }
  }

  async function page(flow: Flow, offer: TotpOffer, problem: object = {}, status = 200): Promise<void> {
    await flow.page(
      'flow/enrol-totp',
      {
        action: flow.url('enrolFactor'),
        hidden: { offer: offer.sealed },
        ...(await drawOffer(offer)),
        ...problem,
      },
      status,
    )
  }

  async function showCodes(flow: Flow): Promise<void> {
    const codes = kept.codes(flow.ctx, placeOf(flow))
    // Saved, or shown for too long: what is still due asks for itself.
    if (!codes) return flow.next()
    await flow.page('flow/recovery-codes', { action: flow.url('saved'), codes, cancelAction: undefined })
  }

  return {
    name: 'enrolFactor',
    due: (situation) =>
      situation.session !== undefined &&
      situation.person !== undefined &&
      !totp.enrolled(situation.person) &&
      needsSecondFactor(rules, situation),

    async show(flow) {
      const place = placeOf(flow)
      // Back, or in another tab: the factor is on, and another key would be one too many.
      if (flow.person && totp.enrolled(flow.person))
        return kept.codes(flow.ctx, place) ? flow.redirect(flow.url('codes')) : flow.next()
      await page(flow, kept.offer(flow.ctx, place))
    },

    async submit(flow) {
      const { person, session, ctx, now } = flow
      if (!person || !session) throw new MaitredError('expired')
      const { offer, code } = await readForm(ctx, form)
      const place = placeOf(flow)
      // The same form once more, from a page that the browser had kept.
      if (totp.enrolled(person) && kept.codes(ctx, place)) return flow.redirect(flow.url('codes'))
      const attempt = await guard.beginFactor(person)
      const enrolment = totp.confirm(offer, code, { label: place.label, now })
      if (!enrolment) {
        // The same offer again: the app has the key already.
        const problem = { fields: { code: flow.t('error.code.wrong') }, here: flow.url() }
        return page(flow, kept.offerAgain(ctx, place, offer), problem, 422)
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
      kept.keepCodes(ctx, place, made.codes)
      flow.redirect(flow.url('codes'))
    },

    routes: {
      codes: { show: showCodes },
      saved: {
        async submit(flow) {
          await readForm(flow.ctx, empty)
          kept.forget(flow.ctx, placeOf(flow))
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
  const { toString: qrCode } = await import('qrcode')
  const qr = await qrCode(uri, { type: 'svg', margin: 0, errorCorrectionLevel: 'M' })
  return { uri, secret: secret.match(/.{1,4}/g)?.join(' ') ?? secret, qr }
}

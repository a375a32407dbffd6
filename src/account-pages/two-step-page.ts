/** The second factor of one's own account: set up, moved to another phone, turned off, and its recovery codes. */
import { z } from 'zod'
import type { Accounts, Person } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import { amrWith, drawOffer, type Letters, type SignInGuard } from '../flow/flow.ts'
import { readForm } from '../http/http.ts'
import type { BrowserSessions } from '../oidc/oidc.ts'
import type { Recovery, Totp, TotpOffer } from '../plugins/plugins.ts'
import type { Change, Match } from '../storage/storage.ts'
import type { Gate, Visit } from './gate.ts'
import type { AccountPage, Again, Visits } from './visits.ts'

export interface TwoStepPageOptions {
  /** The name that the authenticator app shows. */
  brand: string
  visits: Visits
  gate: Gate
  accounts: Pick<Accounts, 'change'>
  guard: Pick<SignInGuard, 'beginFactor'>
  browserSessions: Pick<BrowserSessions, 'hold' | 'strengthen'>
  totp: Totp
  recovery: Recovery
  letters: Pick<Letters, 'factorChanged'>
  isMfaMandatory(person: Person): boolean
  wake(): void
}

const PATH = '/account/security'
const ENROL = '/account/security/totp'
const CODES = '/account/security/recovery-codes'

const form = z.strictObject({
  offer: z.string().min(1).max(1_000),
  code: z.string().min(1, 'error.field.required').max(100, 'error.field.tooLong'),
})
const empty = z.strictObject({})

type Changed = Parameters<Letters['factorChanged']>[2]

export function routeTwoStep(options: TwoStepPageOptions): void {
  const { visits, gate, accounts, totp, recovery, letters, brand } = options
  const again = { to: `${PATH}?done=confirmed`, back: PATH }

  const page: AccountPage = {
    path: PATH,
    async show(visit, problem) {
      const { person } = visit
      const locals = {
        totp: person.totp && { enrolledAt: person.totp.enrolledAt },
        recoveryLeft: person.recovery?.hashes.length ?? 0,
        mfaRequired: options.isMfaMandatory(person),
      }
      await visits.render(visit, 'account/security', locals, problem)
    },
  }

  const enrolment: AccountPage = {
    path: ENROL,
    async show(visit, problem) {
      if (!gate.confirm(visit, { to: ENROL, back: PATH })) return
      await draw(visit, totp.begin({ issuer: brand, label: labelOf(visit.person) }), problem)
    },
  }

  async function draw(visit: Visit, offer: TotpOffer, problem?: Again): Promise<void> {
    const locals = { action: ENROL, hidden: { offer: offer.sealed }, ...(await drawOffer(offer)) }
    await visits.render(visit, 'account/totp-enrol', locals, problem)
  }

  /** One guarded change of the factor, with its trace and its letter. */
  async function change(
    visit: Visit,
    what: Changed,
    by: { match: Match; change: Change },
    also = [options.browserSessions.hold(visit.session)],
  ) {
    const { person, ctx } = visit
    const changed = await accounts.change(person._id, by.match, by.change, [
      ...also,
      visits.record(visit, what),
      ...(person.email ? [letters.factorChanged({ ctx }, person, what)] : []),
    ])
    if (!changed) throw new MaitredError('conflict')
    options.wake()
  }

  async function enrol(visit: Visit): Promise<void> {
    if (!gate.confirm(visit, { to: ENROL, back: PATH })) return
    const { person, session, now, t } = visit
    const { offer, code } = await readForm(visit.ctx, form)
    const label = labelOf(person)
    const attempt = await options.guard.beginFactor(person)
    const enrolled = totp.confirm(offer, code, { label, now })
    if (!enrolled) {
      // The same offer again: the app has the key already.
      const problem = { status: 422, problem: undefined, fields: { code: t('error.code.wrong') }, values: {} }
      return draw(visit, totp.resume(offer, { issuer: brand, label }), problem)
    }
    // This very form has done its work: its code is used.
    if (person.totp?.secret === offer) throw new MaitredError('conflict')
    const made = recovery.enrolled(person) && person.totp ? undefined : recovery.make(now)
    const $set = { totp: enrolled, ...(made && { recovery: made.recovery }) }
    await change(visit, 'factor_enrolled', { match: unchanged(person), change: { $set } }, [
      // The code has proved it here; to ask for the next one at once would be to ask twice.
      options.browserSessions.strengthen(session, amrWith(session.amr, totp)),
    ])
    await attempt.succeed()
    await (made ? showCodes(visit, made.codes) : visits.done(visit, PATH, 'factorOn'))
  }

  async function showCodes(visit: Visit, codes: string[]): Promise<void> {
    await visits.render(visit, 'account/recovery-codes', { action: `${CODES}/saved`, codes })
  }

  async function makeCodes(visit: Visit): Promise<void> {
    await readForm(visit.ctx, empty)
    if (!gate.confirm(visit, again)) return
    const { person } = visit
    if (!person.totp) throw new MaitredError('conflict')
    const made = recovery.make(visit.now)
    const by = { match: unchanged(person), change: { $set: { recovery: made.recovery } } }
    await change(visit, 'recovery_codes_made', by)
    await showCodes(visit, made.codes)
  }

  async function remove(visit: Visit): Promise<void> {
    await readForm(visit.ctx, empty)
    const { person } = visit
    if (options.isMfaMandatory(person))
      throw new MaitredError('forbidden', { cause: 'a second factor is mandatory' })
    if (!gate.confirm(visit, again)) return
    if (!person.totp) throw new MaitredError('conflict')
    const $unset = { totp: true, recovery: true } as const
    await change(visit, 'factor_removed', { match: unchanged(person), change: { $unset } })
    visits.done(visit, PATH, 'factorOff')
  }

  visits.open(page)
  visits.open(enrolment)
  visits.act(ENROL, enrolment, enrol)
  visits.act(CODES, page, makeCodes)
  visits.act(`${CODES}/saved`, page, async (visit) => {
    await readForm(visit.ctx, empty)
    visits.done(visit, PATH, 'factorOn')
  })
  visits.act(`${ENROL}/remove`, page, remove)
}

function labelOf({ email, username, _id }: Person): string {
  return email ?? username ?? _id
}

/** Holds while nobody has changed the factor since the person was read. */
function unchanged({ totp }: Person): Match {
  return totp ? { 'totp.secret': totp.secret } : { totp: { $exists: false } }
}

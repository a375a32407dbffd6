/**
 * The second factor of one's own account: set up, moved to another phone, turned off, and its recovery codes. What
 * makes something stop working has a page of its own that says what.
 */
import { z } from 'zod'
import type { Accounts, Person } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import {
  amrWith,
  drawOffer,
  type KeptAt,
  type KeptEnrolment,
  type Letters,
  type SignInGuard,
} from '../flow/flow.ts'
import { readForm } from '../http/http.ts'
import type { BrowserSessions } from '../oidc/oidc.ts'
import type { Recovery, Totp, TotpOffer } from '../plugins/plugins.ts'
import type { Change, Match } from '../storage/storage.ts'
import type { Gate, Visit } from './gate.ts'
import { redirect } from './redirect.ts'
import type { AccountPage, Again, Visits } from './visits.ts'

export interface TwoStepPageOptions {
  visits: Visits
  gate: Gate
  accounts: Pick<Accounts, 'change'>
  guard: Pick<SignInGuard, 'beginFactor'>
  browserSessions: Pick<BrowserSessions, 'hold' | 'strengthen'>
  totp: Totp
  recovery: Recovery
  kept: KeptEnrolment
  letters: Pick<Letters, 'factorChanged'>
  isMfaMandatory(person: Person): boolean
  wake(): void
}

const PATH = '/account/security'
const ENROL = '/account/security/totp'
const REMOVE = '/account/security/totp/remove'
const CODES = '/account/security/recovery-codes'
const SHOWN = '/account/security/recovery-codes/shown'

const form = z.strictObject({
  offer: z.string().min(1).max(1_000),
  code: z.string().min(1, 'error.field.required').max(100, 'error.field.tooLong'),
})
const empty = z.strictObject({})

type Changed = Parameters<Letters['factorChanged']>[2]

export function routeTwoStep(options: TwoStepPageOptions): void {
  const { visits, gate, accounts, totp, recovery, letters, kept } = options

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
      await draw(visit, kept.offer(visit.ctx, placeOf(visit)), problem)
    },
  }

  async function draw(visit: Visit, offer: TotpOffer, problem?: Again): Promise<void> {
    const moves = visit.person.totp !== undefined
    const locals = { action: ENROL, hidden: { offer: offer.sealed }, moves, ...(await drawOffer(offer)) }
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
    const { ctx, person, session, now, t } = visit
    const { offer, code } = await readForm(ctx, form)
    const place = placeOf(visit)
    const attempt = await options.guard.beginFactor(person)
    const enrolled = totp.confirm(offer, code, { label: place.label, now })
    if (!enrolled) {
      // The same offer again: the app has the key already.
      const problem = { status: 422, problem: undefined, fields: { code: t('error.code.wrong') }, values: {} }
      return draw(visit, kept.offerAgain(ctx, place, offer), problem)
    }
    // This very form has done its work: its code is used.
    if (person.totp?.secret === offer) {
      kept.forget(ctx, place)
      const text = t('account.security.already')
      return enrolment.show(visit, { status: 409, problem: { text }, fields: {}, values: {} })
    }
    const made = recovery.enrolled(person) && person.totp ? undefined : recovery.make(now)
    const $set = { totp: enrolled, ...(made && { recovery: made.recovery }) }
    await change(visit, 'factor_enrolled', { match: unchanged(person), change: { $set } }, [
      // The code has proved it here; to ask for the next one at once would be to ask twice.
      options.browserSessions.strengthen(session, amrWith(session.amr, totp)),
    ])
    await attempt.succeed()
    if (made) return keep(visit, made.codes)
    kept.forget(ctx, place)
    visits.done(visit, PATH, 'factorMoved')
  }

  /** Until they are saved, every reload shows the same. */
  function keep(visit: Visit, codes: string[]): void {
    kept.keepCodes(visit.ctx, placeOf(visit), codes)
    redirect(visit.ctx, SHOWN)
  }

  async function showCodes(visit: Visit): Promise<void> {
    const codes = kept.codes(visit.ctx, placeOf(visit))
    if (!codes) return redirect(visit.ctx, PATH)
    await visits.render(visit, 'account/recovery-codes', { action: `${CODES}/saved`, codes })
  }

  /** Says what stops before it does; whoever has nothing that could goes back. */
  function question(path: string, what: 'remove' | 'codes'): AccountPage {
    return {
      path,
      async show(visit, problem) {
        const { person } = visit
        if (what === 'remove') requireOptional(person)
        if (!person.totp) return redirect(visit.ctx, PATH)
        if (!gate.confirm(visit, { to: path, back: PATH })) return
        const locals = { what, action: path, recoveryLeft: person.recovery?.hashes.length ?? 0 }
        await visits.render(visit, 'account/security-question', locals, problem)
      },
    }
  }

  function requireOptional(person: Person): void {
    if (options.isMfaMandatory(person))
      throw new MaitredError('forbidden', { cause: 'a second factor is mandatory' })
  }

  async function makeCodes(visit: Visit): Promise<void> {
    await readForm(visit.ctx, empty)
    if (!gate.confirm(visit, { to: CODES, back: PATH })) return
    const { person } = visit
    if (!person.totp) throw new MaitredError('conflict')
    const made = recovery.make(visit.now)
    const by = { match: unchanged(person), change: { $set: { recovery: made.recovery } } }
    await change(visit, 'recovery_codes_made', by)
    keep(visit, made.codes)
  }

  async function remove(visit: Visit): Promise<void> {
    await readForm(visit.ctx, empty)
    const { person } = visit
    requireOptional(person)
    if (!gate.confirm(visit, { to: REMOVE, back: PATH })) return
    if (!person.totp) throw new MaitredError('conflict')
    const $unset = { totp: true, recovery: true } as const
    await change(visit, 'factor_removed', { match: unchanged(person), change: { $unset } })
    kept.forget(visit.ctx, placeOf(visit))
    visits.done(visit, PATH, 'factorOff')
  }

  const newCodes = question(CODES, 'codes')
  const removal = question(REMOVE, 'remove')
  for (const one of [page, enrolment, newCodes, removal, { path: SHOWN, show: showCodes }]) visits.open(one)
  visits.act(ENROL, enrolment, enrol)
  visits.act(CODES, newCodes, makeCodes)
  visits.act(`${CODES}/saved`, page, async (visit) => {
    await readForm(visit.ctx, empty)
    kept.forget(visit.ctx, placeOf(visit))
    visits.done(visit, PATH, 'factorOn')
  })
  visits.act(REMOVE, removal, remove)
}

/** Where what is under way is kept. */
function placeOf({ person: { email, username, _id } }: Visit): KeptAt {
  return { path: PATH, person: _id, label: email ?? username ?? _id }
}

/** Holds while nobody has changed the factor since the person was read. */
function unchanged({ totp }: Person): Match {
  return totp ? { 'totp.secret': totp.secret } : { totp: { $exists: false } }
}

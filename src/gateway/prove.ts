/**
 * What a call of `POST /login` proves: who it is by a password, or by the code that a call before asked for, and whether
 * that is enough. The gate is the one of the pages.
 */
import type { Context } from 'koa'
import type { Accounts, Person, Ticket, Tickets } from '../accounts/accounts.ts'
import type { Application } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import {
  type Attempt,
  amrWith,
  beginningOf,
  type Letters,
  originOf,
  type SignInGuard,
  type Situation,
  signInRecord,
} from '../flow/flow.ts'
import type { Factor } from '../plugins/plugins.ts'
import { BatchError, type Match, type Store, type Write } from '../storage/storage.ts'

export interface ProofsOptions {
  store: Store
  now: () => Date
  accounts: Accounts
  events: Events
  guard: SignInGuard
  factors: readonly Factor[]
  tickets: Tickets
  letters: Pick<Letters, 'factorChanged'>
  wake(): void
  dueSteps(situation: Situation): Promise<string[]>
}

/** What the one or the other call has proved, not yet settled. */
export interface Proved {
  person: Person
  amr: string[]
  method: string
  attempt: Attempt
  /** When the password was shown, where this call did not bring it. */
  begun?: string
}

/** What a call brings: the first one identifier and password, the second one the first one's proof and a code. */
type Shown = Partial<Record<'identifier' | 'password' | 'mfa_token' | 'code', string | undefined>>

export interface Proofs {
  /** The person behind identifier and password. Every refusal costs and says the same. */
  byPassword(ctx: Context, shown: Shown, application: Application): Promise<Proved>
  /** The second call: the first one's proof, and a code. */
  byCode(ctx: Context, shown: Shown, application: Application): Promise<Proved>
  /** The same gate as the pages. @throws MaitredError `mfa_required`, `sign_in_incomplete` */
  requireNothingDue(ctx: Context, proved: Proved, application: Application): Promise<void>
}

const PURPOSE = 'second-factor'
const MFA_MINUTES = 5

export function createProofs(options: ProofsOptions): Proofs {
  const { store, now, accounts, events, guard, tickets } = options

  async function byPassword(
    ctx: Context,
    { identifier, password }: Shown,
    application: Application,
  ): Promise<Proved> {
    if (!identifier || !password) {
      const missing = !identifier ? 'identifier' : 'password'
      throw new MaitredError('invalid_form', { fields: { [missing]: 'error.field.required' } })
    }
    const person = await accounts.findByIdentifier(identifier)
    // Who is disabled has no right password: that would not be counted, which tells of it.
    const attempt = await guard.check(
      ctx,
      person,
      identifier,
      async () => (await accounts.checkPassword(person, password)) && person?.status !== 'disabled',
    )
    if (!person || !attempt) {
      await failed(ctx, person, application, 'pwd')
      throw new MaitredError('wrong_credentials')
    }
    return { person, amr: ['pwd'], method: 'pwd', attempt }
  }

  async function byCode(
    ctx: Context,
    { mfa_token = '', code = '' }: Shown,
    application: Application,
  ): Promise<Proved> {
    const begun = await tickets.peek(PURPOSE, mfa_token)
    const person = begun?.person === undefined ? undefined : await accounts.find(begun.person)
    if (!begun || !person || person.status === 'disabled' || !isStillProof(begun, person, application))
      throw new MaitredError('wrong_credentials')
    const attempt = await guard.beginFactor(person)
    for (const factor of options.factors) {
      const answer = factor.verify(person, code, now())
      if (!answer.accept) continue
      const used = factor.name === 'recovery' ? recoveryUsed(ctx, person, application) : []
      const match = { ...answer.match, ...unchangedPassword(person) }
      const also = [tickets.takeWrite(PURPOSE, mfa_token), ...used]
      const changed = await accounts.change(person._id, match, answer.change, also).catch(isTaken)
      if (!changed) break
      options.wake()
      const amr = amrWith(begun.data.amr as string[], factor)
      const since = String(begun.data.begun)
      return { person: changed, amr, method: factor.method, attempt, begun: since }
    }
    await failed(ctx, person, application, methodOf(code))
    throw new MaitredError('invalid_form', { fields: { code: 'error.code.wrong' } })
  }

  function recoveryUsed(ctx: Context, person: Person, application: Application): Write[] {
    const trace = { type: 'recovery_code_used', person: person._id, origin: originOf(ctx) } as const
    const about = { ctx, application }
    const letter = person.email && options.letters.factorChanged(about, person, 'recovery_code_used')
    return [events.record(trace), ...(letter ? [letter] : [])]
  }

  async function failed(
    ctx: Context,
    person: Person | undefined,
    application: Application,
    method: string,
  ): Promise<void> {
    await store.batch([signInRecord(events, { ctx, person, application, method, outcome: 'failed' })])
  }

  async function requireNothingDue(
    ctx: Context,
    { person, amr, method, attempt }: Proved,
    application: Application,
  ): Promise<void> {
    const due = await options.dueSteps({
      now: now(),
      person,
      application,
      session: {
        uid: '',
        accountId: person._id,
        amr,
        authTime: now(),
        passwordSetAt: person.password?.changedAt,
      },
      request: { prompt: [], acrValues: [] },
    })
    if (due.length === 0) return
    const begun = beginningOf({ authTime: now() })
    const asked = due.some((step) => step === 'secondFactor' || step === 'enrolFactor')
      ? [signInRecord(events, { ctx, person, application, method, outcome: 'asked', begun })]
      : []
    if (due[0] === 'secondFactor') {
      const { token: mfa_token, writes } = tickets.issue({
        purpose: PURPOSE,
        person: person._id,
        data: { application: application._id, amr, begun, ...secretsOf(person) },
        ttlSeconds: MFA_MINUTES * 60,
      })
      await store.batch([...writes, ...asked, ...attempt.writes()])
      throw new MaitredError('mfa_required', { members: { mfa_token, expires_in: MFA_MINUTES * 60 } })
    }
    await store.batch([...asked, ...attempt.writes()])
    throw new MaitredError('sign_in_incomplete', { members: { steps: due } })
  }

  return { byPassword, byCode, requireNothingDue }
}

/** What a proof of the first factor is a proof for; JSON values. */
function secretsOf({ password, totp }: Person): { passwordSetAt: number; enrolledAt: number } {
  return {
    passwordSetAt: password?.changedAt.getTime() ?? 0,
    enrolledAt: totp?.enrolledAt.getTime() ?? 0,
  }
}

/** Not for another application, nor after another password or another second factor was set. */
function isStillProof({ data }: Ticket, person: Person, { _id }: Application): boolean {
  const { passwordSetAt, enrolledAt } = secretsOf(person)
  return data.application === _id && data.passwordSetAt === passwordSetAt && data.enrolledAt === enrolledAt
}

/** Which factor a code that none accepts was meant for: those of an app are six digits. */
function methodOf(code: string): string {
  return code.replace(/[\s-]/g, '').length > 8 ? 'recovery' : 'otp'
}

function unchangedPassword({ password }: Person): Match {
  return password ? { 'password.changedAt': password.changedAt } : { password: { $exists: false } }
}

/** Somebody was quicker: a guard of the batch did not hold. */
function isTaken(error: unknown): undefined {
  if (!(error instanceof BatchError) || error.cause !== undefined) throw error
}

/**
 * A new account begins with a proven address. A known address gets the same page and other words by mail, so
 * that nobody learns here who has an account.
 */
import { z } from 'zod'
import {
  type Accounts,
  type Hasher,
  IdentifierTakenError,
  judgePassword,
  normaliseEmail,
  type Person,
  passwordLimits,
  type RoleCopy,
  type Ticket,
} from '../accounts/accounts.ts'
import type { Application } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { addressKey, type Limits, readForm, requestState } from '../http/http.ts'
import { randomToken } from '../keys/keys.ts'
import { BatchError } from '../storage/storage.ts'
import { type AcceptOptions, acceptPassword } from './accept-password.ts'
import { confirmedAddress, confirmedSignIn } from './confirmed-address.ts'
import type { EmailProofs } from './email-proof.ts'
import type { Letters } from './letters.ts'
import { nameField } from './profile.ts'
import { originOf } from './sign-in-record.ts'
import type { Flow, Route } from './step.ts'

export interface SignUpOptions extends AcceptOptions {
  issuer: string
  brand: string
  accounts: Accounts
  hasher: Hasher
  events: Events
  limits: Limits
  proofs: EmailProofs
  letters: Letters
  /** Copies of roles for a new person. */
  copyRoles(ids: readonly string[]): RoleCopy[]
}

const form = z.strictObject({
  email: z.string().min(1, 'error.field.required').max(320, 'error.field.tooLong'),
  password: z.string().min(1, 'error.field.required').max(1_024, 'error.field.tooLong'),
  firstName: nameField,
  lastName: nameField,
})
const codeForm = z.strictObject({
  code: z.string().min(1, 'error.field.required').max(100, 'error.field.tooLong'),
})
const empty = z.strictObject({})

export function signUpRoutes(options: SignUpOptions): Readonly<Record<string, Route>> {
  const { accounts, hasher, proofs, letters, limits } = options

  /** What this browser is proving here: an address proven at one application makes no account at another. */
  async function pending({ ctx, application }: Flow): Promise<Ticket | undefined> {
    requireOpen(application)
    const ticket = await proofs.current(ctx, 'signup')
    return ticket?.data.application === application._id ? ticket : undefined
  }

  /**
   * Whether the new account will need a second factor wherever it goes. That this application asks for one is not
   * enough: others would take the password alone.
   */
  function isMfaMandatory({ signUpRoles }: Application): boolean {
    return options.copyRoles(signUpRoles).some(({ mfa }) => mfa)
  }

  async function show(flow: Flow): Promise<void> {
    requireOpen(flow.application)
    const { min } = passwordLimits(isMfaMandatory(flow.application))
    // Who comes back to mend the address finds what was typed, but for the password.
    const ticket = await pending(flow)
    await flow.page('flow/sign-up', {
      action: flow.url('sign-up'),
      signInUrl: flow.url('sign-in'),
      minLength: min,
      values: ticket && { email: ticket.data.email, ...statedNames(ticket.data) },
    })
  }

  async function begin(flow: Flow, email: string, given: Given): Promise<void> {
    const { ctx, application } = flow
    const known = await accounts.findByIdentifier(email)
    await proofs.begin(ctx, {
      purpose: 'signup',
      email,
      path: '/verify-email',
      data: {
        ...given,
        application: application._id,
        uid: flow.uid,
        language: flow.language,
        known: !!known,
      },
      letter: (secrets) =>
        known ? [letters.accountExists(flow, known)] : [letters.verifyEmail(flow, email, secrets)],
    })
  }

  async function submit(flow: Flow): Promise<void> {
    requireOpen(flow.application)
    const { email: typed, password, ...names } = await readForm(flow.ctx, form)
    const email = normaliseEmail(typed)
    if (!email) throw new MaitredError('invalid_form', { fields: { email: 'error.field.email' } })
    const given = statedNames(names)
    checkNewPassword(password, {
      mfa: isMfaMandatory(flow.application),
      context: [
        ...[options.brand, flow.application.name, email.split('@')[0] ?? ''],
        ...[given.firstName, given.lastName].filter((name) => name !== undefined),
      ],
    })
    const source = addressKey(requestState(flow.ctx).ip)
    await limits.take(`sign-up:${source}`, { max: 30, windowSeconds: 3_600 })
    await begin(flow, email, { ...given, passwordHash: await hasher.hash(password) })
    flow.redirect(flow.url('verify'))
  }

  /** Nothing waits for a code here: the link was quicker, or it is too late. */
  async function goOnWithoutProof(flow: Flow): Promise<void> {
    const isConfirmed = (await confirmedAddress(proofs, flow)) !== undefined
    flow.redirect(isConfirmed ? confirmedSignIn(flow.url('sign-in')) : flow.url('sign-up'))
  }

  async function showVerify(flow: Flow): Promise<void> {
    const ticket = await pending(flow)
    if (!ticket) return goOnWithoutProof(flow)
    await flow.page('flow/verify-email', {
      action: flow.url('verify'),
      resendAction: flow.url('resend'),
      changeUrl: flow.url('sign-up'),
      email: ticket.data.email,
      resent: flow.ctx.query.resent !== undefined,
    })
  }

  async function verify(flow: Flow): Promise<void> {
    const { code } = await readForm(flow.ctx, codeForm)
    if (!(await pending(flow))) return goOnWithoutProof(flow)
    const ticket = await proofs.check(flow.ctx, 'signup', code)
    const person = await createProvenAccount(options, ticket, flow)
    proofs.forget(flow.ctx)
    await acceptPassword(options, flow, person)
  }

  async function resend(flow: Flow): Promise<void> {
    await readForm(flow.ctx, empty)
    const ticket = await pending(flow)
    if (!ticket) return goOnWithoutProof(flow)
    await begin(flow, String(ticket.data.email), givenIn(ticket))
    flow.redirect(`${flow.url('verify')}&resent`)
  }

  return {
    'sign-up': { show, submit },
    verify: { show: showVerify, submit: verify },
    resend: { submit: resend },
  }
}

function requireOpen(application: Application | undefined): void {
  if (application?.signUp !== 'open') throw new MaitredError('forbidden', { cause: 'sign-up is closed here' })
}

/** Makes the account that a sign-up ticket describes; its address is proven by now. */
export async function createProvenAccount(
  {
    accounts,
    events,
    proofs,
    copyRoles,
  }: Pick<SignUpOptions, 'accounts' | 'events' | 'proofs' | 'copyRoles'>,
  ticket: Ticket,
  { ctx, application }: { ctx: Flow['ctx']; application?: Application | undefined },
): Promise<Person> {
  const { email, language, known } = ticket.data
  // It may have been closed since the mail was sent.
  requireOpen(application)
  if (known) throw new MaitredError('invalid_form', { fields: { code: 'error.code.wrong' } })
  const about = { origin: originOf(ctx), application: application?._id }
  const _id = randomToken(16)
  try {
    return await accounts.create(
      {
        _id,
        email: String(email),
        emailVerified: true,
        ...givenIn(ticket),
        language: language === 'de' ? 'de' : 'en',
        roles: copyRoles(application?.signUpRoles ?? []),
      },
      [
        ...proofs.spend(ticket, _id),
        events.record({ type: 'sign_up', person: _id, ...about }),
        events.record({ type: 'email_verified', person: _id, ...about }),
      ],
    )
  } catch (error) {
    if (!(error instanceof IdentifierTakenError) && !(error instanceof BatchError)) throw error
    // Proven twice at once, or by link and code: the account is there already.
    throw new MaitredError('invalid_form', { fields: { code: 'error.code.expired' }, cause: error })
  }
}

/** What a sign-up keeps until the address is proven. */
interface Given {
  passwordHash: string
  firstName?: string
  lastName?: string
}

function givenIn({ data: { passwordHash, ...names } }: Ticket): Given {
  return { ...statedNames(names), passwordHash: String(passwordHash) }
}

function statedNames({ firstName, lastName }: Record<string, unknown>): Omit<Given, 'passwordHash'> {
  return {
    ...(typeof firstName === 'string' && { firstName }),
    ...(typeof lastName === 'string' && { lastName }),
  }
}

/** @throws MaitredError `invalid_form` for the field `password` */
export function checkNewPassword(password: string, about: { mfa: boolean; context: string[] }): void {
  const wrong = judgePassword(password, about)
  if (wrong) {
    const { min, max } = passwordLimits(about.mfa)
    throw new MaitredError('invalid_form', { fields: { password: wrong }, params: { min, max } })
  }
}

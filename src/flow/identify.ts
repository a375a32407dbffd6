/** Who are you? Identifier and password on one page; sign-up and sources are further pages of this step. */
import { z } from 'zod'
import type { Accounts, Person } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { readForm } from '../http/http.ts'
import type { Store } from '../storage/storage.ts'
import { type AcceptOptions, acceptPassword } from './accept-password.ts'
import { confirmedAddress, confirmedSignIn, saysConfirmed } from './confirmed-address.ts'
import type { EmailProofs } from './email-proof.ts'
import { signInRecord } from './sign-in-record.ts'
import type { Flow, Route, SessionView, Step } from './step.ts'

export interface IdentifyOptions extends AcceptOptions {
  store: Store
  accounts: Accounts
  events: Events
  proofs: Pick<EmailProofs, 'confirmed'>
  routes: Readonly<Record<string, Route>>
}

/** Prompts that leave open who signs in (OpenID Connect Prompt Create 1.0 §4). */
const CHOOSING = new Set(['create', 'select_account'])

const form = z.strictObject({
  identifier: z.string().min(1, 'error.field.required').max(320, 'error.field.tooLong').optional(),
  password: z.string().min(1, 'error.field.required').max(1_024, 'error.field.tooLong'),
})

export function identify(options: IdentifyOptions): Step {
  const { store, accounts, events, guard, proofs } = options

  /** A request to sign in again is for the person of the session, unless it asks to choose, or for another. */
  function fixedPerson({ request, person }: Flow): Person | undefined {
    if (request.subject !== undefined && request.subject !== person?._id) return undefined
    const isOpen = request.prompt.some((prompt) => CHOOSING.has(prompt)) || person?.status === 'disabled'
    return isOpen ? undefined : person
  }

  async function show(flow: Flow): Promise<void> {
    const person = fixedPerson(flow)
    const { uiLocales, loginHint } = flow.request
    const confirmed = saysConfirmed(flow) ? await confirmedAddress(proofs, flow) : undefined
    const from = { flow: flow.uid, app: flow.application._id, ...(uiLocales && { ui_locales: uiLocales }) }
    await flow.page('flow/sign-in', {
      action: flow.url('sign-in'),
      forgotUrl: `/forgot-password?${new URLSearchParams(from)}`,
      signUpUrl: flow.application.signUp === 'open' ? flow.url('sign-up') : undefined,
      identifierFixed: person && (person.email ?? person.username),
      notice: confirmed === undefined ? undefined : { text: flow.t('flow.signIn.confirmed') },
      values: { identifier: confirmed ?? loginHint },
    })
  }

  async function submit(flow: Flow): Promise<void> {
    const { identifier, password } = await readForm(flow.ctx, form)
    const fixed = fixedPerson(flow)
    if (!fixed && !identifier)
      throw new MaitredError('invalid_form', { fields: { identifier: 'error.field.required' } })
    const person = fixed ?? (await accounts.findByIdentifier(identifier ?? ''))
    // Who is asked for again is counted by that, not by what else a form may say.
    const attempt = await guard.check(flow.ctx, person, fixed ? undefined : identifier, () =>
      accounts.checkPassword(person, password),
    )
    if (!person || !attempt) {
      const { application, ctx } = flow
      await store.batch([
        signInRecord(events, { person, application, ctx, method: 'pwd', outcome: 'failed' }),
      ])
      throw new MaitredError('wrong_credentials')
    }
    if (person.status === 'disabled')
      throw new MaitredError('forbidden', { cause: 'the account is disabled' })
    await acceptPassword(options, flow, person, attempt)
  }

  return {
    name: 'identify',
    due: ({ session, person }) =>
      !session || !person || person.status === 'disabled' || isOtherPassword(session, person),
    async show(flow) {
      const signUp = options.routes['sign-up']?.show
      const begins = flow.request.prompt.includes('create') && flow.application.signUp === 'open'
      if (!begins || !signUp) return show(flow)
      // The account that was asked for is there.
      if (await confirmedAddress(proofs, flow)) return flow.redirect(confirmedSignIn(flow.url('sign-in')))
      return signUp(flow)
    },
    submit,
    routes: { ...options.routes, 'sign-in': { show, submit } },
  }
}

/** It was proved by a password that is not theirs any more, whenever and wherever it was written. */
function isOtherPassword({ passwordSetAt }: SessionView, { password }: Person): boolean {
  return passwordSetAt !== undefined && passwordSetAt.getTime() !== password?.changedAt.getTime()
}

/** An account whose address nobody has proven yet (imported, or made by an administrator) proves it here. */
import { z } from 'zod'
import type { Accounts } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { readForm } from '../http/http.ts'
import type { EmailProofs } from './email-proof.ts'
import type { Letters } from './letters.ts'
import { originOf } from './sign-in-record.ts'
import type { Flow, Step } from './step.ts'

export interface VerifyEmailOptions {
  accounts: Accounts
  events: Events
  proofs: EmailProofs
  letters: Letters
}

const form = z.strictObject({
  code: z.string().min(1, 'error.field.required').max(100, 'error.field.tooLong'),
})
const empty = z.strictObject({})

export function verifyEmail({ accounts, events, proofs, letters }: VerifyEmailOptions): Step {
  async function send({ ctx, person, application }: Flow): Promise<void> {
    if (!person?.email) throw new MaitredError('expired')
    const { email } = person
    await proofs.begin(ctx, {
      purpose: 'verify',
      email,
      person: person._id,
      path: '/verify-email',
      data: {},
      letter: (secrets) => [letters.verifyEmail({ ctx, application }, email, { ...secrets, link: '' })],
    })
  }

  async function show(flow: Flow): Promise<void> {
    const pending = await proofs.current(flow.ctx, 'verify')
    if (pending?.person !== flow.person?._id) await send(flow)
    await flow.page('flow/verify-email', {
      action: flow.url('verifyEmail'),
      resendAction: flow.url('resend'),
      email: flow.person?.email,
      resent: flow.ctx.query.resent !== undefined,
    })
  }

  return {
    name: 'verifyEmail',
    due: ({ person }) => person?.email !== undefined && !person.emailVerified,
    show,
    async submit(flow) {
      const { person, ctx } = flow
      const { code } = await readForm(ctx, form)
      const ticket = await proofs.check(ctx, 'verify', code)
      if (!person || ticket.person !== person._id || ticket.data.email !== person.email)
        throw new MaitredError('expired')
      await accounts.change(person._id, { email: String(person.email) }, { $set: { emailVerified: true } }, [
        ...proofs.spend(ticket),
        events.record({ type: 'email_verified', person: person._id, origin: originOf(ctx) }),
      ])
      proofs.forget(ctx)
      await flow.next()
    },
    routes: {
      resend: {
        async submit(flow) {
          await readForm(flow.ctx, empty)
          await send(flow)
          flow.redirect(`${flow.url()}&resent`)
        },
      },
    },
  }
}

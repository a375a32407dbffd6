/** An application may need to know what a person is called; whoever has not said so says it here. */
import { z } from 'zod'
import type { Accounts, Person } from '../accounts/accounts.ts'
import type { Application } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { readForm } from '../http/http.ts'
import { originOf } from './sign-in-record.ts'
import type { Step } from './step.ts'

export interface ProfileOptions {
  accounts: Pick<Accounts, 'change'>
  events: Events
}

/** A name as people type it; left empty, it is absent. */
export const nameField = z
  .string()
  .max(100, 'error.field.tooLong')
  .regex(/^\P{Cc}*$/u, 'error.field.invalid')
  .transform((typed) => typed.trim() || undefined)
  .optional()

const form = z.strictObject({ firstName: nameField, lastName: nameField })

export function profile({ accounts, events }: ProfileOptions): Step {
  return {
    name: 'profile',
    due: ({ person, application }) => person !== undefined && missingIn(person, application).length > 0,
    async show(flow) {
      const { firstName, lastName } = flow.person ?? {}
      await flow.page('flow/profile', {
        action: flow.url('profile'),
        required: flow.application.requiredProfile ?? [],
        values: { firstName, lastName },
      })
    },
    async submit(flow) {
      const { person, application, ctx } = flow
      if (!person) throw new MaitredError('expired')
      const { firstName, lastName } = await readForm(ctx, form)
      const names = { ...(firstName && { firstName }), ...(lastName && { lastName }) }
      const missing = missingIn({ ...person, ...names }, application)
      if (missing.length > 0)
        throw new MaitredError('invalid_form', {
          fields: Object.fromEntries(missing.map((name) => [name, 'error.field.required'])),
        })
      await accounts.change(person._id, {}, { $set: names }, [
        events.record({ type: 'profile_changed', person: person._id, origin: originOf(ctx) }),
      ])
      await flow.next()
    },
  }
}

function missingIn(
  person: Pick<Person, 'firstName' | 'lastName'>,
  { requiredProfile = [] }: Pick<Application, 'requiredProfile'>,
): ('firstName' | 'lastName')[] {
  return requiredProfile.filter((name) => !person[name])
}

/** Proves the enrolled second factor. Whether it is due is asked of the session, so starting anew gains nothing. */
import { z } from 'zod'
import type { Accounts, Person } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import type { Events } from '../events/events.ts'
import { readForm } from '../http/http.ts'
import type { Factor } from '../plugins/plugins.ts'
import type { Write } from '../storage/storage.ts'
import type { Letters } from './letters.ts'
import type { SignInGuard } from './sign-in-guard.ts'
import { beginningOf, originOf, signInRecord } from './sign-in-record.ts'
import { signedInAs } from './signed-in-as.ts'
import type { Flow, Step } from './step.ts'

export interface SecondFactorOptions {
  accounts: Accounts
  events: Events
  guard: SignInGuard
  totp: Factor
  recovery: Factor
  letters: Pick<Letters, 'factorChanged'>
  wake(): void
  commit(writes: Write[]): Promise<void>
}

const form = z.strictObject({
  code: z.string().min(1, 'error.field.required').max(100, 'error.field.tooLong'),
})

export function secondFactor(options: SecondFactorOptions): Step {
  const { accounts, events, guard, totp, recovery } = options

  async function prove(flow: Flow, factor: Factor): Promise<void> {
    const { person, session, ctx, application } = flow
    if (!person || !session) throw new MaitredError('expired')
    const { code } = await readForm(ctx, form)
    const attempt = await guard.beginFactor(person)
    const answer = factor.verify(person, code, flow.now)
    const { method } = factor
    if (answer.accept) {
      const arrival = guard.arrival(flow, person, method, { attempt, begun: beginningOf(session) })
      const also = [...(factor.name === 'recovery' ? recoveryUsed(flow, person) : []), ...arrival.writes]
      // Compare-and-set: of any number of racers with one code, one changes the person.
      if (await accounts.change(person._id, answer.match, answer.change, also)) {
        arrival.remember()
        arrival.done()
        options.wake()
        return flow.next({ signedIn: signedInAs(person, amrWith(session.amr, factor), flow.now, session) })
      }
    }
    const failed = { person, application, ctx, method, outcome: 'failed' } as const
    await options.commit([signInRecord(events, failed)])
    throw new MaitredError('invalid_form', {
      fields: { code: answer.accept ? 'error.code.used' : answer.reason },
    })
  }

  function recoveryUsed(flow: Flow, person: Person): Write[] {
    const trace = { type: 'recovery_code_used', person: person._id, origin: originOf(flow.ctx) } as const
    const letter = person.email && options.letters.factorChanged(flow, person, 'recovery_code_used')
    return [events.record(trace), ...(letter ? [letter] : [])]
  }

  const showRecovery = (flow: Flow): Promise<void> =>
    flow.page('flow/recovery-code', { action: flow.url('recovery'), backUrl: flow.url() })

  return {
    name: 'secondFactor',
    due: ({ session, person }) =>
      session !== undefined &&
      person !== undefined &&
      hasFactor(options, person) &&
      !session.amr.includes('mfa'),
    show: (flow) =>
      flow.page('flow/second-factor', {
        action: flow.url('secondFactor'),
        recoveryUrl: flow.url('recovery'),
      }),
    submit: (flow) => prove(flow, totp),
    routes: { recovery: { show: showRecovery, submit: (flow) => prove(flow, recovery) } },
  }
}

/** Reports whether a person has a second factor; recovery codes alone are none. */
export function hasFactor({ totp }: { totp: Factor }, person: Person): boolean {
  return totp.enrolled(person)
}

/** RFC 8176: what was proved, and `mfa` once it was more than one kind. */
export function amrWith(amr: readonly string[], factor: Pick<Factor, 'amr'>): string[] {
  return [...new Set([...amr, ...factor.amr, 'mfa'])]
}

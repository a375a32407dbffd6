/** What is written down of a sign-in, and what is told: the trail, the person's history, a mail for a new device. */
import type { Person } from '../accounts/accounts.ts'
import type { Application } from '../applications/applications.ts'
import type { Events, Origin } from '../events/events.ts'
import { requestState } from '../http/http.ts'
import type { Write } from '../storage/storage.ts'
import type { Flow } from './step.ts'

export function originOf(ctx: Flow['ctx']): Origin {
  const { ip, device, userAgent } = requestState(ctx)
  return { ip, device, userAgent }
}

/**
 * One row of the person's sign-in history; of nobody's where a guess hit no account, so that it costs the same.
 * `method`: the `amr` value that decided.
 */
export function signInRecord(
  events: Events,
  about: {
    person: Person | undefined
    application: Application
    ctx: Flow['ctx']
    method: string
    failed?: boolean
  },
): Write {
  return events.record({
    type: about.failed ? 'sign_in_failed' : 'sign_in',
    person: about.person?._id,
    application: about.application._id,
    origin: originOf(about.ctx),
    detail: { method: about.method },
  })
}

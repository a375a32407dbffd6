/** What is written down of a sign-in, and what is told: the trail, the person's history, a mail for a new device. */
import type { Person } from '../accounts/accounts.ts'
import type { Application } from '../applications/applications.ts'
import type { Events, Origin } from '../events/events.ts'
import { requestState } from '../http/http.ts'
import type { Write } from '../storage/storage.ts'
import type { Flow } from './step.ts'

const types = { done: 'sign_in', failed: 'sign_in_failed', asked: 'second_step_asked' } as const

export function originOf(ctx: Flow['ctx']): Origin {
  const { ip, device, userAgent } = requestState(ctx)
  return { ip, device, userAgent }
}

/**
 * One row of the person's sign-in history; of nobody's where a guess hit no account, so that it costs the same.
 * `method`: what decided, as a factor calls it. `begun` is the same for the password and the second step that it
 * asked for (`beginningOf`).
 */
export function signInRecord(
  events: Events,
  about: {
    person: Person | undefined
    application: Application
    ctx: Flow['ctx']
    method: string
    outcome?: 'failed' | 'asked'
    begun?: string | undefined
  },
): Write {
  return events.record({
    type: types[about.outcome ?? 'done'],
    person: about.person?._id,
    application: about.application._id,
    origin: originOf(about.ctx),
    detail: { method: about.method, ...(about.begun !== undefined && { begun: about.begun }) },
  })
}

/** When the person showed the password, which a later step finds in the session: seconds since the epoch. */
export function beginningOf({ authTime }: { authTime: Date }): string {
  return String(Math.floor(authTime.getTime() / 1000))
}

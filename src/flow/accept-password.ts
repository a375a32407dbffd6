/** A password was right, or has just been set: the sign-in goes on, and is complete where nothing else is due. */
import type { Person } from '../accounts/accounts.ts'
import type { Events } from '../events/events.ts'
import type { Attempt, SignInGuard } from './sign-in-guard.ts'
import { beginningOf, signInRecord } from './sign-in-record.ts'
import { signedInAs } from './signed-in-as.ts'
import type { Flow } from './step.ts'

export interface AcceptOptions {
  guard: SignInGuard
  events: Events
  /** Reports whether a password alone completes this person's sign-in here. */
  isComplete(flow: Flow, person: Person): boolean
}

export async function acceptPassword(
  { guard, events, isComplete }: AcceptOptions,
  flow: Flow,
  person: Person,
  attempt?: Attempt,
): Promise<void> {
  const result = { signedIn: signedInAs(person, ['pwd'], flow.now), person }
  if (!isComplete(flow, person)) {
    const { ctx, application, now } = flow
    const begun = beginningOf({ authTime: now })
    // Whoever stops here knows the password: its owner must be able to see it.
    const asked = signInRecord(events, { person, application, ctx, method: 'pwd', outcome: 'asked', begun })
    return flow.next(result, [asked, ...(attempt?.writes() ?? [])])
  }
  const arrival = guard.arrival(flow, person, 'pwd', { attempt })
  arrival.remember()
  await flow.next(result, arrival.writes)
  arrival.done()
}

/** What the audit trail keeps of a session's end, unless whoever ended it has more to say. */
import type { SessionDocument } from '../accounts/accounts.ts'
import type { Events } from '../events/events.ts'
import type { Write } from '../storage/storage.ts'

/** Its time was over; else the person signed out. */
export type SessionTrail = (session: SessionDocument, reason?: 'expired') => Write[]

export function createSessionTrail(events: Pick<Events, 'record'>): SessionTrail {
  return ({ person }, reason) => {
    // A browser that nobody signed in with leaves no trace.
    if (!person) return []
    if (!reason) return [events.record({ type: 'sign_out', person })]
    return [events.record({ type: 'session_ended', person, detail: { reason } })]
  }
}

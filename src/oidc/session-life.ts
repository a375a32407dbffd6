/** How long a session lives: to its absolute end, or until it lies unused for longer than its idle limit. */
import { isPast, SESSION_GRACE, type SessionDocument } from '../accounts/accounts.ts'

/** How stale "last used" may be, in seconds; with a short idle limit, a tenth of that. */
const LAST_USED_STEP = 300

/** What a session's life is written as. */
export interface SessionLife {
  ends: Date
  expires: Date
}

/** The life of a session that is used now. */
export function lifeUntil(absoluteEnd: Date, now: Date, idle: number | undefined): SessionLife {
  const limit = idle === undefined ? absoluteEnd : new Date(now.getTime() + idle * 1000)
  return {
    ends: limit < absoluteEnd ? limit : absoluteEnd,
    expires: new Date(absoluteEnd.getTime() + SESSION_GRACE * 1000),
  }
}

/** When it ends however much it is used. */
export function absoluteEndOf({ ends, expires }: Pick<SessionDocument, 'ends' | 'expires'>): Date {
  return ends ? new Date(expires.getTime() - SESSION_GRACE * 1000) : expires
}

/** What is written of a session's use now. */
export function useOf(session: SessionDocument, now: Date, idle: number | undefined) {
  if (!session.ends) return { lastUsedAt: now }
  return { lastUsedAt: now, ends: lifeUntil(absoluteEndOf(session), now, idle).ends }
}

/** Reports whether nobody may use it any more; the idle limit is today's, whatever it was at its last use. */
export function isOver(session: SessionDocument, now: Date, idle: number | undefined): boolean {
  if (isPast(session, now)) return true
  return idle !== undefined && now.getTime() - session.lastUsedAt.getTime() > idle * 1000
}

/** Reports whether its last use is to be written anew. */
export function isLastUseStale(before: SessionDocument, now: Date, idle: number | undefined): boolean {
  const step = Math.min(LAST_USED_STEP, (idle ?? Number.POSITIVE_INFINITY) / 10)
  return now.getTime() - before.lastUsedAt.getTime() > step * 1000
}

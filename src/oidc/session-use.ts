/**
 * A refresh counts as use of the session that the refresh token belongs to. Only where sessions have an idle
 * limit does a refresh read its session; without one the end of a session takes its tokens (`endings.ts`).
 */
import { type SessionDocument, sessionCollection } from '../accounts/accounts.ts'
import type { Store } from '../storage/storage.ts'
import { requestMemory } from './request.ts'
import { isLastUseStale, isOver, useOf } from './session-life.ts'

export interface SessionUse {
  /** Reports whether the session is still there and in use; one that is not ends, with its tokens. */
  holds(session: string | undefined): Promise<boolean>
  /** The refresh happened. */
  note(token: { session?: string | undefined; offline?: boolean | undefined }): Promise<void>
}

export function createSessionUse(options: {
  store: Store
  now: () => Date
  /** Seconds without use after which a session is over. */
  idle?: number | undefined
  end(session: SessionDocument, reason: 'expired'): Promise<void>
}): SessionUse {
  const { store, now, idle, end } = options
  const sessions = store.collection(sessionCollection)

  return {
    async holds(uid) {
      if (idle === undefined || uid === undefined) return true
      const session = await sessions.get(uid)
      requestMemory().session = session
      if (!session) return false
      if (!isOver(session, now(), idle)) return true
      await end(session, 'expired')
      return false
    },
    async note({ session: uid, offline }) {
      const { session } = requestMemory()
      if (offline || !session || session._id !== uid || !isLastUseStale(session, now(), idle)) return
      await sessions.update({ _id: uid }, { $set: useOf(session, now(), idle) })
    },
  }
}

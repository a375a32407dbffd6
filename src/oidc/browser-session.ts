/**
 * The session that a browser holds, for Maitred's own pages. It is found by the protocol's cookie; no cookie
 * is set, so a page never begins or renews one.
 */
import type { Context } from 'koa'
import { type SessionDocument, sessionCollection } from '../accounts/accounts.ts'
import { acrOf, type SessionView } from '../flow/flow.ts'
import { sha256 } from '../keys/keys.ts'
import type { Store, Write } from '../storage/storage.ts'
import { authorizationsOf } from './session-fields.ts'
import { isLastUseStale, isOver, useOf } from './session-life.ts'

export interface BrowserSession extends SessionView {
  /** The ids of those that were entered in it, the last one last. */
  applications: readonly string[]
}

export interface BrowserSessions {
  /** Whoever it belongs to may still have steps of the sign-in to pass. */
  of(ctx: Context): Promise<BrowserSession | undefined>
  /** A guard for what is done in this session: it has not ended meanwhile. */
  hold(session: SessionView): Write
  /** As `hold`; the person has just changed the password that proved it. */
  renew(session: SessionView, passwordSetAt: Date): Write
  /** The person has just proved more in this session; a guard as well. */
  strengthen(session: SessionView, amr: readonly string[]): Write
}

export interface BrowserSessionsOptions {
  store: Store
  now: () => Date
  cookie: string
  /** Seconds without use after which a session is over. */
  idle?: number | undefined
}

export function createBrowserSessions({ store, now, cookie, idle }: BrowserSessionsOptions): BrowserSessions {
  const sessions = store.collection<SessionDocument>(sessionCollection)
  return {
    async of(ctx) {
      const id = ctx.cookies.get(cookie, { signed: false })
      if (!id) return undefined
      const [found] = await sessions.find({ key: sha256(id) }, { limit: 1 })
      if (!found?.person || isOver(found, now(), idle)) return undefined
      if (isLastUseStale(found, now(), idle)) {
        await sessions.update({ _id: found._id }, { $set: useOf(found, now(), idle) })
      }
      const { _id: uid, person: accountId, amr = [], acr, authTime = new Date(0), passwordSetAt } = found
      const applications = Object.keys(authorizationsOf(found))
      return { uid, accountId, amr, acr, authTime, passwordSetAt, applications }
    },
    // A change, so that it collides with whatever ends the session at the same moment.
    hold: ({ uid }) => ({
      in: sessionCollection,
      update: { _id: uid },
      change: { $set: { lastUsedAt: now() } },
    }),
    renew: ({ uid }, passwordSetAt) => ({
      in: sessionCollection,
      update: { _id: uid },
      change: { $set: { lastUsedAt: now(), passwordSetAt } },
    }),
    strengthen({ uid, amr }, more) {
      const all = [...new Set([...amr, ...more])]
      return {
        in: sessionCollection,
        update: { _id: uid },
        change: { $set: { amr: all, acr: acrOf(all) } },
      }
    },
  }
}

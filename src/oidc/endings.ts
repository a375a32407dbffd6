/**
 * How sessions and grants end: in one batch go the session, what it gave out, the entries on the
 * revocation list and the notices to applications (OpenID Connect Back-Channel Logout 1.0).
 */
import { type SessionDocument, type Sessions, sessionCollection } from '../accounts/accounts.ts'
import type { Applications } from '../applications/applications.ts'
import type { Store, Write } from '../storage/storage.ts'
import { tokenCollection } from './token-document.ts'

export interface Endings {
  /** Writes that end the session; `why` is for the audit trail. */
  sessionWrites(session: SessionDocument): Promise<Write[]>
  endSession(session: SessionDocument, also?: Write[]): Promise<void>
  /** Writes that end all sessions and refresh tokens of a person, but for one session. */
  personWrites(person: string, except?: string): Promise<Write[]>
  /**
   * Writes that take back all that one application got for a person, in every session and beyond: a guard
   * each on the sessions, which may end meanwhile.
   */
  applicationWrites(person: string, application: string): Promise<Write[]>
  grantWrites(id: string): Write[]
  /** Takes back what a grant gave out. A `tombstone` is a token document that stays, dead, until it expires. */
  revokeGrant(id: string, tombstone?: string): Promise<void>
}

export interface EndingsOptions {
  store: Store
  now: () => Date
  applications: Applications
  sessions: Sessions
  /** Seconds that an access token lives: entries are kept as long. */
  accessToken: number
  revoke(entry: { kind: 'gid'; id: string; expires: Date }): Write
  /** A durable back-channel notice as data. */
  notify(notice: { application: string; person: string; sid: string }): Write
  wake(): void
}

export function createEndings(options: EndingsOptions): Endings {
  const { store, now, applications } = options

  /** When every access token that was issued until now is over. */
  const outlived = (): Date => new Date(now().getTime() + (options.accessToken + 60) * 1000)

  function grantWrites(id: string): Write[] {
    const expires = outlived()
    return [{ in: tokenCollection, remove: { grantId: id } }, options.revoke({ kind: 'gid', id, expires })]
  }

  async function sessionWrites(session: SessionDocument): Promise<Write[]> {
    const writes: Write[] = [
      { in: sessionCollection, remove: { _id: session._id } },
      { in: tokenCollection, remove: { session: session._id, offline: false } },
    ]
    for (const [id, { grantId, sid }] of Object.entries(authorizationsOf(session))) {
      if (grantId && !isOffline(session, grantId)) {
        writes.push(options.revoke({ kind: 'gid', id: grantId, expires: outlived() }))
      }
      const application = await applications.get(id)
      if (application?.backchannelLogoutUri && session.person && sid) {
        writes.push(options.notify({ application: id, person: session.person, sid }))
      }
    }
    return writes
  }

  async function personWrites(person: string, except?: string): Promise<Write[]> {
    const [all, offline] = await Promise.all([
      options.sessions.list(person),
      store.collection(tokenCollection).find({ person, offline: true }),
    ])
    const ended = await Promise.all(all.filter(({ _id }) => _id !== except).map(sessionWrites))
    const expires = outlived()
    const grants = new Set(offline.flatMap(({ grantId }) => grantId ?? []))
    return [
      ...ended.flat(),
      // What belongs to no session that is left: tokens with `offline_access`, and codes on their way.
      { in: tokenCollection, remove: except ? { person, offline: true } : { person } },
      ...[...grants].map((id) => options.revoke({ kind: 'gid', id, expires })),
    ]
  }

  async function applicationWrites(person: string, application: string): Promise<Write[]> {
    const [all, tokens, found] = await Promise.all([
      options.sessions.list(person),
      store.collection(tokenCollection).find({ person, application }),
      applications.get(application),
    ])
    const held = all.flatMap((session) => {
      const { grantId, sid } = authorizationsOf(session)[application] ?? {}
      return grantId ? [{ session, grantId, sid }] : []
    })
    const grants = new Set([...held, ...tokens].flatMap(({ grantId }) => grantId ?? []))
    const expires = outlived()
    return [
      { in: tokenCollection, remove: { person, application } },
      ...[...grants].map((id) => options.revoke({ kind: 'gid', id, expires })),
      ...held.flatMap(({ session: { _id }, grantId, sid }): Write[] => [
        // The entry on the list ends with the tokens; the session lives on and must not have the grant.
        { in: sessionCollection, update: { _id }, change: { $unset: { [`grants.${grantId}`]: true } } },
        ...(found?.backchannelLogoutUri && sid ? [options.notify({ application, person, sid })] : []),
      ]),
    ]
  }

  return {
    sessionWrites,
    personWrites,
    applicationWrites,
    grantWrites,
    async endSession(session, also = []) {
      await store.batch([...(await sessionWrites(session)), ...also])
      options.wake()
    },
    async revokeGrant(id, tombstone) {
      if (tombstone === undefined) return store.batch(grantWrites(id))
      const dead = { update: { _id: tombstone }, change: { $set: { consumedAt: now() } } }
      await store.batch([
        { in: tokenCollection, ...dead },
        { in: tokenCollection, remove: { grantId: id, _id: { $ne: tombstone } } },
        options.revoke({ kind: 'gid', id, expires: outlived() }),
      ])
    },
  }
}

// --- Internal ---

function authorizationsOf({ protocol }: SessionDocument): Record<string, { grantId?: string; sid?: string }> {
  return (protocol.authorizations ?? {}) as Record<string, { grantId?: string; sid?: string }>
}

/** A grant with `offline_access` was consented to outlive its session. */
function isOffline(session: SessionDocument, grantId: string): boolean {
  const openid = session.grants[grantId]?.openid as { scope?: string } | undefined
  return openid?.scope?.split(' ').includes('offline_access') === true
}

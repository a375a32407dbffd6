/**
 * How sessions and grants end: in one batch go the session, what it gave out, the entries on the
 * revocation list and the notices to applications (OpenID Connect Back-Channel Logout 1.0).
 */
import { type SessionDocument, type Sessions, sessionCollection } from '../accounts/accounts.ts'
import type { Applications } from '../applications/applications.ts'
import type { NewRevocation } from '../events/events.ts'
import { BatchError, type Match, type Store, type Write } from '../storage/storage.ts'
import { authorizationsOf, isOfflineGrant } from './session-fields.ts'
import { tokenCollection } from './token-document.ts'

/** Of the thousand writes that a batch takes. */
const MOST_ENTRIES = 300
const MOST_NOTICES = 300
/** Every process holds them, a thousand entries long. */
const MOST_SPARED = 30
/** How often a session may be used while it is being ended. */
const TRIES = 5

export interface Endings {
  /**
   * Of any number that end it one does, and writes `also`.
   * @param still what must hold of the stored session beside its id
   */
  endSession(session: SessionDocument, also?: Write[], still?: Match): Promise<void>
  /** Writes that end all sessions and refresh tokens of a person, but for one session. */
  personWrites(person: string, except?: string): Promise<Write[]>
  /** Refuses the tokens that a person has now, but for those of some grants, while these are not too many. */
  personEntry(person: string, spare: ReadonlySet<string>): Write
  /**
   * Writes that take back all that one application got for a person, in every session and beyond: a guard
   * each on the sessions, which may end meanwhile.
   */
  applicationWrites(person: string, application: string): Promise<Write[]>
  /** Writes that take back all that was given out to an application that is removed; whoever registered it loses it. */
  removalWrites(application: string): Write[]
  /** Takes a grant from the session that holds it: the list forgets it sooner, and whoever has not heard asks there. */
  letGo(grantId: string): Promise<void>
  /** Takes back what a grant gave out. A `tombstone` is a token document that stays, dead, until it expires. */
  revokeGrant(id: string, tombstone?: string): Promise<void>
}

export interface EndingsOptions {
  store: Store
  now: () => Date
  applications: Applications
  sessions: Sessions
  /** When every access token that was issued until now is over. */
  outlived(): Date
  revoke(entry: NewRevocation): Write
  /** Refuses here at once what was just written. */
  heard(entry: { kind: 'gid'; id: string; expires: Date }): void
  /** A durable back-channel notice as data. */
  notify(notice: { application: string; person: string; sid: string }): Write
  wake(): void
}

export function createEndings(options: EndingsOptions): Endings {
  const { store, now, applications, outlived } = options

  async function noticesOf(session: SessionDocument): Promise<Write[]> {
    const notices: Write[] = []
    for (const [id, { sid }] of Object.entries(authorizationsOf(session))) {
      const application = await applications.get(id)
      if (application?.backchannelLogoutUri && session.person && sid) {
        notices.push(options.notify({ application: id, person: session.person, sid }))
      }
    }
    return notices
  }

  /** What ends with a session. */
  async function consequencesOf(session: SessionDocument): Promise<Write[]> {
    const expires = outlived()
    const grants = grantsEndingWith(session)
    // One entry for the person refuses them all; their other sessions get new tokens.
    const entries =
      session.person !== undefined && grants.length > MOST_ENTRIES
        ? [options.revoke({ kind: 'person', id: session.person, expires })]
        : grants.map((id) => options.revoke({ kind: 'gid', id, expires }))
    return [
      { in: tokenCollection, remove: { session: session._id, offline: false } },
      ...entries,
      ...(await noticesOf(session)),
    ]
  }

  function personEntry(person: string, spare: ReadonlySet<string>): Write {
    const spares = spare.size > 0 && spare.size <= MOST_SPARED
    const entry = { kind: 'person', id: person, expires: outlived() } as const
    return options.revoke(spares ? { ...entry, spare: [...spare] } : entry)
  }

  async function personWrites(person: string, except?: string): Promise<Write[]> {
    const all = await options.sessions.all(person)
    const ended = all.filter(({ _id }) => _id !== except)
    const tokens = store.collection(tokenCollection)
    const offline = await tokens.find({ person, offline: true })
    const notices = (await Promise.all(ended.map(noticesOf))).flat()
    const others: Match = except ? { person, _id: { $ne: except } } : { person }
    const lost = new Set([
      ...ended.flatMap(grantsEndingWith),
      ...offline.flatMap(({ grantId }) => grantId ?? []),
    ])
    const stays = all.find(({ _id }) => _id === except)
    const kept = stays ? grantsEndingWith(stays) : []
    const writes: Write[] = [
      { in: sessionCollection, remove: others },
      // With `offline_access`, and codes on their way: what belongs to no session that is left.
      { in: tokenCollection, remove: except ? { person, session: { $ne: except } } : { person } },
      ...(except ? [{ in: tokenCollection, remove: { person, offline: true } }] : []),
    ]
    writes.push(personEntry(person, new Set(kept.filter((id) => !lost.has(id)))))
    // The session that stays would let a code of theirs be spent anew: what has spent it is removed.
    const over = [...new Set(except ? offline.flatMap(({ grantId }) => grantId ?? []) : [])]
    writes.push(
      ...over.slice(0, MOST_ENTRIES).map((id) => options.revoke({ kind: 'gid', id, expires: outlived() })),
    )
    const held = over.filter((id) => stays?.grants[id])
    if (stays && held.length > 0) {
      const $unset = Object.fromEntries(held.map((id) => [`grants.${id}`, true] as const))
      writes.push({ in: sessionCollection, update: { _id: stays._id }, change: { $unset } })
    }
    // A batch has an end. Notices beyond it are promised before: at worst an application asks once more.
    for (let at = MOST_NOTICES; at < notices.length; at += MOST_NOTICES) {
      await store.batch(notices.slice(at, at + MOST_NOTICES))
    }
    return [...writes, ...notices.slice(0, MOST_NOTICES)]
  }

  async function applicationWrites(person: string, application: string): Promise<Write[]> {
    const [all, tokens, found] = await Promise.all([
      options.sessions.all(person),
      store.collection(tokenCollection).find({ person, application }),
      applications.get(application),
    ])
    const held = all.flatMap((session) => {
      const { sid } = authorizationsOf(session)[application] ?? {}
      return grantsOf(session, application).map((grantId, index) => ({
        session,
        grantId,
        // One notice for all of them.
        ...(index === 0 && { sid }),
      }))
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

  /** Reports whether it did: not where the stored session does not match. */
  async function endAsKnown(session: SessionDocument, also: Write[], match: Match): Promise<boolean> {
    const taken: Write = { in: sessionCollection, take: { ...match, _id: session._id } }
    try {
      await store.batch([taken, ...(await consequencesOf(session)), ...also])
    } catch (error) {
      if (error instanceof BatchError && error.index === 0) return false
      throw error
    }
    for (const id of grantsEndingWith(session)) options.heard({ kind: 'gid', id, expires: outlived() })
    options.wake()
    return true
  }

  async function letGo(grantId: string): Promise<void> {
    const given = await store.collection(tokenCollection).find({ grantId })
    const holders = new Set(given.flatMap(({ session }) => session ?? []))
    const change = { $unset: { [`grants.${grantId}`]: true } } as const
    await Promise.all([...holders].map((_id) => store.collection(sessionCollection).update({ _id }, change)))
  }

  async function revokeGrant(id: string, tombstone?: string): Promise<void> {
    await letGo(id)
    const entry = { kind: 'gid', id, expires: outlived() } as const
    const dead = { update: { _id: String(tombstone) }, change: { $set: { consumedAt: now() } } }
    const writes: Write[] =
      tombstone === undefined
        ? [{ in: tokenCollection, remove: { grantId: id } }]
        : [
            { in: tokenCollection, ...dead },
            { in: tokenCollection, remove: { grantId: id, _id: { $ne: tombstone } } },
          ]
    try {
      await store.batch([...writes, options.revoke(entry)])
    } catch (error) {
      if (tombstone === undefined || !(error instanceof BatchError) || error.index !== 0) throw error
      // It has gone meanwhile, with its session or its person.
      return revokeGrant(id)
    }
    options.heard(entry)
  }

  return {
    personWrites,
    personEntry,
    applicationWrites,
    letGo,
    removalWrites: (application) => [
      { in: tokenCollection, remove: { application } },
      options.revoke({ kind: 'application', id: application, expires: outlived() }),
    ],
    async endSession(session, also = [], still = {}) {
      let known = session
      for (let tries = TRIES; tries > 0; tries--) {
        // What it has given out since it was read has to end as well.
        const asRead: Match = tries > 1 ? { lastUsedAt: known.lastUsedAt } : {}
        if (await endAsKnown(known, also, { ...asRead, ...still })) return
        const found = await store.collection(sessionCollection).get(known._id)
        // Somebody else has ended it, or it was not used and `still` does not hold.
        if (!found || found.lastUsedAt.getTime() === known.lastUsedAt.getTime()) return
        known = found
      }
    },
    revokeGrant,
  }
}

/** The session's grants of one application: the current one, and those that it replaced. */
function grantsOf(session: SessionDocument, application: string): string[] {
  const { grantId } = authorizationsOf(session)[application] ?? {}
  const all = Object.entries(session.grants).filter(([, { clientId }]) => clientId === application)
  return [...new Set([...(grantId ? [grantId] : []), ...all.map(([id]) => id)])]
}

/** Grants that end with the session: those of its authorisations, and those that these replaced. */
export function grantsEndingWith(session: SessionDocument): string[] {
  const named = Object.values(authorizationsOf(session)).flatMap(({ grantId }) => grantId ?? [])
  const all = new Set([...named, ...Object.keys(session.grants)])
  return [...all].filter((id) => !isOfflineGrant(session.grants[id]))
}

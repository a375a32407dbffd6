/**
 * Storage of the protocol's sessions, with their grants inside. A session that did not change is not
 * written again; its end takes everything with it that it gave out (`endings.ts`).
 */
import type { Adapter, AdapterPayload } from 'oidc-provider'
import { type SessionDocument, sessionCollection } from '../accounts/accounts.ts'
import { sha256 } from '../keys/keys.ts'
import type { Collection, Store } from '../storage/storage.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'
import { expiry } from './token-adapter.ts'

/** How stale "last used" may be, in seconds; with a short idle limit, a tenth of that. */
const LAST_USED_STEP = 300

export interface SessionAdapterOptions {
  store: Store
  now: () => Date
  /** Seconds without use after which a session is over; absent, only the absolute end counts. */
  idle?: number | undefined
  origin(ctx: object): { ip: string; device: string }
  end(session: SessionDocument): Promise<void>
}

export function createSessionAdapter(options: SessionAdapterOptions): Adapter {
  const { store, now, idle } = options
  const sessions: Collection<SessionDocument> = store.collection(sessionCollection)

  function revive(document: SessionDocument | undefined, jti: string): AdapterPayload | undefined {
    if (!document || isIdle(document, now(), idle)) return undefined
    const memory = requestMemory()
    memory.session = document
    for (const [id, grant] of Object.entries(document.grants)) memory.grants.set(id, grant)
    return {
      ...structuredClone(document.protocol),
      jti,
      uid: document._id,
      ...(document.person && { accountId: document.person }),
      ...(document.amr && { amr: [...document.amr] }),
      ...(document.acr && { acr: document.acr }),
      ...(document.authTime && { loginTs: Math.floor(document.authTime.getTime() / 1000) }),
      exp: Math.floor(document.expires.getTime() / 1000),
    }
  }

  return {
    async upsert(id, payload, ttl) {
      const memory = requestMemory()
      const before = memory.session?._id === payload.uid ? memory.session : undefined
      const ctx = protocolContext()
      const document = describe(id, payload, before, {
        grants: grantsOf(payload, memory.grants),
        now: now(),
        expires: expiry(now(), ttl),
        origin: before ?? (ctx ? options.origin(ctx) : { ip: '', device: '' }),
      })
      if (before && isSame(before, document, idle)) return
      await sessions.put(document)
      memory.session = document
    },

    async find(id) {
      const [document] = await sessions.find({ key: sha256(id) }, { limit: 1 })
      // Applications are told of this end as of every other.
      if (document && isIdle(document, now(), idle)) await options.end(document)
      return revive(document, id)
    },

    // Who asks by uid may read the session, never set its cookie: the identifier stays unknown.
    async findByUid(uid) {
      return revive(await sessions.get(uid), '')
    },

    async destroy(id) {
      // A new identifier replaces the old one in the same document: nothing to delete.
      const running = protocolContext()?.oidc.session as { oldId?: string } | undefined
      if (running?.oldId === id) return
      const [document] = await sessions.find({ key: sha256(id) }, { limit: 1 })
      if (document) await options.end(document)
    },

    async consume() {},
    async findByUserCode() {},
    async revokeByGrantId() {},
  }
}

// --- Internal ---

export function isIdle(session: SessionDocument, now: Date, idle: number | undefined): boolean {
  return idle !== undefined && now.getTime() - session.lastUsedAt.getTime() > idle * 1000
}

/** Reports whether "last used" is to be written anew. */
export function isLastUseStale(before: SessionDocument, now: Date, idle: number | undefined): boolean {
  const step = Math.min(LAST_USED_STEP, (idle ?? Number.POSITIVE_INFINITY) / 10)
  return now.getTime() - before.lastUsedAt.getTime() > step * 1000
}

/** The grants that the session's authorisations name: others are left behind. */
function grantsOf(payload: Payload, known: Map<string, Payload>): SessionDocument['grants'] {
  const kept: SessionDocument['grants'] = {}
  const authorizations = (payload.authorizations ?? {}) as Record<string, { grantId?: string }>
  for (const { grantId } of Object.values(authorizations)) {
    const grant = grantId && known.get(grantId)
    if (grant) kept[grantId] = grant
  }
  return kept
}

function describe(
  id: string,
  payload: Payload,
  before: SessionDocument | undefined,
  about: {
    grants: SessionDocument['grants']
    now: Date
    expires: Date
    origin: { ip: string; device: string }
  },
): SessionDocument {
  const { jti: _, iat: __, exp: ___, uid, accountId, amr, acr, loginTs, ...protocol } = payload
  return {
    _id: String(uid),
    key: sha256(id),
    ...(typeof accountId === 'string' && { person: accountId }),
    ...(Array.isArray(amr) && { amr: amr as string[] }),
    ...(typeof acr === 'string' && { acr }),
    ...(typeof loginTs === 'number' && { authTime: new Date(loginTs * 1000) }),
    protocol: withoutUndefined(protocol),
    grants: about.grants,
    device: about.origin.device,
    ip: about.origin.ip,
    startedAt: before?.startedAt ?? about.now,
    lastUsedAt: about.now,
    expires: before?.expires ?? about.expires,
  }
}

function withoutUndefined(value: Payload): Payload {
  return JSON.parse(JSON.stringify(value)) as Payload
}

function isSame(before: SessionDocument, after: SessionDocument, idle: number | undefined): boolean {
  if (isLastUseStale(before, after.lastUsedAt, idle)) return false
  const { lastUsedAt: _, ...a } = before
  const { lastUsedAt: __, ...b } = after
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

/** Key order is not kept by every engine. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/**
 * Storage of the protocol's sessions, with their grants inside. A session that did not change is not
 * written again; its end takes everything with it that it gave out (`endings.ts`).
 */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { type SessionDocument, sessionCollection } from '../accounts/accounts.ts'
import { sha256 } from '../keys/keys.ts'
import type { Collection, Store } from '../storage/storage.ts'
import { type Proof, passwordSetAtOf, proofIn } from './overtaken.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'
import { authorizationsOf, differenceOf, storedProtocol } from './session-fields.ts'
import { absoluteEndOf, isLastUseStale, isOver, lifeUntil, useOf } from './session-life.ts'
import { expiry } from './token-adapter.ts'

export interface SessionAdapterOptions {
  store: Store
  now: () => Date
  /** Seconds without use after which a session is over; absent, only the absolute end counts. */
  idle?: number | undefined
  origin(ctx: object): { ip: string; device: string }
  end(session: SessionDocument, reason?: 'expired'): Promise<void>
  /** Whether what a sign-in has proved still holds, once its session is there. */
  isConfirmed(proof: Proof): Promise<boolean>
}

export function createSessionAdapter(options: SessionAdapterOptions): Adapter {
  const { store, now, idle } = options
  const sessions: Collection<SessionDocument> = store.collection(sessionCollection)

  function revive(document: SessionDocument | undefined, jti: string): AdapterPayload | undefined {
    if (!document || isOver(document, now(), idle)) return undefined
    const memory = requestMemory()
    memory.session = document
    for (const [id, grant] of Object.entries(document.grants)) memory.grants.set(id, grant)
    return {
      ...structuredClone(document.protocol),
      ...(document.protocol.authorizations !== undefined && {
        authorizations: structuredClone(authorizationsOf(document)),
      }),
      jti,
      uid: document._id,
      ...(document.person && { accountId: document.person }),
      ...(document.amr && { amr: [...document.amr] }),
      ...(document.acr && { acr: document.acr }),
      ...(document.authTime && { loginTs: Math.floor(document.authTime.getTime() / 1000) }),
      // Until somebody signs in, there is no session whose life could be measured.
      ...(document.person && { exp: Math.floor(absoluteEndOf(document).getTime() / 1000) }),
    }
  }

  /** A sign-in that is not kept for one batch (`going-on.ts`): that of a device's approval. */
  async function refuseOvertaken(document: SessionDocument): Promise<void> {
    const proof = proofIn({ result: protocolContext()?.oidc.result })
    if (!proof || proof.accountId !== document.person || (await options.isConfirmed(proof))) return
    await options.end(document, 'expired')
    throw new errors.SessionNotFound('the password was changed in the meantime')
  }

  return {
    async upsert(id, payload, ttl) {
      const memory = requestMemory()
      const before = memory.session?._id === payload.uid ? memory.session : undefined
      const ctx = protocolContext()
      const document = describe(id, payload, before, {
        grants: grantsOf(payload, memory.grants, before),
        now: now(),
        absoluteEnd: expiry(now(), ttl),
        idle,
        origin: ctx ? options.origin(ctx) : { ip: '', device: '' },
      })
      memory.session = document
      if (!before) {
        if (memory.kept) return void memory.kept.push({ in: sessionCollection, insert: document })
        await sessions.insert(document)
        return refuseOvertaken(document)
      }
      const difference = differenceOf(before, document)
      if (!difference && !isLastUseStale(before, now(), idle)) return
      // A session that ended meanwhile stays ended, and an identifier that was replaced opens nothing.
      const match = { _id: before._id, key: before.key }
      const used = useOf(document, document.lastUsedAt, idle)
      const change = { ...difference, $set: { ...difference?.$set, ...used } }
      if (memory.kept) {
        memory.kept.push({ in: sessionCollection, update: match, change })
        return
      }
      if (!(await sessions.update(match, change))) throw new errors.SessionNotFound('the session has ended')
      await refuseOvertaken(document)
    },

    async find(id) {
      const [document] = await sessions.find({ key: sha256(id) }, { limit: 1 })
      if (!document || !isOver(document, now(), idle)) return revive(document, id)
      // Applications are told of this end as of every other.
      await options.end(document, 'expired')
      return undefined
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

/**
 * The grants that the session's authorisations name, and those that were replaced: what they gave out ends with
 * the session all the same, and a code of theirs may still be on its way.
 */
function grantsOf(
  payload: Payload,
  known: Map<string, Payload>,
  before: SessionDocument | undefined,
): SessionDocument['grants'] {
  const kept: SessionDocument['grants'] = { ...before?.grants }
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
    absoluteEnd: Date
    idle: number | undefined
    origin: { ip: string; device: string }
  },
): SessionDocument {
  const begun = before?.person ? before : undefined
  const absoluteEnd = begun ? absoluteEndOf(begun) : about.absoluteEnd
  const { jti: _, iat: __, exp: ___, uid, accountId, amr, acr, loginTs, ...protocol } = payload
  const passwordSetAt = typeof accountId === 'string' ? passwordSetAtOf(accountId) : undefined
  return {
    _id: String(uid),
    key: sha256(id),
    ...(typeof accountId === 'string' && { person: accountId }),
    ...(Array.isArray(amr) && { amr: amr as string[] }),
    ...(typeof acr === 'string' && { acr }),
    ...(typeof loginTs === 'number' && { authTime: new Date(loginTs * 1000) }),
    ...(passwordSetAt && { passwordSetAt }),
    protocol: storedProtocol(protocol),
    grants: about.grants,
    // Its life begins when somebody signs in, not with an anonymous visit before.
    device: begun?.device ?? about.origin.device,
    ip: begun?.ip ?? about.origin.ip,
    startedAt: begun?.startedAt ?? about.now,
    lastUsedAt: about.now,
    ...(typeof accountId === 'string'
      ? lifeUntil(absoluteEnd, about.now, about.idle)
      : { expires: absoluteEnd }),
  }
}

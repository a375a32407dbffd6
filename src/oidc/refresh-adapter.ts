/**
 * Storage of refresh token families. Rotation is one guarded update of one document, and so is what ends the
 * family when a token comes back after the window: not the library, whose other checks a thief could fail.
 */
import { type Adapter, errors } from 'oidc-provider'
import type { SessionDocument } from '../accounts/accounts.ts'
import { randomToken } from '../keys/keys.ts'
import { BatchError, type Collection, type Write } from '../storage/storage.ts'
import { isOffline } from './offline.ts'
import {
  FAMILY_KIND,
  familyOfCode,
  isMintedWith,
  mintRefreshToken,
  type RefreshTokenParts,
  readRefreshToken,
} from './refresh-token.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'
import type { ReuseWarning } from './reuse-warning.ts'
import type { SessionUse } from './session-use.ts'
import { createSpendCode, type SpendCodeOptions, whenOver } from './spend-code.ts'
import { expiry } from './token-adapter.ts'
import { type TokenDocument, tokenCollection, tokenId } from './token-document.ts'

export interface RefreshAdapterOptions extends SpendCodeOptions {
  now: () => Date
  /** Seconds in which a rotated token still answers with its one successor (0 to 60). */
  grace: number
  isRevoked(claims: { gid: string }): boolean
  /** The session, while it is alive and holds the grant. */
  findHolder(session: string, grantId: string): Promise<SessionDocument | undefined>
  /** Without `offline_access`: whether the session of the token is still in use, and that it was used now. */
  sessionUse: SessionUse
  /** An entry that refuses the grant's access tokens. */
  revoke(grantId: string): Write
  reused: ReuseWarning
  wake(): void
  /** Takes a grant from the session that holds it. */
  letGo(grantId: string): Promise<void>
}

export function createRefreshAdapter(options: RefreshAdapterOptions): Adapter {
  const { store, now, grace } = options
  const tokens: Collection<TokenDocument> = store.collection(tokenCollection)
  const spendCode = createSpendCode(options)

  async function begin(family: string, payload: Payload, ttl: number | undefined): Promise<void> {
    const { jti: _, ...kept } = payload
    const grantId = String(payload.grantId)
    const { grants, code } = requestMemory()
    const grant = grants.get(grantId)
    const document: TokenDocument = {
      _id: tokenId(FAMILY_KIND, family),
      kind: FAMILY_KIND,
      payload: kept,
      grantId,
      ...(grant && { grant }),
      person: String(payload.accountId),
      application: String(payload.clientId),
      ...(typeof payload.sessionUid === 'string' && { session: payload.sessionUid }),
      ...(code?.passwordSetAt && { passwordSetAt: code.passwordSetAt }),
      offline: isOffline(payload.scope as string | undefined),
      generation: 0,
      rotatedAt: now(),
      key: familyKey(family),
      expires: later(expiry(now(), ttl), code && whenOver(code)),
    }
    await spendCode(document)
    // A session that ends from now on finds the family and takes it along, and so does a consent that is withdrawn; what
    // ended while the code was on its way is found out when the token comes back (`find`). With `offline_access` nobody
    // would look then, so we do now.
    if (document.offline && document.session && !(await options.findHolder(document.session, grantId))) {
      await tokens.remove({ _id: document._id })
      throw new errors.InvalidGrant('the session has ended')
    }
  }

  async function rotate({ family, generation }: RefreshTokenParts): Promise<void> {
    const known = requestMemory().family
    // Somebody was quicker within the window: the successor is there already and is the same.
    if (known?._id === tokenId(FAMILY_KIND, family) && (known.generation ?? 0) >= generation) return
    const rotated = await tokens.update(
      { _id: tokenId(FAMILY_KIND, family), generation: generation - 1 },
      { $set: { generation, rotatedAt: now() } },
    )
    if (rotated) return options.sessionUse.note(rotated)
    const current = await tokens.get(tokenId(FAMILY_KIND, family))
    if (current?.generation !== generation) throw new errors.InvalidGrant('refresh token already used')
  }

  /** Somebody has a copy (RFC 9700 §4.14.2). Of any number of racers one ends the grant and warns, in one batch. */
  async function endReused({ _id, grantId = '', payload }: TokenDocument): Promise<void> {
    const dead = { update: { _id, consumedAt: { $exists: false } }, change: { $set: { consumedAt: now() } } }
    await options.letGo(grantId)
    try {
      await store.batch([
        { in: tokenCollection, ...dead },
        { in: tokenCollection, remove: { grantId, _id: { $ne: _id } } },
        options.revoke(grantId),
        ...(await options.reused(String(payload.accountId), String(payload.clientId))),
      ])
    } catch (error) {
      if (!(error instanceof BatchError) || error.index !== 0) throw error
      return
    }
    options.wake()
  }

  return {
    async upsert(value, payload, ttl) {
      const parts = readRefreshToken(value)
      if (!parts) throw new TypeError('a refresh token that was not minted here')
      await (parts.generation === 0 ? begin(parts.family, payload, ttl) : rotate(parts))
    },

    async find(value) {
      const parts = readRefreshToken(value)
      if (!parts) return undefined
      const document = await tokens.get(tokenId(FAMILY_KIND, parts.family))
      if (!document?.key || document.consumedAt || !isMintedWith(value, document.key)) return undefined
      const { payload, grantId = '', grant } = document
      if (options.isRevoked({ gid: grantId })) return undefined
      if (!document.offline && !(await options.sessionUse.holds(document.session))) return undefined
      // A transaction that ended the session does not see a family that was inserted since it began.
      const isFirst = parts.generation === 0 && !document.offline && document.session !== undefined
      if (isFirst && !(await options.findHolder(String(document.session), grantId))) return undefined
      const memory = requestMemory()
      memory.family = document
      if (grant) memory.grants.set(grantId, grant)
      const found: Payload = { ...payload, jti: value, rotations: parts.generation }
      if (!isReused(document, parts.generation, now(), grace)) return found
      // Whoever only asks about it (introspection), gives it up (revocation) or is not its application ends nothing.
      const { route, client } = protocolContext()?.oidc ?? {}
      if (route !== 'token' || client?.clientId !== payload.clientId) return { ...found, consumed: 1 }
      await endReused(document)
      return undefined
    },

    // Rotation is written with the successor (`upsert`); until then nothing has happened.
    async consume() {},

    // Its grant goes next, and with it all that is known by it.
    async destroy(value) {
      const parts = readRefreshToken(value)
      if (parts)
        await tokens.update({ _id: tokenId(FAMILY_KIND, parts.family) }, { $set: { consumedAt: now() } })
    },

    // What spent a code has to stay where the grant does (an access token of it was revoked): else it could be spent again.
    async revokeByGrantId(grantId) {
      const families = await tokens.find({ grantId, kind: FAMILY_KIND })
      await Promise.all(families.map(({ _id }) => tokens.update({ _id }, { $set: { consumedAt: now() } })))
    },
    async findByUserCode() {},
    async findByUid() {},
  }
}

/** The value of the refresh token that the library is about to issue in the running request. */
export function nextRefreshToken(): string {
  const { entities } = protocolContext()?.oidc ?? {}
  const rotated = entities?.RotatedRefreshToken?.jti
  if (rotated) {
    const parts = readRefreshToken(rotated)
    const key = requestMemory().family?.key
    if (!parts || !key) throw new TypeError('rotation without the family it rotates')
    return mintRefreshToken({ ...parts, generation: parts.generation + 1 }, key)
  }
  const code = entities?.AuthorizationCode?.jti
  const family = code ? familyOfCode(code) : randomToken(24)
  return mintRefreshToken({ family, generation: 0 }, familyKey(family))
}

const keys = new WeakMap<object, Map<string, string>>()

/** The key of a family begun in this request: made once, first for the token, then for its document. */
function familyKey(family: string): string {
  const ctx = protocolContext()
  if (!ctx) throw new TypeError('a refresh token outside of a request')
  const known = keys.get(ctx) ?? new Map<string, string>()
  keys.set(ctx, known)
  const key = known.get(family) ?? randomToken()
  known.set(family, key)
  return key
}

/** Refresh tokens may be over before their code is. */
function later(end: Date, other = end): Date {
  return other > end ? other : end
}

function isReused(document: TokenDocument, generation: number, now: Date, grace: number): boolean {
  const behind = (document.generation ?? 0) - generation
  if (behind === 0) return false
  const rotated = document.rotatedAt?.getTime() ?? 0
  return behind !== 1 || now.getTime() > rotated + grace * 1000
}

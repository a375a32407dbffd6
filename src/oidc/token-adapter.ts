/**
 * Storage of what the protocol hands out and takes back once: codes, device codes, pushed requests, registration
 * tokens, proofs. Ids lie here as hashes only.
 */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import { type Collection, DuplicateKeyError, type Store } from '../storage/storage.ts'
import { passwordSetAtOf } from './overtaken.ts'
import { type Payload, requestMemory } from './request.ts'
import { type TokenDocument, tokenCollection, tokenId } from './token-document.ts'

/** Kinds whose id may be written once only: a second write is a replay. */
const insertOnly = new Set(['ReplayDetection', 'AuthorizationCode'])

export interface TokenAdapterOptions {
  store: Store
  now: () => Date
  seal(purpose: string, plaintext: string): string
  open(purpose: string, sealed: string): string
  mac(purpose: string, data: string): string
  /** Counts a look-up by what a person typed. @throws when there were too many */
  countUserCode(): Promise<void>
  /** Counts a request of which something is about to be stored. @throws when there were too many */
  countPublicClient(): Promise<void>
}

export function createTokenAdapter(kind: string, options: TokenAdapterOptions): Adapter {
  const { store, now } = options
  const tokens: Collection<TokenDocument> = store.collection(tokenCollection)

  function revive(id: string, document: TokenDocument | undefined): AdapterPayload | undefined {
    if (!document) return undefined
    if (document.grantId && document.grant) requestMemory().grants.set(document.grantId, document.grant)
    if (kind === 'AuthorizationCode' || kind === 'DeviceCode') requestMemory().code = document
    const payload: Payload = { ...document.payload, jti: id }
    if (document.consumedAt) payload.consumed = Math.floor(document.consumedAt.getTime() / 1000)
    if (kind === 'DeviceCode') payload.userCode = options.open('device-code', String(payload.userCode))
    return payload
  }

  /** An approval that comes when the device has its tokens must not make the code good again. */
  async function putUnused(document: TokenDocument): Promise<void> {
    const { _id, ...$set } = document
    const put = await tokens.update({ _id, consumedAt: { $exists: false } }, { $set }, { insert: document })
    if (!put) throw lost(kind)
  }

  return {
    async upsert(id, payload, ttl) {
      await options.countPublicClient()
      const { jti: _, consumed: __, ...stored } = payload
      const document = describe(kind, id, stored, expiry(now(), ttl))
      if (kind === 'DeviceCode') {
        const userCode = String(payload.userCode)
        // Short enough to be guessed from a plain hash.
        document.userCode = options.mac('user-code', userCode)
        document.payload = {
          ...stored,
          id: options.seal('device-code', id),
          userCode: options.seal('device-code', userCode),
        }
      }
      if (kind === 'DeviceCode') return putUnused(document)
      const { kept } = requestMemory()
      // A sign-in that goes on makes its code in the batch of its session.
      if (kept && kind === 'AuthorizationCode')
        return void kept.push({ in: tokenCollection, insert: document })
      if (!insertOnly.has(kind)) return tokens.put(document)
      try {
        await tokens.insert(document)
      } catch (error) {
        if (!(error instanceof DuplicateKeyError)) throw error
        throw new errors.InvalidGrant('already used')
      }
    },

    async find(id) {
      return revive(id, await tokens.get(tokenId(kind, id)))
    },

    async findByUserCode(userCode) {
      await options.countUserCode()
      const [document] = await tokens.find({ userCode: options.mac('user-code', userCode) }, { limit: 1 })
      return document && revive(options.open('device-code', String(document.payload.id)), document)
    },

    async findByUid(uid) {
      return revive(uid, await tokens.get(tokenId(kind, uid)))
    },

    /** Exactly one caller succeeds: the library ignores what this returns, so losing must throw. */
    async consume(id) {
      const unused = { _id: tokenId(kind, id), consumedAt: { $exists: false } }
      const change = { $set: { consumedAt: now() } }
      // A pushed request is used up by the code that is made of it.
      const { kept } = requestMemory()
      if (kept) return void kept.push({ in: tokenCollection, update: unused, change })
      if (!(await tokens.update(unused, change))) throw lost(kind)
    },

    async destroy(id) {
      await tokens.remove({ _id: tokenId(kind, id) })
    },

    async revokeByGrantId(grantId) {
      await tokens.remove({ grantId, kind })
    },
  }
}

function lost(kind: string): Error {
  return kind === 'PushedAuthorizationRequest'
    ? new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
    : new errors.InvalidGrant(`${kind} already consumed`)
}

/** The document of a token of this kind. */
export function describe(kind: string, id: string, payload: Payload, expires: Date): TokenDocument {
  const grantId = text(payload.grantId)
  const grant = grantId && requestMemory().grants.get(grantId)
  const person = text(payload.accountId)
  const application = text(payload.clientId)
  const session = text(payload.sessionUid)
  const passwordSetAt = person && passwordSetAtOf(person)
  return {
    _id: tokenId(kind, id),
    kind,
    payload,
    expires,
    ...(grantId && { grantId }),
    ...(grant && { grant }),
    ...(person && { person }),
    ...(application && { application }),
    // A code on its way ends with its session, whatever it would have given out.
    ...(session && { session, offline: false }),
    ...(passwordSetAt && { passwordSetAt }),
  }
}

/** When something with this many seconds to live ends; without a number, after a day. */
export function expiry(now: Date, ttl: number | undefined): Date {
  return new Date(now.getTime() + (ttl ?? 86_400) * 1000)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/**
 * Storage of what the protocol hands out and takes back once: codes, device codes, pushed requests,
 * interactions, registration tokens, proofs. Ids lie here as hashes only.
 */
import { LRUCache } from 'lru-cache'
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import type { Person } from '../accounts/accounts.ts'
import { type Collection, DuplicateKeyError, type Store } from '../storage/storage.ts'
import { goneOnFrom } from './going-on.ts'
import { isOvertaken, proofIn } from './overtaken.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'
import { type TokenDocument, tokenCollection, tokenId } from './token-document.ts'

/** Kinds whose id may be written once only: a second write is a replay. */
const insertOnly = new Set(['ReplayDetection', 'AuthorizationCode'])

/** Kinds that a sign-in which goes on makes anew: they are written in the batch that takes its interaction. */
const keptKinds = new Set(['Interaction', 'AuthorizationCode'])

/** So many people may be on their way through a sign-in, here, before their interactions are read from the store. */
const REMEMBERED = 2_000

export interface TokenAdapterOptions {
  store: Store
  now: () => Date
  seal(purpose: string, plaintext: string): string
  open(purpose: string, sealed: string): string
  mac(purpose: string, data: string): string
  findPerson(id: string): Promise<Person | undefined>
  /** Counts a look-up by what a person typed. @throws when there were too many */
  countUserCode(): Promise<void>
}

export function createTokenAdapter(kind: string, options: TokenAdapterOptions): Adapter {
  const { store, now } = options
  const tokens: Collection<TokenDocument> = store.collection(tokenCollection)
  /**
   * Interactions that were written here, as they were written: each of a sign-in's requests asks for its own. One that
   * another process has ended or changed since is believed here only to show a page: to go on from it takes it from
   * the store, and its result is kept only while it is there.
   */
  const recent = new LRUCache<string, TokenDocument>({ max: REMEMBERED })

  function remembered(_id: string): TokenDocument | undefined {
    const document = recent.get(_id)
    return document && document.expires > now() ? structuredClone(document) : undefined
  }

  /** The second time it is written with a result: one that has ended meanwhile stays ended. */
  async function putInteraction(document: TokenDocument): Promise<void> {
    const { _id, ...$set } = document
    recent.delete(_id)
    if (document.payload.result === undefined) await tokens.insert(document)
    else if (!(await tokens.update({ _id }, { $set }))) throw new errors.SessionNotFound('it has ended')
    recent.set(_id, structuredClone(document))
  }

  function revive(id: string, document: TokenDocument | undefined): AdapterPayload | undefined {
    if (!document) return undefined
    if (document.grantId && document.grant) requestMemory().grants.set(document.grantId, document.grant)
    const payload: Payload = { ...document.payload, jti: id }
    if (document.consumedAt) payload.consumed = Math.floor(document.consumedAt.getTime() / 1000)
    if (kind === 'DeviceCode') payload.userCode = options.open('device-code', String(payload.userCode))
    return kind === 'Interaction' ? reviveInteraction(id, payload, options.open) : payload
  }

  /** An approval that comes when the device has its tokens must not make the code good again. */
  async function putUnused(document: TokenDocument): Promise<void> {
    const { _id, ...$set } = document
    const put = await tokens.update({ _id, consumedAt: { $exists: false } }, { $set }, { insert: document })
    if (!put) throw lost(kind)
  }

  return {
    async upsert(id, payload, ttl) {
      const { jti: _, consumed: __, ...kept } = payload
      const stored: Payload = kind === 'Interaction' ? stripInteraction(id, kept, options.seal) : kept
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
      const { kept: writes } = requestMemory()
      if (writes && keptKinds.has(kind)) {
        writes.push({ in: tokenCollection, insert: document })
        if (kind === 'Interaction') recent.set(document._id, structuredClone(document))
        return
      }
      if (kind === 'Interaction') return putInteraction(document)
      if (!insertOnly.has(kind)) return tokens.put(document)
      try {
        await tokens.insert(document)
      } catch (error) {
        if (!(error instanceof DuplicateKeyError)) throw error
        throw new errors.InvalidGrant('already used')
      }
    },

    async find(id) {
      const _id = tokenId(kind, id)
      const goingOn = isGoneOnFrom(kind)
      const known = remembered(_id)
      if (goingOn) recent.delete(_id)
      const found =
        (goingOn && goneOnFrom(id)) ||
        revive(id, await (goingOn ? tokens.take({ _id }) : (known ?? tokens.get(_id))))
      if (kind !== 'Interaction' || !found) return found
      return (await isOver(found, options.findPerson)) ? undefined : found
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
      if (kind === 'AuthorizationCode' && spentByRefreshToken()) return
      const unused = { _id: tokenId(kind, id), consumedAt: { $exists: false } }
      const change = { $set: { consumedAt: now() } }
      // A pushed request is used up by the code that is made of it.
      const { kept } = requestMemory()
      if (kept) return void kept.push({ in: tokenCollection, update: unused, change })
      if (!(await tokens.update(unused, change))) throw lost(kind)
    },

    async destroy(id) {
      const _id = tokenId(kind, id)
      recent.delete(_id)
      if (!isGoneOnFrom(kind)) await tokens.remove({ _id })
    },

    async revokeByGrantId(grantId) {
      await tokens.remove({ grantId, kind })
    },
  }
}

/** Going on from an interaction ends it: it is found and taken in one write, by one of all who try. */
function isGoneOnFrom(kind: string): boolean {
  return kind === 'Interaction' && protocolContext()?.oidc.route === 'resume'
}

/**
 * The first refresh token of a code is a function of the code and is inserted once, so that its insertion
 * is what spends the code: one write for both.
 */
function spentByRefreshToken(): boolean {
  return protocolContext()?.oidc.client?.grantTypeAllowed('refresh_token') === true
}

function lost(kind: string): Error {
  return kind === 'PushedAuthorizationRequest'
    ? new errors.InvalidRequestUri('request_uri is invalid, expired, or was already used')
    : new errors.InvalidGrant(`${kind} already consumed`)
}

function describe(kind: string, id: string, payload: Payload, expires: Date): TokenDocument {
  const grantId = text(payload.grantId)
  const grant = grantId && requestMemory().grants.get(grantId)
  const person = text(payload.accountId)
  const application = text(payload.clientId)
  const session = text(payload.sessionUid)
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
  }
}

/** When something with this many seconds to live ends; without a number, after a day. */
export function expiry(now: Date, ttl: number | undefined): Date {
  return new Date(now.getTime() + (ttl ?? 86_400) * 1000)
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Reports whether a sign-in was overtaken as it goes on. */
async function isOver(interaction: Payload, findPerson: TokenAdapterOptions['findPerson']): Promise<boolean> {
  const proof = proofIn(interaction)
  const { route } = protocolContext()?.oidc ?? {}
  if (!proof || (route !== 'resume' && route !== 'device_resume')) return false
  return isOvertaken(proof, findPerson)
}

/** An interaction names other secrets: its own id in `returnTo`, the session's cookie, a device code, an ID token. */
function stripInteraction(id: string, payload: Payload, seal: TokenAdapterOptions['seal']): Payload {
  const stripped: Payload = { ...payload, returnTo: String(payload.returnTo).replace(id, ':uid') }
  const session = payload.session as Payload | undefined
  if (session) {
    const { cookie: _, ...rest } = session
    stripped.session = rest
  }
  for (const name of ['deviceCode', 'parJti']) {
    if (typeof payload[name] === 'string') stripped[name] = seal('interaction', payload[name])
  }
  const { id_token_hint: hint, ...params } = payload.params as Payload
  if (typeof hint !== 'string') return stripped
  stripped.params = { ...params, id_token_hint: seal('interaction', hint) }
  const prompt = payload.prompt as { details?: Payload } | undefined
  const { id_token_hint: _, ...details } = prompt?.details ?? {}
  return { ...stripped, ...(prompt && { prompt: { ...prompt, details } }) }
}

function reviveInteraction(id: string, payload: Payload, open: TokenAdapterOptions['open']): Payload {
  const revived: Payload = { ...payload, returnTo: String(payload.returnTo).replace(':uid', id) }
  for (const name of ['deviceCode', 'parJti']) {
    if (typeof payload[name] === 'string') revived[name] = open('interaction', payload[name])
  }
  const params = payload.params as Payload
  if (typeof params.id_token_hint === 'string')
    revived.params = { ...params, id_token_hint: open('interaction', params.id_token_hint) }
  return revived
}

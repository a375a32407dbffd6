/**
 * Storage of the library's interactions: what an application asked for, while a person is asked first. It waits in
 * the browser (`pending-requests.ts`), or in the store where it is too large. What a person has proved or decided
 * on a page that does not go on by itself is a result: it lies in the store alone, and is taken from there once.
 */
import type { Adapter } from 'oidc-provider'
import type { Person } from '../accounts/accounts.ts'
import type { Collection, Store } from '../storage/storage.ts'
import { goneOnFrom } from './going-on.ts'
import { isOvertaken, proofIn } from './overtaken.ts'
import type { PendingRequests } from './pending-requests.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'
import { describe, expiry } from './token-adapter.ts'
import { type TokenDocument, tokenCollection, tokenId } from './token-document.ts'

const KIND = 'Interaction'

export interface InteractionAdapterOptions {
  store: Store
  now: () => Date
  requests: PendingRequests
  seal(purpose: string, plaintext: string): string
  open(purpose: string, sealed: string): string
  findPerson(id: string): Promise<Person | undefined>
}

export function createInteractionAdapter(options: InteractionAdapterOptions): Adapter {
  const { store, now, requests, seal, open, findPerson } = options
  const tokens: Collection<TokenDocument> = store.collection(tokenCollection)

  /** Going on from a stored one ends it: it is found and taken in one write, by one of all who try. */
  async function stored(id: string): Promise<Payload | undefined> {
    const _id = tokenId(KIND, id)
    const document = await (isResumed() ? tokens.take({ _id }) : tokens.get(_id))
    return document && revive(id, document.payload, open)
  }

  function waiting(id: string): Payload | undefined {
    const payload = isResumed() ? undefined : requests.read(id)
    return payload && revive(id, payload, asItIs)
  }

  return {
    async upsert(id, payload, ttl) {
      const { jti: _, ...kept } = payload
      const hasResult = payload.result !== undefined
      if (!hasResult && requests.give(id, strip(id, kept, asItIs), ttl)) return
      const document = describe(KIND, id, strip(id, kept, seal), expiry(now(), ttl))
      const { kept: writes } = requestMemory()
      if (writes) writes.push({ in: tokenCollection, put: document })
      else await tokens.put(document)
    },

    async find(id) {
      const found = goneOnFrom(id) ?? waiting(id) ?? (await stored(id))
      if (!found) return undefined
      return (await isOver(found, findPerson)) ? undefined : { ...found, jti: id }
    },

    async destroy(id) {
      const _id = tokenId(KIND, id)
      requests.forget(id)
      if (!isResumed()) await tokens.remove({ _id })
      // Else its finding has taken it.
      else if (goneOnFrom(id) && !requests.wasRead(id))
        requestMemory().kept?.push({ in: tokenCollection, take: { _id } })
    },

    async consume() {},
    async findByUid() {},
    async findByUserCode() {},
    async revokeByGrantId() {},
  }
}

function isResumed(): boolean {
  return protocolContext()?.oidc.route === 'resume'
}

/** Reports whether a sign-in was overtaken as it goes on. */
async function isOver(
  interaction: Payload,
  findPerson: InteractionAdapterOptions['findPerson'],
): Promise<boolean> {
  const proof = proofIn(interaction)
  const { route } = protocolContext()?.oidc ?? {}
  if (!proof || (route !== 'resume' && route !== 'device_resume')) return false
  return isOvertaken(proof, findPerson)
}

type Seal = (purpose: string, text: string) => string

/** What goes into the browser is sealed as a whole. */
const asItIs: Seal = (_, text) => text

/** An interaction names other secrets: its own id in `returnTo`, the session's cookie, a device code, an ID token. */
function strip(id: string, payload: Payload, seal: Seal): Payload {
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

function revive(id: string, payload: Payload, open: Seal): Payload {
  const revived: Payload = { ...payload, returnTo: String(payload.returnTo).replace(':uid', id) }
  for (const name of ['deviceCode', 'parJti']) {
    if (typeof payload[name] === 'string') revived[name] = open('interaction', payload[name])
  }
  const params = payload.params as Payload
  if (typeof params.id_token_hint === 'string')
    revived.params = { ...params, id_token_hint: open('interaction', params.id_token_hint) }
  return revived
}

/**
 * What one request has read already. The library asks for the same session, grant and account several
 * times; within one request the first answer stands.
 */
import Provider, { type KoaContextWithOIDC } from 'oidc-provider'
import type { Person, SessionDocument } from '../accounts/accounts.ts'
import type { Write } from '../storage/storage.ts'
import type { SealedCode } from './sealed-codes.ts'
import type { TokenDocument } from './token-document.ts'

export type Payload = Record<string, unknown>

/** What is known of a code, as it was stored or as it says itself. */
export type CodeShown = Pick<
  TokenDocument,
  'grantId' | 'person' | 'application' | 'session' | 'passwordSetAt' | 'expires'
>

export interface RequestMemory {
  /** The revocation feed's number when the request came: older than everything that it reads. */
  rev?: number
  session?: SessionDocument | undefined
  /** Grants that came with the session, a token or a JWT, by id. */
  grants: Map<string, Payload>
  grantsChanged: boolean
  /** Of the code that is shown, of a device or not. */
  code?: CodeShown | undefined
  /** What the code said that is shown, where it was a sealed one. */
  sealedCode?: SealedCode | undefined
  /** The refresh token family in use. */
  family?: TokenDocument | undefined
  /** What is kept for one batch at the request's end (`going-on.ts`), instead of written at once. */
  kept?: Write[] | undefined
  /** The library has told the person, not the application, that it does not go on. */
  refused?: boolean
  verified: Map<string, Promise<Payload | undefined>>
  people: Map<string, Promise<Person | undefined>>
  /** People are read from the store from now on, and not as they are known. */
  anew?: boolean
}

const memories = new WeakMap<object, RequestMemory>()

/** The memory of the running request; outside of one, a fresh one that nobody else sees. */
export function requestMemory(ctx: object | undefined = Provider.ctx): RequestMemory {
  const known = ctx && memories.get(ctx)
  if (known) return known
  const memory: RequestMemory = {
    grants: new Map(),
    grantsChanged: false,
    verified: new Map(),
    people: new Map(),
  }
  if (ctx) memories.set(ctx, memory)
  return memory
}

/** The protocol's context of the running request, where there is one. */
export function protocolContext(): KoaContextWithOIDC | undefined {
  return Provider.ctx
}

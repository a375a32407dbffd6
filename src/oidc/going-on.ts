/**
 * A step that is done goes on within its own request: the library resumes the authorization in process, and what that
 * writes (the session and a code) is one batch with what the step has to write. One answer less for the browser to
 * follow, and nothing lies between a password that was right and the session that follows from it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AdapterPayload, Interaction, KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { Person } from '../accounts/accounts.ts'
import { sha256 } from '../keys/keys.ts'
import { BatchError, type Store, type Write } from '../storage/storage.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'
import { seenAs } from './seen-as.ts'

interface Handed {
  id: string
  payload: Payload
  person?: Person | undefined
  writes: readonly Write[]
}

/** By the request that goes on. */
const handed = new WeakMap<IncomingMessage, Handed>()

/** Only the authorization endpoint resumes so: a device's approval has writes of its own. */
export function mayGoOn({ returnTo, uid }: Interaction): boolean {
  return new URL(returnTo).pathname === `/auth/${uid}`
}

/**
 * Resumes the authorization of `interaction`, with the result that it holds, as the browser would by following
 * `returnTo`. The browser has proved to be the interaction's own: its cookie led to it.
 */
export async function goOn(o: {
  req: IncomingMessage
  res: ServerResponse
  interaction: Interaction
  /** Who the step has read and not changed. */
  person: Person | undefined
  writes: readonly Write[]
  /** Name of the cookie that the library wants to see when a browser comes back. */
  cookie: string
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>
}): Promise<void> {
  const { req, interaction, person, writes } = o
  handed.set(req, { id: interaction.jti, payload: await payloadOf(interaction), person, writes })
  const wayBack = {
    url: new URL(interaction.returnTo).pathname,
    cookies: [`${o.cookie}=${interaction.uid}`],
  }
  await seenAs(req, wayBack, () => o.handle(req, o.res))
}

function handedHere(): Handed | undefined {
  const ctx = protocolContext()
  return ctx && handed.get(ctx.req)
}

/** The interaction that the running request goes on from, where it does. */
export function goneOnFrom(id: string): AdapterPayload | undefined {
  const from = handedHere()
  return from?.id === id ? { ...from.payload } : undefined
}

/**
 * A session that begins as a sign-in goes on is named after its interaction: of any number of copies of one form, also
 * in several processes, one makes it. Where there was a session, its new identifier does the same (`session-adapter.ts`).
 */
export function nameSessions({ Session }: Provider): void {
  const { instantiate } = Session as unknown as { instantiate(payload?: Payload): { uid: string } }
  Object.assign(Session, {
    instantiate(payload?: Payload) {
      const session = instantiate.call(this, payload)
      const from = payload?.uid === undefined ? handedHere() : undefined
      if (from) session.uid = sha256(`session:${from.id}`)
      return session
    },
  })
}

export interface KeepingOptions {
  store: Store
  /** Answers that the sign-in is over, with the way back to the application. */
  showExpired(ctx: KoaContextWithOIDC): Promise<void>
}

/**
 * Before the library: keeps what its adapters would write, and writes all of it before the answer goes out. When the
 * library refuses, or the batch fails, nothing has happened: no cookie tells of it, and the step can be done again.
 */
export function keepWrites({ store, showExpired }: KeepingOptions) {
  return async function keeping(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    const from = handed.get(ctx.req)
    if (!from) return next()
    const kept = [...from.writes]
    const memory = requestMemory(ctx)
    memory.kept = kept
    if (from.person) memory.people.set(from.person._id, Promise.resolve(from.person))
    try {
      await next()
      if (memory.refused) return ctx.remove('Set-Cookie')
      await store.batch(kept)
    } catch (error) {
      ctx.remove('Set-Cookie')
      // Another request has gone on from here, or the session has ended meanwhile.
      if (!(error instanceof BatchError)) throw error
      ctx.remove('Location')
      await showExpired(ctx)
    }
  }
}

/** What the library would store; its types do not tell of it. */
async function payloadOf(interaction: Interaction): Promise<Payload> {
  const model = interaction as unknown as { getValueAndPayload(): Promise<{ payload: Payload }> }
  return (await model.getValueAndPayload()).payload
}

/**
 * A step that is done goes on within its own request: the library resumes the authorization in process, and
 * what that writes (the interaction's end, the session, a code or the next interaction) is one batch with what
 * the step has to write. One answer less for the browser to follow, and nothing lies between a password that
 * was right and the session that follows from it.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AdapterPayload, Interaction, KoaContextWithOIDC } from 'oidc-provider'
import { MaitredError } from '../errors.ts'
import { BatchError, type Store, type Write } from '../storage/storage.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'
import { tokenCollection, tokenId } from './token-document.ts'

interface Handed {
  id: string
  payload: Payload
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
  writes: readonly Write[]
  /** Name of the cookie that the library wants to see when a browser comes back. */
  cookie: string
  handle(req: IncomingMessage, res: ServerResponse): Promise<void>
}): Promise<void> {
  const { req, interaction } = o
  handed.set(req, { id: interaction.jti, payload: await payloadOf(interaction), writes: o.writes })
  const { method, url, headers } = req
  const { cookie } = headers
  req.method = 'GET'
  req.url = new URL(interaction.returnTo).pathname
  req.headers = { ...headers, cookie: [cookie, `${o.cookie}=${interaction.uid}`].filter(Boolean).join('; ') }
  try {
    await o.handle(req, o.res)
  } finally {
    // The log tells what the browser asked for.
    Object.assign(req, { method, url, headers })
  }
}

/** The interaction that the running request goes on from, where it does. */
export function goneOnFrom(id: string): AdapterPayload | undefined {
  const ctx = protocolContext()
  const from = ctx && handed.get(ctx.req)
  return from?.id === id ? { ...from.payload } : undefined
}

/** Before the library: keeps what its adapters would write, and writes all of it before the answer goes out. */
export function keepWrites(store: Store) {
  return async function keeping(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
    const from = handed.get(ctx.req)
    if (!from) return next()
    const memory = requestMemory(ctx)
    const kept: Write[] = [
      { in: tokenCollection, take: { _id: tokenId('Interaction', from.id) } },
      ...from.writes,
    ]
    memory.kept = kept
    await next()
    try {
      await store.batch(kept)
    } catch (error) {
      // Another request has gone on from here, or the session has ended meanwhile.
      throw error instanceof BatchError ? new MaitredError('expired', { cause: error }) : error
    }
  }
}

/** What the library would store; its types do not tell of it. */
async function payloadOf(interaction: Interaction): Promise<Payload> {
  const model = interaction as unknown as { getValueAndPayload(): Promise<{ payload: Payload }> }
  return (await model.getValueAndPayload()).payload
}

/**
 * An authorization request that waits for a person lies in their browser: sealed, in a cookie of its pages' path.
 * So a request that nobody answers leaves nothing behind, and any process can go on from it. It proves nothing: the
 * result of its own step is never in it (`interaction-adapter.ts`), and what it says of the steps before holds only
 * beside the session that they made, which the library compares.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import type { Context } from 'koa'
import { readCookie } from '../http/http.ts'
import type { Vault } from '../keys/keys.ts'
import { type Payload, protocolContext } from './request.ts'

const PURPOSE = 'pending-request'

/** What is sealed. */
interface Waiting {
  id: string
  until: number
  payload: Payload
}

/** Of a cookie's value. Proxies take 4 KB for all headers of an answer, and it is not the only one. */
const MOST_CHARACTERS = 2_048

export interface PendingRequests {
  /** Gives the request to the browser; false where it is too large for that, or nobody is there to take it. */
  give(id: string, payload: Payload, seconds?: number): boolean
  /** What the browser brings back of this request. */
  read(id: string): Payload | undefined
  /** Reports whether the browser has brought it with the running HTTP request, and it was read. */
  wasRead(id: string): boolean
  /** Takes it away from the browser. */
  forget(id: string): void
  /** Runs outside of a protocol request on behalf of a browser. */
  onBehalfOf<R>(ctx: Context, act: () => R): R
}

export function createPendingRequests(o: {
  now: () => Date
  cookie: string
  secure: boolean
  vault: Pick<Vault, 'sealValue' | 'openValue'>
}): PendingRequests {
  const { cookie, secure, vault } = o
  const browsers = new AsyncLocalStorage<Context>()
  /** For the first page, which is the answer to the same request (`first-page.ts`). */
  const given = new WeakMap<IncomingMessage, Waiting>()
  const read = new WeakMap<IncomingMessage, string>()
  const optionsOf = (id: string) =>
    ({ httpOnly: true, sameSite: 'lax', secure, path: `/flow/${id}`, overwrite: false }) as const

  function requestOf(): IncomingMessage | undefined {
    return (protocolContext() ?? browsers.getStore())?.req
  }

  return {
    give(id, payload, seconds = 3_600) {
      const ctx = protocolContext()
      if (!ctx) return false
      const until = o.now().getTime() + seconds * 1_000
      const waiting: Waiting = { id, until, payload }
      const sealed = vault.sealValue(PURPOSE, waiting)
      if (sealed.length > MOST_CHARACTERS) return false
      given.set(ctx.req, waiting)
      ctx.cookies.set(cookie, sealed, { ...optionsOf(id), maxAge: seconds * 1_000 })
      return true
    },
    read(id) {
      const req = requestOf()
      const here = req && given.get(req)
      const found = here ?? (vault.openValue(PURPOSE, req && readCookie(req, cookie)) as Waiting | undefined)
      if (!req || found?.id !== id || found.until <= o.now().getTime()) return undefined
      read.set(req, id)
      return found.payload
    },
    wasRead(id) {
      const req = requestOf()
      return req !== undefined && read.get(req) === id
    },
    forget(id) {
      protocolContext()?.cookies.set(cookie, null, optionsOf(id))
    },
    onBehalfOf: (ctx, act) => browsers.run(ctx, act),
  }
}

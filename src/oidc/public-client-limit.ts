/**
 * Anybody may speak in the name of a client that does not authenticate: what is stored for such requests (pushed
 * requests, device codes, the proofs that came with them) is limited per address, or strangers could fill the store.
 */
import type { Limits } from '../http/http.ts'
import { protocolContext } from './request.ts'
import { type Slowing, slowDown } from './slow-down.ts'

const byRoute: Readonly<Record<string, Slowing>> = {
  pushed_authorization_request: {
    name: 'pushed-request',
    max: 300,
    windowSeconds: 900,
    description: 'too many authorization requests were pushed',
  },
  device_authorization: {
    name: 'device-code',
    max: 60,
    windowSeconds: 900,
    description: 'too many device codes were asked for',
  },
}

/** Counts the running request once, before something is stored for it. @throws what the library answers 429 with */
export function limitPublicClients(limits: Limits): () => Promise<void> {
  const counted = new WeakSet<object>()
  return async () => {
    const ctx = protocolContext()
    const slowing = ctx && byRoute[ctx.oidc.route]
    if (!ctx || !slowing || ctx.oidc.client?.clientAuthMethod !== 'none' || counted.has(ctx)) return
    counted.add(ctx)
    await slowDown(ctx, limits, slowing)
  }
}

/** Guessing a device's user code is slowed (RFC 8628 §5.1): attempts count per address before the check. */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { addressKey, type Limits, requestState } from '../http/http.ts'

export function limitUserCodes(
  limits: Limits,
): (ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void> {
  return async (ctx, next) => {
    if (ctx.method === 'POST' && ctx.path === '/device') {
      const key = `user-code:${addressKey(requestState(ctx).ip)}`
      await limits.take(key, { max: 30, windowSeconds: 900 })
    }
    return next()
  }
}

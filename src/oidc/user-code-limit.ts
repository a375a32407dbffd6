/** Guessing a device's user code is slowed (RFC 8628 §5.1): attempts count per address before the look-up. */
import { errors } from 'oidc-provider'
import { MaitredError } from '../errors.ts'
import { addressKey, type Limits, requestState } from '../http/http.ts'
import { protocolContext } from './request.ts'

/** Counts one look-up for the address of the running request; over the limit, it is refused with 429. */
export function limitUserCodes(limits: Limits): () => Promise<void> {
  return async () => {
    const ctx = protocolContext()
    if (!ctx) return
    try {
      const key = `user-code:${addressKey(requestState(ctx).ip)}`
      await limits.take(key, { max: 30, windowSeconds: 900 })
    } catch (cause) {
      if (!(cause instanceof MaitredError) || cause.code !== 'too_many_requests') throw cause
      // In the library's words, or it would be logged as a failure of ours.
      const refused = new errors.CustomOIDCProviderError('slow_down', 'too many user codes were tried')
      throw Object.assign(refused, { status: 429, statusCode: 429, cause })
    }
  }
}

/** Requests that are counted per address. */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { MaitredError } from '../errors.ts'
import { addressKey, type Limits, requestState } from '../http/http.ts'

export interface Slowing {
  /** What is counted. */
  name: string
  max: number
  windowSeconds: number
  /** For the application's developer. */
  description: string
}

/** Counts one for the address of the request; over the limit, it is refused with 429 and `Retry-After`. */
export async function slowDown(ctx: KoaContextWithOIDC, limits: Limits, slowing: Slowing): Promise<void> {
  try {
    await limits.take(`${slowing.name}:${addressKey(requestState(ctx).ip)}`, slowing)
  } catch (cause) {
    if (!(cause instanceof MaitredError) || cause.code !== 'too_many_requests') throw cause
    if (cause.retryAfter) ctx.set('Retry-After', String(cause.retryAfter))
    // In the library's words, or it would be logged as a failure of ours.
    const refused = new errors.CustomOIDCProviderError('slow_down', slowing.description)
    throw Object.assign(refused, { status: 429, statusCode: 429, cause })
  }
}

/**
 * A store that does not answer, in the library's words: `temporarily_unavailable` with 503 and `Retry-After`,
 * shown here and never sent to the application as if the request had been wrong (RFC 6749 §4.1.2.1).
 */
import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import { StoreUnavailableError } from '../storage/storage.ts'
import { protocolContext } from './request.ts'

/** The same object, whose methods answer a missing store so. Outside of a protocol request nothing changes. */
export function tellingStoreGone<T extends object>(object: T): T {
  const told = Object.entries(object).map(([name, member]) => [
    name,
    typeof member === 'function' ? telling(member as AnyFunction) : member,
  ])
  return Object.fromEntries(told) as T
}

export async function retryAfterStoreGone(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  if (ctx.status === 503 && !ctx.response.get('Retry-After')) ctx.set('Retry-After', '2')
}

type AnyFunction = (...args: unknown[]) => unknown

function telling(method: AnyFunction): AnyFunction {
  return async (...args) => {
    try {
      return await method(...args)
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || !protocolContext()) throw error
      const gone = new errors.TemporarilyUnavailable('the store does not answer')
      throw Object.assign(gone, {
        status: 503,
        statusCode: 503,
        expose: true,
        allow_redirect: false,
        cause: error,
      })
    }
  }
}

/**
 * Client secrets lie here as hashes: reading a registration does not show them (RFC 7592 §3 lets it), and an
 * update that repeats the secret is compared as a hash.
 */
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { sha256 } from '../keys/keys.ts'

type Body = Record<string, unknown>

/** Changes bodies as the library reads them, route by route. */
export function rewriteBodies(
  provider: Provider,
  rewrites: Readonly<Record<string, (body: Body) => void>>,
): void {
  const bodies = new WeakMap<object, Body>()
  const { OIDCContext } = provider as unknown as { OIDCContext: { prototype: object } }
  Object.defineProperty(OIDCContext.prototype, 'body', {
    configurable: true,
    get(this: object) {
      return bodies.get(this)
    },
    set(this: { route: string }, body: Body | undefined) {
      if (body) rewrites[this.route]?.(body)
      if (body) bodies.set(this, body)
    },
  })
}

export function hashRepeatedSecret(body: Body): void {
  if (typeof body.client_secret === 'string') body.client_secret = sha256(body.client_secret)
}

const WITHOUT_SECRET = new Set(['client', 'client_update'])

export async function hideSecretHash(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  await next()
  const { _matchedRouteName: route } = ctx as { _matchedRouteName?: string }
  const body = ctx.body as Body | undefined
  if (!route || !WITHOUT_SECRET.has(route) || typeof body !== 'object') return
  delete body.client_secret
}

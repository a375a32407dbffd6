/**
 * Lets the library's introspection and revocation endpoints serve our JWTs: the dots are disguised as the
 * body is read, and the audience, which the library would not know, is put into the answer (RFC 7662 §2.2).
 */
import type Provider from 'oidc-provider'
import type { KoaContextWithOIDC } from 'oidc-provider'
import { disguise } from './jwt-adapter.ts'
import { requestMemory } from './request.ts'

const ROUTES = new Set(['introspection', 'revocation'])

export function serveStructuredTokens(provider: Provider): void {
  const bodies = new WeakMap<object, Record<string, unknown>>()
  const { OIDCContext } = provider as unknown as { OIDCContext: { prototype: { route: string } } }
  Object.defineProperty(OIDCContext.prototype, 'body', {
    configurable: true,
    get(this: object) {
      return bodies.get(this)
    },
    set(this: { route: string }, body: Record<string, unknown>) {
      if (ROUTES.has(this.route) && typeof body.token === 'string') body.token = disguise(body.token)
      bodies.set(this, body)
    },
  })
}

export async function completeIntrospection(
  ctx: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  await next()
  const body = ctx.body as { active?: boolean; aud?: unknown } | undefined
  if (ctx.method !== 'POST' || body?.active !== true) return
  for (const pending of requestMemory(ctx).verified.values()) {
    const claims = await pending
    if (claims?.aud) body.aud = claims.aud
  }
}

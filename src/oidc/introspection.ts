/**
 * Lets the library's introspection and revocation endpoints serve our JWTs: the dots are disguised as the
 * body is read, and the audience, which the library would not know, is put into the answer (RFC 7662 §2.2).
 */
import type { KoaContextWithOIDC } from 'oidc-provider'
import { disguise } from './jwt-adapter.ts'
import { requestMemory } from './request.ts'

/** For `rewriteBodies`: introspection and revocation read the token disguised. */
export function disguiseToken(body: Record<string, unknown>): void {
  if (typeof body.token === 'string') body.token = disguise(body.token)
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

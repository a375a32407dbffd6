/** What the resource says of itself to clients (RFC 9728). */
import type { Answer } from './refusal.ts'

export interface Metadata {
  /** The path at which it is served (RFC 9728 §3.1). */
  readonly path: string
  readonly url: string
  readonly answer: Answer
}

export interface MetadataOptions {
  issuer: string
  audience: string
  origin: string
  scopes: readonly string[] | undefined
  proofAlgorithms: readonly string[]
}

export function createMetadata({
  issuer,
  audience,
  origin,
  scopes,
  proofAlgorithms,
}: MetadataOptions): Metadata {
  const path = `/.well-known/oauth-protected-resource${pathOf(audience)}`
  return {
    path,
    url: origin + path,
    answer: {
      status: 200,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'public, max-age=3600',
        // Clients in browsers read it before they have anything to sign in with.
        'access-control-allow-origin': '*',
      },
      body: JSON.stringify({
        resource: audience,
        authorization_servers: [issuer],
        ...(scopes && { scopes_supported: scopes }),
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: proofAlgorithms,
      }),
    },
  }
}

/** A resource is named by a URL mostly; its path makes the metadata's. */
function pathOf(audience: string): string {
  if (!/^https?:/.test(audience)) return ''
  return new URL(audience).pathname.replace(/\/$/, '')
}

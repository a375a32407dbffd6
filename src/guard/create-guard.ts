/** Puts the guard together: one decision on a request, whatever framework it came through. */
import { type Caller, callerOf, type TokenClaims } from './caller.ts'
import { createProofCheck } from './check-proof.ts'
import { refuseCrossSite } from './cross-site.ts'
import type { GuardedRequest } from './guarded-request.ts'
import { createKeySource } from './key-source.ts'
import { createMetadata, type Metadata } from './metadata.ts'
import { readToken } from './presented-token.ts'
import { type Answer, createAnswers, Refusal } from './refusal.ts'
import { createTokenCache } from './token-cache.ts'
import { createTokenVerifier } from './verify-token.ts'

export type SigningAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'PS256' | 'RS256' | 'EdDSA' | 'Ed25519'

export interface GuardOptions {
  /** The `ISSUER` of Maitred (or another OAuth 2 server with RFC 9068 tokens), exactly. */
  issuer: string
  /** This API's own name: the resource that its tokens are for (RFC 8707). */
  audience: string
  /** How tokens may be signed. Default: ES256, as Maitred does. */
  algorithms?: readonly SigningAlgorithm[]
  /** Where clients reach this server, without a path. Default: the origin of `audience`, when it is a URL. */
  origin?: string
  /** A cookie that may carry the token when the request has no Authorization header. Default: none. */
  cookie?: string
  /** Further origins whose pages may change something with the cookie. */
  origins?: readonly string[]
  /** Scopes that this API knows, for its metadata. */
  scopes?: readonly string[]
  /** Asked for every request, synchronously: whether the token was revoked, by `jti`, `gid`, or `rev` and the rest. */
  isRevoked?: (claims: Readonly<TokenClaims>) => boolean
  /** Default: the discovery document's `jwks_uri`. */
  jwksUri?: string
  /** Seconds between two fetches of keys, at least. Default: 30. */
  refetchSeconds?: number
  /** Seconds after which keys are fetched again, and a token seen before is verified again. Default: 600. */
  maxAge?: number
  /** Seconds by which clocks may differ. Default: 10, at most 60. */
  leeway?: number
  /** Verified tokens that are remembered. Default: 10,000. */
  cachedTokens?: number
  /** DPoP proofs that are remembered against their second use. Default: 100,000. */
  rememberedProofs?: number
  fetch?: typeof fetch
  now?: () => Date
}

export interface Guard {
  /**
   * Who calls. Send a thrown `Refusal` through `answer`.
   * @throws Refusal; whatever `isRevoked` throws
   */
  check(request: GuardedRequest): Promise<Caller>
  answer(refusal: Refusal, request: GuardedRequest): Answer
  readonly metadata: Metadata
}

const signing: ReadonlySet<string> = new Set([
  'ES256',
  'ES384',
  'ES512',
  'PS256',
  'RS256',
  'EdDSA',
  'Ed25519',
])
const proofAlgorithms = ['ES256', 'EdDSA', 'Ed25519']
const PROOF_SECONDS = 60

/** Fetches nothing yet. @throws TypeError for options that cannot be meant */
export function createGuard(options: GuardOptions): Guard {
  const { issuer, audience, isRevoked = () => false } = options
  const { now = () => new Date(), leeway = 10, maxAge = 600, refetchSeconds = 30 } = options
  const { algorithms = ['ES256'], cachedTokens = 10_000, rememberedProofs = 100_000 } = options
  const origin = originOf(options)
  refuseOptions({ ...options, algorithms, leeway })

  const metadata = createMetadata({ issuer, audience, origin, scopes: options.scopes, proofAlgorithms })
  const answer = createAnswers({ metadataUrl: metadata.url, proofAlgorithms, retryAfter: refetchSeconds })
  const writers = new Set([origin, ...(options.origins ?? [])])
  const cache = createTokenCache({ most: cachedTokens })
  const keys = createKeySource({
    issuer,
    jwksUri: options.jwksUri,
    fetch: options.fetch ?? ((...request) => fetch(...request)),
    now,
    maxAge,
    refetchSeconds,
  })
  const verify = createTokenVerifier({ issuer, audience, algorithms, keys, leeway })
  const checkProof = createProofCheck({
    origin,
    algorithms: proofAlgorithms,
    now,
    leeway,
    maxAge: PROOF_SECONDS,
    most: rememberedProofs,
  })

  async function check(request: GuardedRequest): Promise<Caller> {
    const { scheme, token } = readToken(request, options.cookie)
    if (scheme === 'cookie') refuseCrossSite(request, writers)
    const at = now()
    const found = cache.find(token, at.getTime())
    const caller = typeof found === 'function' ? callerOf(await verify(token, at)) : found
    if (typeof found === 'function') {
      // Not longer than the keys are believed: one that was taken back must not live on in here.
      found(caller, Math.min((caller.claims.exp + leeway) * 1_000, at.getTime() + maxAge * 1_000))
    }
    const thumbprint = caller.claims.cnf?.jkt
    if (thumbprint !== undefined && scheme !== 'dpop') {
      throw new Refusal(
        'invalid_token',
        'The access token is bound to a key and wants the scheme DPoP with a proof',
      )
    }
    if (scheme === 'dpop') {
      if (thumbprint === undefined)
        throw new Refusal('invalid_token', 'The access token is not bound to a key')
      await checkProof(request, token, thumbprint)
    }
    if (isRevoked(caller.claims)) throw new Refusal('invalid_token', 'The access token was revoked')
    return caller
  }

  return { check, answer, metadata }
}

function originOf({ origin, audience }: GuardOptions): string {
  if (origin === undefined && /^https?:\/\//.test(audience)) return new URL(audience).origin
  if (origin === undefined)
    throw new TypeError('guard: `audience` is no URL, so `origin` must say where clients reach us')
  if (new URL(origin).origin !== origin.replace(/\/$/, '')) throw new TypeError('guard: `origin` has no path')
  return new URL(origin).origin
}

function refuseOptions({ issuer, audience, algorithms, leeway }: GuardOptions & { leeway: number }): void {
  const { protocol, hostname } = new URL(issuer)
  const loopback = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (protocol !== 'https:' && !(protocol === 'http:' && loopback))
    throw new TypeError('guard: `issuer` is not https')
  if (audience === '') throw new TypeError('guard: `audience` is empty')
  for (const algorithm of algorithms ?? []) {
    if (!signing.has(algorithm)) throw new TypeError(`guard: ${algorithm} is no algorithm for access tokens`)
  }
  if (algorithms?.length === 0) throw new TypeError('guard: `algorithms` is empty')
  if (!(leeway >= 0 && leeway <= 60)) throw new TypeError('guard: `leeway` is from 0 to 60 seconds')
}

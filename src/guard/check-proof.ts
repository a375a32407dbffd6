/** Checks that who presents a bound token holds its key (RFC 9449 §4.3). */
import { base64url, calculateJwkThumbprint, EmbeddedJWK, errors, type JWK, jwtVerify } from 'jose'
import type { GuardedRequest } from './guarded-request.ts'
import { Refusal } from './refusal.ts'
import { createReplayMemory } from './replay-memory.ts'

export interface ProofOptions {
  /** Where clients reach this server. */
  origin: string
  algorithms: readonly string[]
  now: () => Date
  leeway: number
  /** Seconds for which a proof serves. */
  maxAge: number
  /** Proofs that are remembered. */
  most: number
}

const MOST_CHARACTERS = 8_192

/** `thumbprint` is the token's `cnf.jkt`. @throws Refusal `invalid_dpop_proof`, `temporarily_unavailable` */
export function createProofCheck(options: ProofOptions) {
  const { origin, now, leeway, maxAge } = options
  const memory = createReplayMemory({ now, seconds: maxAge + 2 * leeway, most: options.most })
  const fixed = {
    typ: 'dpop+jwt',
    algorithms: [...options.algorithms],
    requiredClaims: ['jti', 'htm', 'htu', 'ath'],
    maxTokenAge: maxAge,
    clockTolerance: leeway,
  }

  return async (request: GuardedRequest, token: string, thumbprint: string): Promise<void> => {
    const proof = request.headers.get('dpop')
    if (!proof) throw invalid('is missing')
    if (proof.length > MOST_CHARACTERS) throw invalid('is too long')
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      ...fixed,
      currentDate: now(),
    }).catch((error: unknown) => {
      throw refusalOf(error)
    })
    const { jti, htm, htu, ath } = payload
    if (htm !== request.method) throw invalid('is for another method')
    const target = place(origin + pathOf(request.url))
    if (typeof htu !== 'string' || target === undefined || place(htu) !== target)
      throw invalid('is for another URL')
    if (ath !== (await hashOf(token))) throw invalid('is for another access token')
    if ((await calculateJwkThumbprint(protectedHeader.jwk as JWK)) !== thumbprint)
      throw invalid('is of another key')
    if (typeof jti !== 'string' || jti === '') throw invalid('has no usable jti')
    const seen = memory.remember(`${thumbprint} ${jti}`)
    if (seen === 'again') throw invalid('was used before')
    if (seen === 'full') throw new Refusal('temporarily_unavailable', 'Too many proofs of possession at once')
  }
}

/** `htu` counts without query and fragment, and normalised (RFC 9449 §4.3). */
function place(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

/** The host that a request names is not believed: it is whatever somebody wrote who passed the proof on. */
function pathOf(url: string): string {
  return !url.startsWith('/') && URL.canParse(url) ? new URL(url).pathname : url
}

async function hashOf(token: string): Promise<string> {
  return base64url.encode(
    new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token))),
  )
}

/** What is not jose's own word is WebCrypto's on a key that the client chose. */
function refusalOf(error: unknown): Refusal {
  if (error instanceof errors.JWTExpired) return invalid('is too old', error)
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'iat')
    return invalid('is not of now', error)
  return invalid('cannot be verified', error)
}

function invalid(what: string, cause?: unknown): Refusal {
  return new Refusal('invalid_dpop_proof', `The DPoP proof ${what}`, { cause })
}

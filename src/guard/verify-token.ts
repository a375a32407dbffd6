/** Verifies an access token (RFC 9068 §4, RFC 8725): whatever is not exactly one for us is refused. */
import { errors, type JWTHeaderParameters, jwtVerify } from 'jose'
import type { TokenClaims } from './caller.ts'
import type { KeySource } from './key-source.ts'
import { Refusal } from './refusal.ts'

export interface VerifyOptions {
  issuer: string
  audience: string
  algorithms: readonly string[]
  keys: KeySource
  /** Seconds by which clocks may differ. */
  leeway: number
}

/** As of `at`. @throws Refusal `invalid_token`, or what `keys` throws when it cannot tell */
export type VerifyToken = (token: string, at: Date) => Promise<TokenClaims>

export function createTokenVerifier(options: VerifyOptions): VerifyToken {
  const { issuer, audience, keys, leeway } = options
  const fixed = {
    issuer,
    audience,
    algorithms: [...options.algorithms],
    typ: 'at+jwt',
    clockTolerance: leeway,
  }

  return async (token, at) => {
    let claims: TokenClaims
    try {
      const keyOf = (header: JWTHeaderParameters) => keys(header, at)
      claims = (await jwtVerify<TokenClaims>(token, keyOf, { ...fixed, currentDate: at })).payload
    } catch (error) {
      throw error instanceof errors.JOSEError ? refusalOf(error) : error
    }
    for (const name of texts) {
      if (typeof claims[name] !== 'string' || claims[name] === '') throw unusable(name)
    }
    for (const name of times) if (!Number.isFinite(claims[name])) throw unusable(name)
    if (claims.iat > at.getTime() / 1_000 + leeway) throw invalid('is from the future')
    // Bound to something that we cannot check, a certificate for instance (RFC 8705 §3.1), it is not for us.
    if (claims.cnf !== undefined && typeof claims.cnf?.jkt !== 'string')
      throw invalid('is bound in an unknown way')
    return claims
  }
}

// Not `requiredClaims`: what is asked of them is more than to be there. `1e999` is a number in JSON, and no end.
const texts = ['sub', 'client_id', 'jti'] as const
const times = ['iat', 'exp'] as const

function refusalOf(error: errors.JOSEError): Refusal {
  if (error instanceof errors.JWTExpired) return invalid('has expired', error)
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid('is signed with another algorithm', error)
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid('has a wrong signature', error)
  if (error instanceof errors.JWKSNoMatchingKey) return invalid('is signed with an unknown key', error)
  if (error instanceof errors.JWTClaimValidationFailed) {
    const what = wrongClaims[error.claim]
    return what === undefined ? unusable(error.claim, error) : invalid(what, error)
  }
  return invalid('cannot be read', error)
}

const wrongClaims: Record<string, string> = {
  aud: 'is for another API',
  iss: 'is from another issuer',
  typ: 'is a token of another kind',
  nbf: 'is not valid yet',
}

function unusable(claim: string, cause?: unknown): Refusal {
  return invalid(`has no usable claim ${claim}`, cause)
}

function invalid(what: string, cause?: unknown): Refusal {
  return new Refusal('invalid_token', `The access token ${what}`, { cause })
}

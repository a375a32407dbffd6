/** Verifies an access token (RFC 9068 §4, RFC 8725): whatever is not exactly one for us is refused. */
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import type { TokenClaims } from './caller.ts'
import { Refusal } from './refusal.ts'

export interface VerifyOptions {
  issuer: string
  audience: string
  algorithms: readonly string[]
  keys: JWTVerifyGetKey
  now: () => Date
  /** Seconds by which clocks may differ. */
  leeway: number
}

/** @throws Refusal `invalid_token`, or what `keys` throws when it cannot tell */
export function createTokenVerifier(options: VerifyOptions): (token: string) => Promise<TokenClaims> {
  const { issuer, audience, keys, now, leeway } = options
  const fixed = {
    issuer,
    audience,
    algorithms: [...options.algorithms],
    typ: 'at+jwt',
    requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp'],
    clockTolerance: leeway,
  }

  async function claimsOf(token: string, currentDate: Date): Promise<TokenClaims> {
    try {
      return (await jwtVerify<TokenClaims>(token, keys, { ...fixed, currentDate })).payload
    } catch (error) {
      throw error instanceof errors.JOSEError ? refusalOf(error) : error
    }
  }

  return async (token) => {
    const currentDate = now()
    const claims = await claimsOf(token, currentDate)
    for (const name of ['sub', 'client_id', 'jti'] as const) {
      if (typeof claims[name] !== 'string' || claims[name] === '')
        throw invalid(`has no usable claim ${name}`)
    }
    if (claims.iat > currentDate.getTime() / 1_000 + leeway) throw invalid('is from the future')
    // Bound to something that we cannot check, a certificate for instance (RFC 8705 §3.1), it is not for us.
    if (claims.cnf !== undefined && typeof claims.cnf?.jkt !== 'string')
      throw invalid('is bound in an unknown way')
    return claims
  }
}

function refusalOf(error: errors.JOSEError): Refusal {
  if (error instanceof errors.JWTExpired) return invalid('has expired', error)
  if (error instanceof errors.JOSEAlgNotAllowed) return invalid('is signed with another algorithm', error)
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid('has a wrong signature', error)
  if (error instanceof errors.JWKSNoMatchingKey) return invalid('is signed with an unknown key', error)
  if (error instanceof errors.JWTClaimValidationFailed) {
    return invalid(wrongClaims[error.claim] ?? `has no usable claim ${error.claim}`, error)
  }
  return invalid('cannot be read', error)
}

const wrongClaims: Record<string, string> = {
  aud: 'is for another API',
  iss: 'is from another issuer',
  typ: 'is a token of another kind',
  nbf: 'is not valid yet',
}

function invalid(what: string, cause?: unknown): Refusal {
  return new Refusal('invalid_token', `The access token ${what}`, { cause })
}

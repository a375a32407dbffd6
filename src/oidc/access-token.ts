/** What our access tokens say (RFC 9068 §2.2, and our claims for roles and revocation), and their verification. */
import { createLocalJWKSet, type JWK, jwtVerify } from 'jose'
import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider'
import type { Payload } from './request.ts'

/** Beyond this many bytes of permissions a token leaves them out and says so: headers have limits. */
const MOST_PERMISSION_BYTES = 3_000

export interface Rights {
  roles: string[]
  permissions: string[]
}

/** The claims of a person's token beside the registered ones. */
export function rightsClaims({ roles, permissions }: Rights): Payload {
  const size = permissions.reduce((sum, name) => sum + name.length + 3, 0)
  return {
    roles,
    ...(size > MOST_PERMISSION_BYTES ? { permissions_omitted: true } : { permissions }),
  }
}

/**
 * The claims of a token for somebody else's application: of what the person may do, what they have allowed it, by
 * scopes of the same names. No role: it would be all at once. `lent_by` names the roles that this comes from, so that
 * a change of one revokes the token; nobody decides by it.
 */
export function lentRightsClaims({ roles, permissions }: Rights, scope: string | undefined): Payload {
  const allowed = new Set(scope?.split(' '))
  const lent = permissions.filter((name) => allowed.has(name))
  if (lent.length === 0) return { permissions: [] }
  const { roles: lent_by, ...claims } = rightsClaims({ roles, permissions: lent })
  return { ...claims, lent_by }
}

/** How and when the person signed in, from what the token is made of: a code, a refresh token, a device code. */
export function authenticationClaims(ctx: KoaContextWithOIDC): Payload {
  const { AuthorizationCode, RefreshToken, DeviceCode } = ctx.oidc.entities
  const source = AuthorizationCode ?? RefreshToken ?? DeviceCode
  return {
    ...(source?.authTime !== undefined && { auth_time: source.authTime }),
    ...(source?.acr && { acr: source.acr }),
    ...(source?.amr && { amr: source.amr }),
  }
}

/** Completes a JWT that the library is about to sign: audience, grant, session, asked claims. */
export function completeAccessToken(
  issuer: string,
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  payload: Payload,
): void {
  const { AuthorizationCode, RefreshToken } = ctx.oidc.entities
  if ('grantId' in token && token.grantId) {
    payload.gid = token.grantId
    const scope = String(payload.scope ?? '').split(' ')
    if (scope.includes('openid')) payload.aud = [payload.aud, issuer]
    const asked = (AuthorizationCode ?? RefreshToken)?.claims
    if (asked && 'userinfo' in asked) payload.claims = { userinfo: asked.userinfo }
  }
  if ('sid' in token && token.sid) payload.sid = token.sid
}

/** Verifies tokens against our own keys; answers their claims, or `undefined` for anything else. */
export function createVerifier(options: {
  issuer: string
  algorithms: readonly string[]
  keys: readonly JWK[]
}): (jwt: string) => Promise<Payload | undefined> {
  const jwks = createLocalJWKSet({ keys: options.keys.map(publicPart) })
  return async (jwt) => {
    if (jwt.split('.').length !== 3) return undefined
    try {
      const { payload } = await jwtVerify(jwt, jwks, {
        issuer: options.issuer,
        typ: 'at+jwt',
        algorithms: [...options.algorithms],
        requiredClaims: ['sub', 'jti', 'client_id', 'exp', 'aud'],
      })
      return payload
    } catch {
      // Whatever is wrong with a presented token, the answer is the same: it is not ours.
      return undefined
    }
  }
}

function publicPart({ kty, crv, x, y, n, e, kid, alg, use }: JWK): JWK {
  return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e, kid, alg, use })) as JWK
}

/**
 * Access tokens are JWTs (RFC 9068) and are not stored: finding one is verifying it, destroying one is
 * revoking it. The library's own userinfo, introspection and revocation then serve them as if they were.
 */
import type { Adapter } from 'oidc-provider'
import { randomToken } from '../keys/keys.ts'
import { type Payload, requestMemory } from './request.ts'

export interface JwtAdapterOptions {
  kind: 'AccessToken' | 'ClientCredentials'
  /** The claims of a JWT that we signed and that still holds; otherwise `undefined`. */
  verify(jwt: string): Promise<Payload | undefined>
  isRevoked(claims: Payload): boolean
  revoke(jti: string): Promise<void>
}

export function createJwtAdapter(options: JwtAdapterOptions): Adapter {
  async function claimsOf(value: string): Promise<Payload | undefined> {
    const jwt = value.startsWith(DISGUISE) ? value.slice(DISGUISE.length).replaceAll('~', '.') : value
    const { verified } = requestMemory()
    const pending = verified.get(jwt) ?? options.verify(jwt)
    verified.set(jwt, pending)
    return pending
  }

  return {
    async find(value) {
      const claims = await claimsOf(value)
      if (!claims || kindOf(claims) !== options.kind || options.isRevoked(claims)) return undefined
      const payload = payloadOf(claims, options.kind)
      if (typeof claims.gid === 'string') {
        const { grants } = requestMemory()
        if (!grants.has(claims.gid)) grants.set(claims.gid, grantOf(claims))
      }
      return payload
    },
    destroy: (jti) => options.revoke(jti),
    // Never called: a JWT has no payload to store.
    async upsert() {},
    async consume() {},
    async findByUid() {},
    async findByUserCode() {},
    async revokeByGrantId() {},
  }
}

/** The library refuses what looks like a JWT at introspection and revocation; this does not. */
export function disguise(token: string): string {
  return token.includes('.') && !token.includes('~') ? DISGUISE + token.replaceAll('.', '~') : token
}

/** Ours alone: nobody can present a disguised token. */
const DISGUISE = `${randomToken()}~`

/** A token of a person names its grant; a machine's has none. */
function kindOf(claims: Payload): JwtAdapterOptions['kind'] {
  return typeof claims.gid === 'string' ? 'AccessToken' : 'ClientCredentials'
}

/** What the opaque token would have held; without `aud`, which userinfo refuses. */
function payloadOf(claims: Payload, kind: JwtAdapterOptions['kind']): Payload {
  const {
    jti,
    iat,
    exp,
    sub,
    client_id,
    scope,
    gid,
    sid,
    cnf,
    iss: _,
    aud: __,
    claims: asked,
    ...extra
  } = claims
  return {
    kind,
    jti,
    iat,
    exp,
    clientId: client_id,
    ...(scope !== undefined && { scope }),
    ...(kind === 'AccessToken' && { accountId: sub, grantId: gid, sid }),
    ...(asked !== undefined && { claims: asked }),
    ...((cnf as { jkt?: string } | undefined)?.jkt && { jkt: (cnf as { jkt: string }).jkt }),
    extra: {
      ...extra,
      ...(Array.isArray(claims.aud) || typeof claims.aud === 'string' ? { aud: claims.aud } : {}),
    },
  }
}

/** The part of the grant that userinfo asks: the token says what was granted. */
function grantOf(claims: Payload): Payload {
  const asked = (claims.claims as { userinfo?: Payload } | undefined)?.userinfo
  return {
    kind: 'Grant',
    jti: claims.gid,
    iat: claims.iat,
    exp: claims.exp,
    accountId: claims.sub,
    clientId: claims.client_id,
    openid: { scope: claims.scope, ...(asked && { claims: Object.keys(asked) }) },
  }
}

/** Access tokens outside of the token endpoint, for `POST /login`: the same claims, signed by the same key. */
import { importJWK, type JWK, SignJWT } from 'jose'
import type { Person } from '../accounts/accounts.ts'
import type { Application } from '../applications/applications.ts'
import { randomToken } from '../keys/keys.ts'
import { type Rights, rightsClaims } from './access-token.ts'

export interface Issue {
  person: Person
  application: Application
  rights: Rights
  amr: readonly string[]
  acr: string
  authTime: Date
  /** The grant: what a revocation names. */
  gid: string
  sid: string
  /** The revocation feed's number, taken before the person was read. */
  rev: number
}

export interface Issuer {
  /** A signed JWT (RFC 9068) for the application's API. */
  issue(about: Issue): Promise<{ jwt: string; expiresIn: number; jti: string }>
}

export function createIssuer(options: {
  issuer: string
  algorithm: string
  accessToken: number
  now: () => Date
  /** The signing keys; the first of the algorithm signs. */
  keys: () => readonly JWK[]
}): Issuer {
  const imported = new Map<string, Awaited<ReturnType<typeof importJWK>>>()

  async function signingKey(): Promise<{ kid: string; key: Awaited<ReturnType<typeof importJWK>> }> {
    const jwk = options.keys().find(({ alg }) => alg === options.algorithm)
    if (!jwk?.kid) throw new TypeError(`no key for ${options.algorithm}`)
    const key = imported.get(jwk.kid) ?? (await importJWK(jwk, options.algorithm))
    imported.set(jwk.kid, key)
    return { kid: jwk.kid, key }
  }

  return {
    async issue({ person, application, rights, amr, acr, authTime, gid, sid, rev }) {
      const { kid, key } = await signingKey()
      const jti = randomToken(16)
      const iat = Math.floor(options.now().getTime() / 1000)
      const jwt = await new SignJWT({
        client_id: application._id,
        ...rightsClaims(rights),
        auth_time: Math.floor(authTime.getTime() / 1000),
        acr,
        amr: [...amr],
        gid,
        sid,
        rev,
      })
        .setProtectedHeader({ alg: options.algorithm, typ: 'at+jwt', kid })
        .setIssuer(options.issuer)
        .setSubject(person._id)
        .setAudience(application.api ?? `${options.issuer}/api`)
        .setJti(jti)
        .setIssuedAt(iat)
        .setExpirationTime(iat + options.accessToken)
        .sign(key)
      return { jwt, expiresIn: options.accessToken, jti }
    },
  }
}

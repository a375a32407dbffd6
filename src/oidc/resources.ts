/** Which API a token is for (RFC 8707): the one asked for, else the application's own, else Maitred's. */
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Apis } from '../applications/applications.ts'
import { claimsByScope } from './claims.ts'
import { applicationOf } from './clients.ts'

type ResourceIndicators = NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>

/** The scopes of OpenID Connect itself: listed for every API, else `openid` drops out of its tokens. */
const OIDC_SCOPES = [
  'offline_access',
  ...Object.entries(claimsByScope).flatMap(([scope, claims]) => (claims === null ? [] : [scope])),
]

export function createResourceIndicators(options: {
  issuer: string
  apis: Apis
  accessToken: number
  algorithm: 'ES256' | 'RS256' | 'EdDSA'
}): ResourceIndicators {
  const own = `${options.issuer}/api`
  return {
    enabled: true,
    defaultResource: async (_ctx, client, oneOf) => oneOf?.[0] ?? applicationOf(client).api ?? own,
    useGrantedResource: async () => true,
    async getResourceServerInfo(ctx: KoaContextWithOIDC, uri, client) {
      const api = await options.apis.get(uri)
      const { api: usual, scopes: allowed } = applicationOf(client)
      if (!api && uri !== usual) throw new errors.InvalidTarget()
      const named = api?.scopes.map(({ name }) => name) ?? []
      // A machine's token is about nobody.
      const about = ctx.oidc.params?.grant_type === 'client_credentials' ? [] : OIDC_SCOPES
      return {
        // The library holds a client to its own scopes only as far as they are OpenID Connect's.
        scope: [...about, ...named.filter((scope) => allowed?.includes(scope) ?? true)].join(' '),
        audience: uri,
        accessTokenTTL: options.accessToken,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: options.algorithm } },
      }
    },
  }
}

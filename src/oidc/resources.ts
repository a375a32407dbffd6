/**
 * Which API a token is for (RFC 8707): the one asked for, else the application's own, else Maitred's. What
 * nobody signs in to, and what nobody vouched for, reaches no other than that.
 */
import { type Configuration, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { type Apis, type Application, isDynamic } from '../applications/applications.ts'
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
      const application = applicationOf(client)
      // A machine's token is about nobody.
      const isAboutNobody = ctx.oidc.params?.grant_type === 'client_credentials'
      const isBound = isAboutNobody || application.kind === 'machine' || isDynamic(application)
      const usual = application.api ?? own
      if (isBound ? uri !== usual : !api && uri !== application.api) throw new errors.InvalidTarget()
      const named = api?.scopes.map(({ name }) => name) ?? []
      const allowed = application.scopes ?? (isBound && !hasWholeApi(application) ? [] : named)
      const about = isAboutNobody ? [] : OIDC_SCOPES
      return {
        // The library holds a client to its own scopes only as far as they are OpenID Connect's.
        scope: [...about, ...named.filter((scope) => allowed.includes(scope))].join(' '),
        audience: uri,
        accessTokenTTL: options.accessToken,
        accessTokenFormat: 'jwt',
        jwt: { sign: { alg: options.algorithm } },
      }
    },
  }
}

/** An operator who gives a machine an API and lists nothing means all of that API. */
function hasWholeApi(application: Application): boolean {
  return application.kind === 'machine' && application.api !== undefined && !isDynamic(application)
}

/** What we ask of the library, setting by setting. What is a function here is explained where it is defined. */
import type {
  AccessToken,
  Client,
  ClientCredentials,
  Configuration,
  KoaContextWithOIDC,
  RefreshToken,
} from 'oidc-provider'
import type { Config } from '../config.ts'
import { acrValues } from '../flow/flow.ts'
import { assertClaims } from './asked-claims.ts'
import { claimsByScope } from './claims.ts'
import { assertMadeForUs } from './client-assertion.ts'
import { applicationOf } from './clients.ts'
import { isOffline } from './offline.ts'

/** Of who looks at a form (a device's code, a sign-out), in seconds: anybody may leave such sessions here. */
const STRANGERS_SESSION = 3_600

/** The functions that the wiring (`provider.ts`) fills in. */
export type Wiring = Required<
  Pick<
    Configuration,
    'adapter' | 'findAccount' | 'loadExistingGrant' | 'extraTokenClaims' | 'renderError' | 'jwks' | 'fetch'
  >
> & {
  policy: NonNullable<NonNullable<Configuration['interactions']>['policy']>
  completeAccessToken: NonNullable<NonNullable<NonNullable<Configuration['formats']>['customizers']>['jwt']>
  resourceIndicators: NonNullable<NonNullable<Configuration['features']>['resourceIndicators']>
  deviceFlow: NonNullable<NonNullable<Configuration['features']>['deviceFlow']>
  rpInitiatedLogout: NonNullable<NonNullable<Configuration['features']>['rpInitiatedLogout']>
  languages: readonly string[]
}

export function configurationOf(config: Config, now: () => Date, wiring: Wiring): Configuration {
  const remaining = (exp: number | undefined): number | undefined =>
    exp === undefined ? undefined : Math.max(1, exp - Math.floor(now().getTime() / 1000))
  const { lifetimes, development } = config
  const cookie = { httpOnly: true, sameSite: 'lax', secure: !development, path: '/' } as const
  return {
    adapter: wiring.adapter,
    jwks: wiring.jwks,
    fetch: wiring.fetch,
    findAccount: wiring.findAccount,
    loadExistingGrant: wiring.loadExistingGrant,
    extraTokenClaims: wiring.extraTokenClaims,
    renderError: wiring.renderError,
    interactions: {
      policy: wiring.policy,
      url: (_ctx, interaction) =>
        `/flow/${interaction.uid}?app=${encodeURIComponent(String(interaction.params.client_id))}`,
    },
    responseTypes: ['code'],
    scopes: ['openid', 'offline_access'],
    claims: claimsByScope as NonNullable<Configuration['claims']>,
    acrValues: [...acrValues],
    assertJwtClientAuthClaimsAndHeader: assertMadeForUs(config.issuer, now),
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    clientDefaults: {
      id_token_signed_response_alg: config.algorithms.idToken,
      grant_types: ['authorization_code'],
    },
    clientBasedCORS: (_ctx, origin, client) => applicationOf(client).origins.includes(origin),
    // Where no secret shows whose a code is, nothing else does (RFC 7636 §1).
    pkce: {
      required: (_ctx, client) => applicationOf(client).pkce || applicationOf(client).authMethod === 'none',
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    // The end of a session takes its tokens itself (endings.ts): no read of the session at each refresh.
    expiresWithSession: async () => false,
    conformIdTokenClaims: true,
    cookies: {
      names: cookieNames(config),
      long: cookie,
      // The library gives these the path of one interaction, which `__Host-` does not allow.
      short: { httpOnly: true, sameSite: 'lax', secure: !development },
    },
    discovery: {
      ui_locales_supported: [...wiring.languages],
      claims_parameter_supported: true,
      // OpenID Connect Prompt Create 1.0 §4.2
      prompt_values_supported: ['none', 'login', 'consent', 'select_account', 'create'],
    },
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'],
      idTokenSigningAlgValues: [...new Set([config.algorithms.idToken, config.algorithms.accessToken])],
      userinfoSigningAlgValues: [...new Set([config.algorithms.idToken, config.algorithms.accessToken])],
      dPoPSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519'],
    },
    ttl: {
      AccessToken: lifetimes.accessToken,
      ClientCredentials: lifetimes.accessToken,
      AuthorizationCode: lifetimes.code,
      DeviceCode: 600,
      IdToken: 3_600,
      Interaction: 3_600,
      Session: (_ctx, session) =>
        session.accountId === undefined
          ? Math.min(STRANGERS_SESSION, lifetimes.session)
          : (remaining(session.exp) ?? lifetimes.session),
      Grant: (ctx, grant) =>
        (remaining(ctx.oidc.session?.exp) ?? lifetimes.session) +
        (isOffline(grant.getOIDCScope()) ? lifetimes.refreshToken : 0),
      RefreshToken: (ctx, token) =>
        refreshTokenTtl(ctx, token.scope, lifetimes.refreshToken, remaining(ctx.oidc.entities.Grant?.exp)),
    },
    formats: { customizers: { jwt: wiring.completeAccessToken } },
    features: {
      backchannelLogout: { enabled: true },
      claimsParameter: { enabled: true, assertClaimsParameter: assertClaims },
      clientCredentials: { enabled: true },
      deviceFlow: wiring.deviceFlow,
      devInteractions: { enabled: false },
      dPoP: { enabled: true },
      externalSigningSupport: { enabled: true, ack: 'experimental-01' },
      introspection: { enabled: true, allowedPolicy: mayIntrospect },
      jwtUserinfo: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      registration: { enabled: true, initialAccessToken: true },
      registrationManagement: { enabled: true },
      requestObjects: { enabled: false },
      resourceIndicators: wiring.resourceIndicators,
      // RFC 7009 §2.1: a client revokes its own tokens.
      revocation: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: wiring.rpInitiatedLogout,
      userinfo: { enabled: true },
    },
  }
}

/**
 * Browsers keep a `__Host-` cookie from every other host (RFC 6265bis §4.1.3). A plain-HTTP loopback issuer
 * cannot have one, and localhost shares its cookies between ports: there the port is in the name.
 */
export function cookieNames(config: Pick<Config, 'development' | 'issuer'>): {
  session: string
  interaction: string
  resume: string
  /** What an application asked for (`pending-requests.ts`). */
  request: string
} {
  const own = `maitred${new URL(config.issuer).port}`
  return config.development
    ? {
        session: `${own}_session`,
        interaction: `${own}_interaction`,
        resume: `${own}_resume`,
        request: `${own}_request`,
      }
    : {
        session: '__Host-session',
        interaction: '__Secure-interaction',
        resume: '__Secure-resume',
        request: '__Secure-request',
      }
}

/** Absolute: a successor gets what remains of its predecessor's life, and nothing outlives its grant. */
function refreshTokenTtl(
  ctx: KoaContextWithOIDC,
  scope: string | undefined,
  most: number,
  grantLeft: number | undefined,
): number {
  const { RotatedRefreshToken } = ctx.oidc.entities
  if (RotatedRefreshToken) return Math.max(1, RotatedRefreshToken.remainingTTL)
  if (isOffline(scope)) return most
  return Math.min(most, grantLeft ?? most)
}

/** Its own tokens, and those made for its API: nobody learns of tokens that are not their business. */
async function mayIntrospect(
  _ctx: KoaContextWithOIDC,
  client: Client,
  token: AccessToken | ClientCredentials | RefreshToken,
): Promise<boolean> {
  if (token.clientId === client.clientId) return true
  if (client.clientAuthMethod === 'none') return false
  const { api } = applicationOf(client)
  const audience = 'extra' in token ? token.extra?.aud : undefined
  return api !== undefined && (Array.isArray(audience) ? audience.includes(api) : audience === api)
}

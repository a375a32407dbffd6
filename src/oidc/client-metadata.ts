/** An application in the words of OpenID Connect Dynamic Client Registration 1.0 §2, and back. */
import { type ClientMetadata, errors } from 'oidc-provider'
import { z } from 'zod'
import {
  type Application,
  isRedirectUri,
  isWebUri,
  type NewApplication,
} from '../applications/applications.ts'
import { sha256 } from '../keys/keys.ts'

const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'

export function toClientMetadata(application: Application): ClientMetadata {
  const { kind, grants, metadata } = application
  const redirects = grants.includes('authorization_code')
  return {
    ...metadata,
    client_id: application._id,
    client_name: application.name,
    ...(application.uri && { client_uri: application.uri }),
    // The library lets `native` clients use any port on loopback and custom schemes (RFC 8252 §7).
    application_type: kind === 'native' || isLoopbackOnly(application.redirectUris) ? 'native' : 'web',
    token_endpoint_auth_method: application.authMethod,
    ...(application.secretHash && { client_secret: application.secretHash }),
    grant_types: grants.length > 0 ? grants : [DEVICE_CODE],
    response_types: redirects ? ['code'] : [],
    redirect_uris: application.redirectUris,
    post_logout_redirect_uris: application.postLogoutRedirectUris,
    ...(application.scopes && { scope: application.scopes.join(' ') }),
    ...(application.jwks && { jwks: application.jwks as NonNullable<ClientMetadata['jwks']> }),
    ...(application.jwksUri && { jwks_uri: application.jwksUri }),
    ...(application.backchannelLogoutUri && {
      backchannel_logout_uri: application.backchannelLogoutUri,
      backchannel_logout_session_required: true,
    }),
    // The library never calls it and refuses plain HTTP, which a loopback may use.
    ...(application.initiateLoginUri?.startsWith('https:') && {
      initiate_login_uri: application.initiateLoginUri,
    }),
    ...(application.idTokenAlg && { id_token_signed_response_alg: application.idTokenAlg }),
    ...(application.requirePar && { require_pushed_authorization_requests: true }),
    ...(application.dpop && { dpop_bound_access_tokens: true }),
  }
}

const member = z.string().max(10_000)
/** RFC 7517, section 4: no member is deeper than a list of texts. */
const jwk = z.record(
  z.string().regex(/^[\w#:.-]{1,100}$/),
  z.union([member, z.number(), z.boolean(), z.array(member).max(10)]),
)
const uris = z.array(z.string().max(2_000)).max(100)

/** What of a dynamic registration has a field of its own; the rest is kept as registered. */
const registered = z.looseObject({
  client_id: z.string(),
  client_name: z.string().max(200).optional(),
  client_uri: z.string().optional(),
  application_type: z.string().optional(),
  token_endpoint_auth_method: z
    .enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt'])
    .optional(),
  client_secret: z.string().optional(),
  grant_types: z.array(z.string()).max(10).optional(),
  response_types: z.unknown().optional(),
  redirect_uris: uris.optional(),
  post_logout_redirect_uris: uris.optional(),
  scope: z.string().optional(),
  jwks: z.looseObject({ keys: z.array(jwk).max(20) }).optional(),
  jwks_uri: z.string().optional(),
  backchannel_logout_uri: z.string().optional(),
  backchannel_logout_session_required: z.boolean().optional(),
  initiate_login_uri: z.string().optional(),
  id_token_signed_response_alg: z.enum(['RS256', 'ES256', 'EdDSA']).optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  dpop_bound_access_tokens: z.boolean().optional(),
})

/**
 * Reads what the library registers. A third party's application: consent is always asked for. What an operator
 * set stays, and only an operator loosens it again.
 */
export function fromClientMetadata(input: unknown, before: Application | undefined): NewApplication {
  const {
    client_id,
    client_name,
    client_uri,
    application_type,
    token_endpoint_auth_method,
    client_secret,
    grant_types,
    response_types: _,
    redirect_uris = [],
    post_logout_redirect_uris = [],
    scope,
    jwks,
    jwks_uri,
    backchannel_logout_uri,
    backchannel_logout_session_required: __,
    initiate_login_uri,
    id_token_signed_response_alg,
    require_pushed_authorization_requests,
    dpop_bound_access_tokens,
    ...metadata
  } = readRegistered(input)
  const authMethod = token_endpoint_auth_method ?? 'client_secret_basic'
  const kind = kindOf(application_type, authMethod, grant_types)
  requireFitting(kind, [...redirect_uris, ...post_logout_redirect_uris])
  return {
    _id: client_id,
    name: client_name ?? before?.name ?? client_id,
    firstParty: false,
    kind,
    redirectUris: redirect_uris,
    postLogoutRedirectUris: post_logout_redirect_uris,
    ...keptOf(before),
    origins: originsAfter(redirect_uris, before),
    // A public client has nothing else to prove that a code is its own (RFC 7636 §1).
    pkce: authMethod === 'none' || (before?.pkce ?? true),
    authMethod,
    grants: grant_types ?? ['authorization_code'],
    metadata,
    ...(client_uri && { uri: client_uri }),
    ...(client_secret && {
      secretHash: client_secret === before?.secretHash ? client_secret : sha256(client_secret),
    }),
    ...scopesAfter(scope, before),
    ...(jwks && { jwks: { keys: jwks.keys } }),
    ...(jwks_uri && { jwksUri: jwks_uri }),
    ...(backchannel_logout_uri && { backchannelLogoutUri: backchannel_logout_uri }),
    ...(initiate_login_uri && { initiateLoginUri: initiate_login_uri }),
    ...(id_token_signed_response_alg && { idTokenAlg: id_token_signed_response_alg }),
    ...((require_pushed_authorization_requests || before?.requirePar) && { requirePar: true }),
    ...((dpop_bound_access_tokens || before?.dpop) && { dpop: true }),
  }
}

/** What the library lets pass and an application cannot hold is refused in the library's words. */
function readRegistered(input: unknown): z.infer<typeof registered> {
  const { data, error } = registered.safeParse(input)
  if (data) return data
  throw new errors.InvalidClientMetadata(`${error.issues[0]?.path.join('.')} is not what it should be`)
}

/** The rules of a state file: the library would let a website have plain HTTP, and an app any scheme (RFC 8252 §7). */
function requireFitting(kind: Application['kind'], uris: readonly string[]): void {
  const wrong = uris.find((uri) => !isRedirectUri(uri) || (kind !== 'native' && !isWebUri(uri)))
  if (wrong === undefined) return
  throw new errors.InvalidClientMetadata(
    'redirect_uris must be https, http on a loopback, or a private scheme of a native application',
  )
}

/** What no registration speaks of. */
function keptOf(before: Application | undefined): Partial<NewApplication> {
  if (!before) return {}
  const { api, mfa, signUp, signUpRoles } = before
  return { ...(api !== undefined && { api }), mfa, signUp, signUpRoles }
}

/** An application cannot give itself what it was not given. */
function scopesAfter(
  scope: string | undefined,
  before: Application | undefined,
): Pick<NewApplication, 'scopes'> {
  const asked = scope?.split(' ')
  const allowed = before?.scopes
  if (asked && allowed && !asked.every((name) => allowed.includes(name)))
    throw new errors.InvalidClientMetadata('scope cannot become more than it is')
  const scopes = asked ?? allowed
  return scopes ? { scopes } : {}
}

function kindOf(
  type: string | undefined,
  authMethod: string,
  grants: string[] | undefined,
): Application['kind'] {
  if (type === 'native') return 'native'
  if (grants?.length === 1 && grants[0] === 'client_credentials') return 'machine'
  return authMethod === 'none' ? 'spa' : 'web'
}

/** A public browser app's own pages may read the token answer (CORS). */
function originsOf(uris: readonly string[]): string[] {
  return [...new Set(uris.filter((uri) => uri.startsWith('https://')).map((uri) => new URL(uri).origin))]
}

/** With the redirects come and go their origins, but for those that an operator added or took away. */
function originsAfter(uris: readonly string[], before: Application | undefined): string[] {
  const implied = originsOf(before?.redirectUris ?? [])
  const origins = before?.origins ?? []
  const taken = implied.filter((origin) => !origins.includes(origin))
  const added = origins.filter((origin) => !implied.includes(origin))
  return [...new Set([...originsOf(uris).filter((origin) => !taken.includes(origin)), ...added])]
}

/** Plain-HTTP redirects are for loopback only, where the port is not known before (RFC 8252 §7.3). */
function isLoopbackOnly(uris: readonly string[]): boolean {
  return uris.length > 0 && uris.every((uri) => /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)[:/]/.test(uri))
}

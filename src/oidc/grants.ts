/**
 * What an authorization may give out. Each session makes its own grant per application: everything for a
 * first-party application, what the person has allowed for the others.
 */
import type { Grant, KoaContextWithOIDC } from 'oidc-provider'
import type { Allowed, Consents } from '../applications/applications.ts'
import { applicationOf } from './clients.ts'
import { isOffline } from './offline.ts'

/** Claims that say who and when; they are never asked for. */
const FREE_CLAIMS = new Set(['sub', 'sid', 'auth_time', 'acr', 'amr', 'iss'])

export interface GrantOptions {
  consents: Consents
  isRevoked(claims: { gid: string }): boolean
}

/** The library's `loadExistingGrant`: the session's grant, widened by what is allowed already. */
export async function grantFor(ctx: KoaContextWithOIDC, options: GrantOptions): Promise<Grant | undefined> {
  const { client, session, provider } = ctx.oidc
  if (!client || !session?.accountId) return undefined
  const wanted = wantedBy(ctx)
  const held = session.grantIdFor(client.clientId)
  const found = held && !options.isRevoked({ gid: held }) ? await provider.Grant.find(held) : undefined
  const current =
    found && isOffline(found.getOIDCScope()) === wanted.scopes.includes('offline_access') ? found : undefined
  const lacking = current ? lackingIn(current, wanted) : wanted
  if (current && isEmpty(lacking)) return current

  const { firstParty, _id } = applicationOf(client)
  const allowed = firstParty ? lacking : within(lacking, await options.consents.get(session.accountId, _id))
  if (isEmpty(allowed)) return current

  const grant = current ?? new provider.Grant({ accountId: session.accountId, clientId: client.clientId })
  if (allowed.scopes.length > 0) grant.addOIDCScope(allowed.scopes.join(' '))
  if (allowed.claims.length > 0) grant.addOIDCClaims(allowed.claims)
  for (const { api, scopes } of allowed.resources) grant.addResourceScope(api, scopes.join(' '))
  await grant.save()
  return grant
}

/** What the running authorization wants and its grant has not. */
export function missingFrom(ctx: KoaContextWithOIDC): Allowed | undefined {
  const { grant } = ctx.oidc
  const missing = grant ? lackingIn(grant, wantedBy(ctx)) : wantedBy(ctx)
  return isEmpty(missing) ? undefined : missing
}

/** What the running authorization asks for. */
export function wantedBy(ctx: KoaContextWithOIDC): Allowed {
  const { requestParamOIDCScopes, requestParamScopes, requestParamClaims, resourceServers } = ctx.oidc
  return {
    scopes: [...requestParamOIDCScopes],
    claims: [...requestParamClaims].filter((claim) => !FREE_CLAIMS.has(claim)),
    resources: Object.entries(resourceServers ?? {})
      .map(([api, server]) => ({
        api,
        scopes: [...requestParamScopes].filter((scope) => server.scopes.has(scope)),
      }))
      .filter(({ scopes }) => scopes.length > 0),
  }
}

function lackingIn(grant: Grant, wanted: Allowed): Allowed {
  const scopes = new Set(grant.getOIDCScope().split(' '))
  const claims = new Set(grant.getOIDCClaims())
  return {
    scopes: wanted.scopes.filter((scope) => !scopes.has(scope)),
    claims: wanted.claims.filter((claim) => !claims.has(claim)),
    resources: wanted.resources
      .map(({ api, scopes: asked }) => {
        const granted = new Set(grant.getResourceScope(api).split(' '))
        return { api, scopes: asked.filter((scope) => !granted.has(scope)) }
      })
      .filter(({ scopes: rest }) => rest.length > 0),
  }
}

/** The part of what is wanted that the person allowed before. `offline_access` is asked for each time. */
function within(wanted: Allowed, before: Allowed | undefined): Allowed {
  if (!before) return { scopes: [], claims: [], resources: [] }
  const apis = new Map(before.resources.map(({ api, scopes }) => [api, scopes]))
  return {
    scopes: wanted.scopes.filter((scope) => before.scopes.includes(scope)),
    claims: wanted.claims.filter((claim) => before.claims.includes(claim)),
    resources: wanted.resources
      .map(({ api, scopes }) => ({ api, scopes: scopes.filter((scope) => apis.get(api)?.includes(scope)) }))
      .filter(({ scopes }) => scopes.length > 0),
  }
}

function isEmpty(allowed: Allowed): boolean {
  return allowed.scopes.length === 0 && allowed.claims.length === 0 && allowed.resources.length === 0
}

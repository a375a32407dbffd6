/** What the running authorization knows, in the words of the sign-in. */
import { decodeJwt } from 'jose'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Person } from '../accounts/accounts.ts'
import type { Allowed } from '../applications/applications.ts'
import type { AuthorizationRequest, SessionView, Situation } from '../flow/flow.ts'
import { askedOfIdToken } from './asked-claims.ts'
import { applicationOf } from './clients.ts'
import { missingFrom } from './grants.ts'
import { passwordSetAtOf } from './overtaken.ts'
import type { Payload } from './request.ts'

export interface SituationSources {
  now: () => Date
  findPerson(id: string): Promise<Person | undefined>
}

export async function situationOf(ctx: KoaContextWithOIDC, sources: SituationSources): Promise<Situation> {
  const { oidc } = ctx
  const { accountId, uid, amr, acr, loginTs } = oidc.session ?? {}
  const session: SessionView | undefined =
    accountId && uid
      ? {
          uid,
          accountId,
          amr: amr ?? [],
          acr,
          authTime: new Date((loginTs ?? 0) * 1000),
          passwordSetAt: passwordSetAtOf(accountId),
        }
      : undefined
  const missing: Allowed | undefined = oidc.grant && missingFrom(ctx)
  return {
    now: sources.now(),
    session,
    person: accountId ? await sources.findPerson(accountId) : undefined,
    application: applicationOf(oidc.client as object),
    request: requestOf(oidc.params as Payload),
    ...(missing && { missing }),
  }
}

/** The parameters of an authorization request (OpenID Connect Core 1.0 §3.1.2.1), which the library has checked. */
export function requestOf(params: Payload): AuthorizationRequest {
  const { acr, sub } = askedOfIdToken(params)
  const subject = sub ?? hinted(params)
  return {
    prompt: words(params.prompt),
    // What is essential is not met by what would do otherwise (§5.5.1.1).
    acrValues: acr?.essential ? acr.values : [...words(params.acr_values), ...(acr?.values ?? [])],
    ...(typeof params.login_hint === 'string' && { loginHint: params.login_hint }),
    ...(subject !== undefined && { subject }),
    ...(typeof params.ui_locales === 'string' && { uiLocales: params.ui_locales }),
  }
}

function hinted({ id_token_hint: hint }: Payload): string | undefined {
  return typeof hint === 'string' ? decodeJwt(hint).sub : undefined
}

function words(value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? value.split(' ') : []
}

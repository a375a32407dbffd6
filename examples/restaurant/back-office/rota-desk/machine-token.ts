/**
 * The access token that this program has for itself (client credentials, RFC 6749 §4.4): fetched when it is first
 * needed, kept until shortly before it ends. It leaves this process only in an `Authorization` header.
 */
import * as oidc from 'openid-client'

export interface MachineTokenOptions {
  issuer: string
  clientId: string
  clientSecret: string
  scope: string
  /** The API that the token is for (RFC 8707). */
  resource: string
  now: () => Date
  fetch?: typeof globalThis.fetch
}

export interface MachineToken {
  /** @throws what the provider or the network said; never with the secret in it */
  get(): Promise<string>
  /** It was refused: the next one is a new one. */
  forget(token: string): void
}

const EARLY_MS = 30_000
const PATIENCE_SECONDS = 4

export function createMachineToken(o: MachineTokenOptions): MachineToken {
  let config: oidc.Configuration | undefined
  let known: { token: string; until: number } | undefined
  let asking: Promise<string> | undefined

  async function discover(): Promise<oidc.Configuration> {
    const issuer = new URL(o.issuer)
    const { fetch } = o
    const discovered = await oidc.discovery(
      issuer,
      o.clientId,
      undefined,
      oidc.ClientSecretBasic(o.clientSecret),
      {
        timeout: PATIENCE_SECONDS,
        ...(fetch && { [oidc.customFetch]: (url, init) => fetch(url, init as RequestInit) }),
        // Plain HTTP is for a provider on your own machine; anything else must be HTTPS.
        execute: issuer.protocol === 'http:' ? [oidc.allowInsecureRequests] : [],
      },
    )
    return discovered
  }

  async function ask(): Promise<string> {
    config ??= await discover()
    const { scope, resource } = o
    const answer = await oidc.clientCredentialsGrant(config, { scope, resource })
    const until = o.now().getTime() + (answer.expires_in ?? 0) * 1_000 - EARLY_MS
    known = { token: answer.access_token, until }
    return known.token
  }

  return {
    async get() {
      if (known && known.until > o.now().getTime()) return known.token
      asking ??= ask().finally(() => {
        asking = undefined
      })
      return await asking
    },
    forget(token) {
      if (known?.token === token) known = undefined
    },
  }
}

/**
 * One instance of the library, made from the current keys. It is made anew when the keys change, which
 * costs a few milliseconds, so nothing of ours may live in it.
 */
import type { JWK } from 'jose'
import Provider, { type Adapter, type KoaContextWithOIDC } from 'oidc-provider'
import type { Applications } from '../applications/applications.ts'
import type { Config } from '../config.ts'
import { serveClients } from './clients.ts'
import { configurationOf, type Wiring } from './configuration.ts'
import { nameSessions } from './going-on.ts'
import { completeIntrospection, disguiseToken } from './introspection.ts'
import { nextRefreshToken } from './refresh-adapter.ts'
import { hashRepeatedSecret, hideSecretHash, rewriteBodies } from './registration.ts'
import { type SealedCodes, sealCodes } from './sealed-codes.ts'
import { SigningKey } from './signing-key.ts'

export interface ProviderOptions {
  config: Config
  now: () => Date
  applications: Applications
  adapter: (kind: string) => Adapter
  keys: { keys: JWK[] }
  codes: SealedCodes
  wiring: Omit<Wiring, 'adapter' | 'jwks'>
  /** Run before the library for each of its requests, in this order. */
  middleware: readonly ((ctx: KoaContextWithOIDC, next: () => Promise<void>) => Promise<void>)[]
}

export function createProvider(options: ProviderOptions): Provider {
  const { config, applications, wiring } = options
  const provider = new Provider(
    config.issuer,
    configurationOf(config, options.now, {
      ...wiring,
      adapter: options.adapter,
      jwks: { keys: options.keys.keys.map((jwk) => new SigningKey(jwk)) },
    }),
  )
  pinOrigin(provider, config.issuer)
  serveClients(provider, applications)
  nameSessions(provider)
  sealCodes(provider, options.codes)
  rewriteBodies(provider, {
    introspection: disguiseToken,
    revocation: disguiseToken,
    client_update: hashRepeatedSecret,
    // Leaving one application and staying in the others is the application's own business.
    end_session_confirm: (body) => {
      body.logout = 'yes'
    },
  })
  Object.assign(provider.RefreshToken.prototype, { generateTokenId: nextRefreshToken })
  for (const middleware of options.middleware) provider.use(middleware as Parameters<Provider['use']>[0])
  for (const middleware of [completeIntrospection, hideSecretHash]) {
    provider.use(middleware as Parameters<Provider['use']>[0])
  }
  return provider
}

/** Links follow the issuer, never a Host header; the shell has refused other hosts before. */
function pinOrigin(provider: Provider, issuer: string): void {
  const { protocol, host, origin } = new URL(issuer)
  const pinned = { protocol: protocol.slice(0, -1), host, origin, secure: protocol === 'https:' }
  for (const [name, value] of Object.entries(pinned)) {
    Object.defineProperty(provider.request, name, { configurable: true, get: () => value })
  }
  Object.defineProperty(provider.request, 'href', {
    configurable: true,
    get(this: { originalUrl: string }) {
      return origin + this.originalUrl
    },
  })
}

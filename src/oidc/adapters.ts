/** Which of our stores serves which of the library's models. */
import type { Adapter, KoaContextWithOIDC } from 'oidc-provider'
import type { Accounts, Person, SessionDocument, Sessions } from '../accounts/accounts.ts'
import type { Applications } from '../applications/applications.ts'
import type { Config } from '../config.ts'
import type { Revocations } from '../events/events.ts'
import type { Limits } from '../http/http.ts'
import type { Vault } from '../keys/keys.ts'
import type { Store } from '../storage/storage.ts'
import { createClientAdapter } from './clients.ts'
import { createCodeAdapter } from './code-adapter.ts'
import type { Endings } from './endings.ts'
import { createGrantAdapter } from './grant-adapter.ts'
import { createInteractionAdapter } from './interaction-adapter.ts'
import { createJwtAdapter } from './jwt-adapter.ts'
import { isConfirmed } from './overtaken.ts'
import type { PendingRequests } from './pending-requests.ts'
import { limitPublicClients } from './public-client-limit.ts'
import { createRefreshAdapter } from './refresh-adapter.ts'
import type { Payload } from './request.ts'
import type { ReuseWarning } from './reuse-warning.ts'
import type { SealedCodes } from './sealed-codes.ts'
import { createSessionAdapter } from './session-adapter.ts'
import type { SessionTrail } from './session-trail.ts'
import { createSessionUse } from './session-use.ts'
import { tellingStoreGone } from './store-gone.ts'
import { createTokenAdapter } from './token-adapter.ts'
import { limitUserCodes } from './user-code-limit.ts'

export interface AdaptersOptions {
  config: Pick<Config, 'lifetimes'>
  store: Store
  now: () => Date
  vault: Vault
  applications: Applications
  revocations: Revocations
  endings: Endings
  /** When every access token that was issued until now is over. */
  outlived(): Date
  sessions: Pick<Sessions, 'get'>
  limits: Limits
  requests: PendingRequests
  codes: SealedCodes
  origin(ctx: KoaContextWithOIDC): { ip: string; device: string }
  ended: SessionTrail
  reused: ReuseWarning
  wake(): void
  findPerson(id: string): Promise<Person | undefined>
  accounts: Pick<Accounts, 'requireWrite'>
  /** The claims of a JWT that we signed. */
  verify(jwt: string): Promise<Payload | undefined>
}

export function createAdapters(options: AdaptersOptions): (kind: string) => Adapter {
  const { store, now, vault, revocations, endings, outlived } = options
  const { lifetimes } = options.config
  const countUserCode = limitUserCodes(options.limits)
  const countPublicClient = limitPublicClients(options.limits)
  const forTokens = {
    store,
    now,
    seal: vault.seal,
    open: vault.open,
    mac: vault.mac,
    countUserCode,
    countPublicClient,
  }
  async function findHolder(uid: string, grantId: string): Promise<SessionDocument | undefined> {
    const session = await options.sessions.get(uid)
    return session?.grants[grantId] ? session : undefined
  }
  const end = (session: SessionDocument, reason?: 'expired'): Promise<void> =>
    endings.endSession(session, options.ended(session, reason))

  function adapter(kind: string): Adapter {
    switch (kind) {
      case 'Session':
        return createSessionAdapter({
          store,
          now,
          idle: lifetimes.sessionIdle,
          origin: (ctx) => options.origin(ctx as KoaContextWithOIDC),
          end,
          isConfirmed: (proof) => isConfirmed(proof, options),
        })
      case 'Grant':
        return createGrantAdapter(endings)
      case 'Client':
        return createClientAdapter(options.applications)
      case 'AccessToken':
      case 'ClientCredentials':
        return createJwtAdapter({
          kind,
          verify: options.verify,
          isRevoked: (claims) => revocations.isRevoked(claims),
          revoke: async (jti) => {
            const entry = { kind: 'jti', id: jti, expires: outlived() } as const
            await store.batch([revocations.revoke(entry)])
            revocations.heard(entry)
          },
        })
      case 'RefreshToken':
        return createRefreshAdapter({
          store,
          now,
          grace: lifetimes.refreshGrace,
          isRevoked: (claims) => revocations.isRevoked(claims),
          findHolder,
          sessionUse: createSessionUse({ store, now, idle: lifetimes.sessionIdle, end }),
          letGo: endings.letGo,
          revokeGrant: endings.revokeGrant,
          revoke: (gid) => revocations.revoke({ kind: 'gid', id: gid, expires: outlived() }),
          reused: options.reused,
          wake: options.wake,
        })
      case 'AuthorizationCode':
        return createCodeAdapter({
          store,
          now,
          stored: createTokenAdapter(kind, forTokens),
          codes: options.codes,
          findHolder,
          isRevoked: (claims) => revocations.isRevoked(claims),
          revokeGrant: endings.revokeGrant,
        })
      case 'Interaction':
        return createInteractionAdapter({
          store,
          now,
          requests: options.requests,
          seal: vault.seal,
          open: vault.open,
          findPerson: options.findPerson,
        })
      default:
        return createTokenAdapter(kind, forTokens)
    }
  }

  return (kind) => tellingStoreGone(adapter(kind))
}

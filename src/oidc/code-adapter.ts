/**
 * Authorization codes when they come back: mostly sealed ones (`sealed-codes.ts`), else from the store. Either is
 * spent by one insertion, which of any number of racers one makes (RFC 6749 §4.1.2).
 */
import { type Adapter, errors } from 'oidc-provider'
import type { SessionDocument } from '../accounts/accounts.ts'
import type { Revocations } from '../events/events.ts'
import { isOffline } from './offline.ts'
import { FAMILY_KIND, familyOfCode } from './refresh-token.ts'
import { protocolContext, requestMemory } from './request.ts'
import type { SealedCode, SealedCodes } from './sealed-codes.ts'
import { createSpendCode, type SpendCodeOptions, whenOver } from './spend-code.ts'
import { tokenId } from './token-document.ts'

/** As long as an end that another process has written may be unheard of (`revocations.ts`), in milliseconds. */
const FRESH_MS = 500

export interface CodeAdapterOptions extends SpendCodeOptions {
  now: () => Date
  stored: Adapter
  codes: SealedCodes
  /** The session, while it is alive and holds the grant. */
  findHolder(session: string, grantId: string): Promise<SessionDocument | undefined>
  isRevoked: Revocations['isRevoked']
}

export function createCodeAdapter(options: CodeAdapterOptions): Adapter {
  const { now, stored, codes, isRevoked } = options
  const spendCode = createSpendCode(options)

  /**
   * Reports whether nothing was revoked since it was made. Beyond the half second in which that may be unheard of, and
   * for what will outlive its session, the session has to say so itself.
   */
  function isFresh({ payload, at, rev }: SealedCode): boolean {
    const { accountId: sub, clientId: client_id, grantId: gid } = payload
    const age = now().getTime() - at
    if (age < 0 || age >= FRESH_MS || isOffline(payload.scope as string | undefined)) return false
    return !isRevoked({ sub, client_id, gid, rev })
  }

  async function requireSession({ payload, rev }: SealedCode): Promise<void> {
    const { accountId, clientId: client_id, grantId: gid } = payload
    const session = await options.findHolder(String(payload.sessionUid), gid)
    if (session?.person !== accountId || isRevoked({ client_id, gid, rev }))
      throw new errors.InvalidGrant('the session has ended')
    const memory = requestMemory()
    memory.code = memory.code && { ...memory.code, passwordSetAt: session.passwordSetAt }
  }

  /** Who may have refresh tokens by now, or no more, collides with it: one name, whether or not there are any. */
  async function spendWithoutTokens(id: string): Promise<void> {
    const { code } = requestMemory()
    if (!code) throw new TypeError('a code that nobody has shown')
    const { grantId, person, application, session } = code
    await spendCode({
      _id: tokenId(FAMILY_KIND, familyOfCode(id)),
      kind: FAMILY_KIND,
      payload: {},
      ...(grantId && { grantId }),
      ...(person && { person }),
      ...(application && { application }),
      ...(session && { session }),
      offline: false,
      consumedAt: now(),
      expires: whenOver(code),
    })
  }

  return {
    ...stored,

    async find(value) {
      const code = codes.read(value)
      if (!code) return stored.find(value)
      const { payload, grant, at, ttl, passwordSetAt } = code
      if (at + ttl * 1000 <= now().getTime()) return undefined
      const memory = requestMemory()
      memory.sealedCode = code
      memory.code = {
        grantId: payload.grantId,
        person: payload.accountId,
        application: payload.clientId,
        session: String(payload.sessionUid),
        expires: new Date(at + ttl * 1000),
        ...(passwordSetAt !== undefined && { passwordSetAt: new Date(passwordSetAt) }),
      }
      memory.grants.set(payload.grantId, grant)
      return payload
    },

    async consume(id) {
      const { sealedCode } = requestMemory()
      const code = sealedCode?.payload.jti === id ? sealedCode : undefined
      if (code && !isFresh(code)) await requireSession(code)
      if (!isSpentByRefreshToken()) await spendWithoutTokens(id)
    },
  }
}

/**
 * The first refresh token of a code is a function of the code and is inserted once, so that its insertion
 * is what spends the code: one write for both.
 */
function isSpentByRefreshToken(): boolean {
  return protocolContext()?.oidc.client?.grantTypeAllowed('refresh_token') === true
}

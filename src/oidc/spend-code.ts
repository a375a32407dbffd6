/**
 * What spends a code: the insertion of the refresh token family that it gives, which of any number of racers one makes
 * (RFC 6749 §4.1.2). Where there will be no refresh tokens, the family is dead from the beginning.
 */
import { errors } from 'oidc-provider'
import { DuplicateKeyError, type Store } from '../storage/storage.ts'
import type { CodeShown } from './request.ts'
import { type TokenDocument, tokenCollection } from './token-document.ts'

/** Another process may take a code for good for so much longer, in milliseconds. */
const SKEW_MS = 10 * 60_000

export interface SpendCodeOptions {
  store: Store
  /** Revokes a grant but for one token document, which it leaves dead: racers must go on colliding with it. */
  revokeGrant(grantId: string, tombstone: string): Promise<void>
}

/** @throws InvalidGrant where it was spent before; what it gave is taken back then */
export type SpendCode = (family: TokenDocument) => Promise<void>

export function createSpendCode({ store, revokeGrant }: SpendCodeOptions): SpendCode {
  const tokens = store.collection(tokenCollection)
  return async function spendCode(family) {
    try {
      await tokens.insert(family)
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error
      await revokeGrant(family.grantId ?? '', family._id)
      throw new errors.InvalidGrant('authorization code already consumed')
    }
  }
}

/** When no process takes a code for good any more: so long what spent it has to stay. */
export function whenOver({ expires }: Pick<CodeShown, 'expires'>): Date {
  return new Date(expires.getTime() + SKEW_MS)
}

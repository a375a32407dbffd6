/**
 * What can be replaced in the configuration: the contracts of plug-ins and the ones that are built in. A
 * plug-in is a value; nothing happens by being imported, and what must never be forgotten is its host's.
 */
import type { Vault } from '../keys/keys.ts'
import type { Factor } from './factors/factor.ts'
import { createRecovery, type Recovery } from './factors/recovery.ts'
import { createTotp, type Totp } from './factors/totp.ts'

export type { Factor, Verdict } from './factors/factor.ts'
export { createRecovery, type Recovery } from './factors/recovery.ts'
export { createTotp, type Totp, type TotpOffer } from './factors/totp.ts'

/** The built-in second factors, in the order in which a person is asked. */
export function builtInFactors({ vault }: { vault: Vault }): readonly [Totp, Recovery] & readonly Factor[] {
  return [createTotp({ vault }), createRecovery()]
}

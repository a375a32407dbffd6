/**
 * Keys: what signs tokens and what seals secrets at rest. This room makes, keeps and rotates signing keys
 * and derives everything else from `MAITRED_SECRET`. It signs nothing itself and knows no token's meaning.
 */
import type { AnyCollectionSpec } from '../storage/storage.ts'
import { secretChecks } from './check-secret.ts'
import { keySetCollection } from './key-set.ts'

export { checkSecret } from './check-secret.ts'
export { hmac } from './hmac.ts'
export type { SigningAlgorithm } from './key-set.ts'
export { openSigningKeys, type SigningKeys, type SigningKeysOptions } from './signing-keys.ts'
export { randomToken, sha256 } from './token.ts'
export { createVault, type Vault } from './vault.ts'

export const collections: readonly AnyCollectionSpec[] = [secretChecks, keySetCollection]

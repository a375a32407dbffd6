/** Tells at start, not at the first sign-in, that this store was sealed with another secret. */
import { z } from 'zod'
import { MaitredError } from '../errors.ts'
import { DuplicateKeyError, defineCollection, type Store } from '../storage/storage.ts'
import type { Vault } from './vault.ts'

const purpose = 'secret check'
const id = 'check'

export const secretChecks = defineCollection({
  name: 'secretChecks',
  schema: z.strictObject({ _id: z.string(), sealed: z.string() }),
})

/**
 * Seals a known value on the first start and opens it on every later one. It stays sealed by the secret
 * that made it, so a secret that may still be needed cannot be left out unnoticed.
 * @throws MaitredError `internal`, whose cause says what to do, when no secret opens it
 */
export async function checkSecret(store: Store, vault: Vault): Promise<void> {
  const checks = store.collection(secretChecks)
  let check = await checks.get(id)
  if (!check) {
    const made = { _id: id, sealed: vault.seal(purpose, id) }
    try {
      await checks.insert(made)
      return
    } catch (error) {
      // another process began with this store at the same time; its value counts
      if (!(error instanceof DuplicateKeyError)) throw error
      check = await checks.get(id)
    }
  }
  try {
    vault.open(purpose, check?.sealed ?? '')
  } catch (error) {
    const sentence =
      'MAITRED_SECRET is not the secret this store was sealed with. ' +
      'Start with the old secret; to change it, put the new one before it in the list and keep both.'
    throw new MaitredError('internal', { cause: new Error(sentence, { cause: error }) })
  }
}

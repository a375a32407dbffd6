/**
 * Argon2 at its real cost, but once for each password in a test process: journeys sign the same few people in
 * hundreds of times. Tests of what happens while a password is hashed start with `realHashes`.
 */
import { createHasher, type Hasher } from '../../src/accounts/accounts.ts'

const real = createHasher()
const hashes = new Map<string, Promise<string>>()
/** What the hashes of this process were made of. */
const passwords = new Map<string, string>()
const verdicts = new Map<string, Promise<boolean>>()

/** A hash of the password, the same at each call. */
export function hashOf(password: string): Promise<string> {
  return remembered(hashes, password, async () => {
    const hash = await real.hash(password)
    passwords.set(hash, password.normalize('NFC'))
    return hash
  })
}

/** Knows without hashing what its own hashes were made of, and hashes once for those from elsewhere. */
export const rememberingHasher = (): Hasher => ({
  ...createHasher(),
  hash: hashOf,
  async verify(hash, password) {
    const made = passwords.get(hash)
    if (made !== undefined) return made === password.normalize('NFC')
    return remembered(verdicts, `${hash} ${password}`, () => real.verify(hash, password))
  },
})

function remembered<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const made = known.get(key) ?? make()
  known.set(key, made)
  made.catch(() => known.delete(key))
  return made
}

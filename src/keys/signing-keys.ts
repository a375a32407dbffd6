/** The keys that sign tokens: made at the first start, rotated without anybody noticing. */
import type { JWK } from 'jose'
import { MaitredError } from '../errors.ts'
import { DuplicateKeyError, type Store } from '../storage/storage.ts'
import {
  isDue,
  isNextKnown,
  type KeySet,
  keySetCollection,
  makeKeySet,
  openKeySet,
  rotateKeySet,
  type SigningAlgorithm,
} from './key-set.ts'
import { sha256 } from './token.ts'
import { createVault, type Vault } from './vault.ts'

/** Rotation is due once in 90 days, so that an hour's delay matters to nobody. */
const checkEveryMs = 60 * 60 * 1_000

export interface SigningKeys {
  /** Private JWKs by algorithm, in the configured order, each with current, next, previous: the first that fits signs. */
  jwks(): { keys: JWK[] }
  /** Seals under these keys, for what is as good as a signature: who could forge it could sign. Its seals last as long. */
  vault(): Vault
  /**
   * Lets the next keys sign now, whatever their age. Several processes that do so at once rotate once.
   * @throws MaitredError `conflict` within 10 minutes of the last rotation: verifiers may not know the next key yet
   */
  rotate(): Promise<void>
  /** Calls when the set changed, here or in another process. Returns how to stop that. */
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

export interface SigningKeysOptions {
  store: Store
  vault: Vault
  now: () => Date
  algorithms: readonly SigningAlgorithm[]
  log: { info(o: object, text: string): void; error(o: object, text: string): void }
}

/** Opens the key sets, makes those that are missing and rotates those that are due. */
export async function openSigningKeys(o: SigningKeysOptions): Promise<SigningKeys> {
  const { store, vault, now, log } = o
  const stored = store.collection(keySetCollection)
  const listeners = new Set<() => void>()
  const known = new Map<SigningAlgorithm, { version: number; keys: JWK[] }>()
  let jwks: { keys: JWK[] } = { keys: [] }
  let sealing: Vault | undefined

  /** Takes over a set unless we have it or a newer one. */
  function learn(set: KeySet): void {
    const before = known.get(set._id)
    if (!o.algorithms.includes(set._id) || (before && before.version >= set.version)) return
    known.set(set._id, { version: set.version, keys: openKeySet(set, vault) })
    jwks = { keys: o.algorithms.flatMap((algorithm) => known.get(algorithm)?.keys ?? []) }
    sealing = undefined
    if (before) for (const listener of listeners) listener()
  }

  async function readOrMake(algorithm: SigningAlgorithm): Promise<KeySet> {
    const found = await stored.get(algorithm)
    if (found) return found
    const made = await makeKeySet(algorithm, vault, now())
    try {
      await stored.insert(made)
      log.info({ algorithm, kid: made.current.kid }, 'made the signing keys')
      return made
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error
      return readOrMake(algorithm)
    }
  }

  async function rotateOne(set: KeySet): Promise<void> {
    const after = await rotateKeySet(set, vault, now())
    const { _id, ...$set } = after
    const changed = await stored.update({ _id, version: set.version }, { $set })
    if (changed) log.info({ algorithm: _id, kid: after.current.kid }, 'rotated the signing keys')
    const winner = changed ?? (await stored.get(_id))
    if (winner) learn(winner)
  }

  async function rotateDue(): Promise<void> {
    const sets = await Promise.all(o.algorithms.map(readOrMake))
    for (const set of sets) learn(set)
    await Promise.all(sets.filter((set) => isDue(set, now())).map(rotateOne))
  }

  async function readAll(): Promise<void> {
    for (const set of await stored.find({})) learn(set)
  }

  function report(error: unknown): void {
    log.error({ err: error }, 'the signing keys could not be renewed; those we have stay in use')
  }

  /** What reaches us outside a call has nobody to throw to. */
  function guarded(work: () => void | Promise<void>): void {
    Promise.resolve().then(work).catch(report)
  }

  const watching = await store.watch(keySetCollection, undefined, (event) => {
    const { document } = event.kind === 'change' ? event : {}
    guarded(() => (document ? learn(document) : readAll()))
  })
  try {
    await rotateDue()
  } catch (error) {
    await watching.stop()
    throw error
  }
  const timer = setInterval(() => guarded(rotateDue), checkEveryMs)
  timer.unref()

  return {
    jwks: () => jwks,
    vault() {
      sealing ??= createVault(jwks.keys.map(({ d }) => sha256(`vault:${d}`)))
      return sealing
    },
    async rotate() {
      const sets = await Promise.all(o.algorithms.map(readOrMake))
      const early = sets.find((set) => !isNextKnown(set, now()))
      if (early) {
        const sentence = `${early._id}: the next signing key was published less than 10 minutes ago; verifiers may not know it yet`
        throw new MaitredError('conflict', { cause: new Error(sentence) })
      }
      await Promise.all(sets.map(rotateOne))
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async close() {
      clearInterval(timer)
      listeners.clear()
      await watching.stop()
    },
  }
}

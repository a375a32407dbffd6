/**
 * The keys of one signature algorithm as one document, so that whoever reads it sees a whole set, and
 * rotating is one compare-and-set. Private keys are sealed; nothing here is a key by itself.
 */
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { z } from 'zod'
import { defineCollection } from '../storage/storage.ts'
import type { Vault } from './vault.ts'

const algorithms = ['ES256', 'RS256', 'EdDSA'] as const
export type SigningAlgorithm = (typeof algorithms)[number]

const keySchema = z.strictObject({
  /** RFC 7638 thumbprint. */
  kid: z.string(),
  /** The private JWK, sealed for its `kid`. */
  sealed: z.string(),
  /** Since when it is published. */
  publishedAt: z.date(),
})

const keySetSchema = z.strictObject({
  _id: z.enum(algorithms),
  version: z.number().int(),
  /** Since when `current` signs. */
  rotatedAt: z.date(),
  current: keySchema,
  next: keySchema,
  previous: z.array(keySchema.extend({ retiredAt: z.date() })),
})

export type StoredKey = z.infer<typeof keySchema>
export type KeySet = z.infer<typeof keySetSchema>

export const keySetCollection = defineCollection<KeySet>({
  name: 'signingKeys',
  schema: keySetSchema,
  watched: true,
})

const day = 24 * 60 * 60 * 1_000
/** How long a key signs. */
const signsFor = 90 * day
/** How long it is published after that, at least: longer than any token it signed lives. */
const keptFor = 30 * day
/** How long it is published before that: longer than anybody keeps a copy of our key set. */
const publishedBefore = 10 * 60 * 1_000

export async function makeKeySet(algorithm: SigningAlgorithm, vault: Vault, now: Date): Promise<KeySet> {
  const [current, next] = await Promise.all([makeKey(algorithm, vault, now), makeKey(algorithm, vault, now)])
  return { _id: algorithm, version: 1, rotatedAt: now, current, next, previous: [] }
}

/** The set after this one: the next key signs, the one that signed is kept, a new one is published. */
export async function rotateKeySet(set: KeySet, vault: Vault, now: Date): Promise<KeySet> {
  return {
    _id: set._id,
    version: set.version + 1,
    rotatedAt: now,
    current: set.next,
    next: await makeKey(set._id, vault, now),
    previous: [{ ...set.current, retiredAt: now }, ...set.previous.filter((key) => isKept(key, now))],
  }
}

export function isDue(set: KeySet, now: Date): boolean {
  return now.getTime() - set.rotatedAt.getTime() >= signsFor
}

/** Whether everybody who verifies our tokens can know the next key. The first two were published together. */
export function isNextKnown(set: KeySet, now: Date): boolean {
  return set.version === 1 || now.getTime() - set.next.publishedAt.getTime() >= publishedBefore
}

/** Private JWKs: what signs comes first. @throws MaitredError `internal` when the vault does not open one */
export function openKeySet(set: KeySet, vault: Vault): JWK[] {
  const keys = [set.current, set.next, ...set.previous]
  return keys.map(({ kid, sealed }) => JSON.parse(vault.open(purpose(kid), sealed)))
}

function isKept(key: { retiredAt: Date }, now: Date): boolean {
  return now.getTime() - key.retiredAt.getTime() < keptFor
}

async function makeKey(algorithm: SigningAlgorithm, vault: Vault, now: Date): Promise<StoredKey> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2_048 })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  const sealed = vault.seal(purpose(kid), JSON.stringify({ ...jwk, kid, alg: algorithm, use: 'sig' }))
  return { kid, sealed, publishedAt: now }
}

function purpose(kid: string): string {
  return `signing key ${kid}`
}

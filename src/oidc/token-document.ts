/** What is stored of codes, refresh tokens, interactions and other things with an id: one collection. */
import { z } from 'zod'
import { sha256 } from '../keys/keys.ts'
import { defineCollection } from '../storage/storage.ts'

const record = z.record(z.string(), z.unknown())

const tokenSchema = z.strictObject({
  /** `<kind>:<SHA-256 of the id>`: a token of one kind is never found at the place of another. */
  _id: z.string(),
  kind: z.string(),
  payload: record,
  /** A snapshot of the grant, so that the token endpoint reads one document. */
  grant: record.optional(),
  grantId: z.string().optional(),
  person: z.string().optional(),
  application: z.string().optional(),
  session: z.string().optional(),
  /** When the password was set that its session was proved by. */
  passwordSetAt: z.date().optional(),
  /** Survives the end of its session (`offline_access`). */
  offline: z.boolean().optional(),
  userCode: z.string().optional(),
  consumedAt: z.date().optional(),
  /** Refresh token families: how often rotated, when last, and the key that makes each successor. */
  generation: z.number().int().optional(),
  rotatedAt: z.date().optional(),
  key: z.string().optional(),
  expires: z.date(),
})

export type TokenDocument = z.infer<typeof tokenSchema>

export const tokenCollection = defineCollection<TokenDocument>({
  name: 'tokens',
  schema: tokenSchema,
  unique: [['userCode']],
  index: [['grantId'], ['session'], ['person', 'application'], ['application']],
  expires: 'expires',
})

export function tokenId(kind: string, id: string): string {
  return `${kind}:${sha256(id)}`
}

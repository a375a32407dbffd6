/** One API (resource server) that tokens are made for (RFC 8707). */
import { z } from 'zod'
import { defineCollection } from '../storage/storage.ts'

const apiSchema = z.strictObject({
  /** The resource indicator: an absolute URI. */
  _id: z.string().min(1).max(500),
  name: z.string().min(1).max(200),
  /** Scopes an application can ask for, each with the words that the consent page shows. */
  scopes: z.array(z.strictObject({ name: z.string(), description: z.string() })).max(200),
})

export type Api = z.infer<typeof apiSchema>

export const apiCollection = defineCollection<Api>({ name: 'apis', schema: apiSchema, watched: true })

/** A role: what its holders may do, per API. People embed a copy; this is the truth. */
import { z } from 'zod'
import { defineCollection } from '../storage/storage.ts'

const mostPermissions = 200

export const roleSchema = z.strictObject({
  /** What tokens carry in `roles`. */
  _id: z.string().regex(/^[^\s\p{Cc}]{1,100}$/u),
  title: z.string().min(1).max(200),
  description: z.string().max(2_000).exactOptional(),
  /** Rises whenever what it allows changes. */
  version: z.number().int(),
  /** `api` is the resource's URI, or `*` for every one. */
  permissions: z
    .array(
      z.strictObject({
        api: z.string().min(1).max(500),
        names: z.array(z.string().regex(/^[^\s\p{Cc}]{1,100}$/u)),
      }),
    )
    .refine((list) => list.flatMap(({ names }) => names).length <= mostPermissions),
  /** Its holders need a second factor. */
  mfa: z.boolean(),
})

export type Role = z.infer<typeof roleSchema>

/** The role and how far its copies have got. */
const storedRoleSchema = roleSchema.extend({
  /** Every copy is at least of this version. */
  copiedVersion: z.number().int(),
  /** Allows nothing any more and is taken from everybody; it stays, so that versions go on when it is made again. */
  removed: z.boolean(),
})

export type StoredRole = z.infer<typeof storedRoleSchema>

export const roleCollection = defineCollection<StoredRole>({
  name: 'roles',
  schema: storedRoleSchema,
  watched: true,
})

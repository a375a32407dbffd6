/** The person: one document that a sign-in, a token and a permission check can each be answered from. */
import { z } from 'zod'
import { defineCollection } from '../storage/storage.ts'

/** No control characters: these words reach mail headers and logs. */
const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^\P{Cc}*$/u)
const name = line(100)
const addressLine = line(200)

export const addressSchema = z.strictObject({
  street: addressLine.exactOptional(),
  city: addressLine.exactOptional(),
  postalCode: line(20).exactOptional(),
  region: addressLine.exactOptional(),
  country: addressLine.exactOptional(),
})

/** A role as it was when it was copied; `orgs` knows whether it is still so. */
const roleCopy = z.strictObject({
  id: z.string(),
  version: z.number().int(),
  permissions: z.array(z.strictObject({ api: z.string(), names: z.array(z.string()) })),
  /** Whoever has this role needs a second factor. */
  mfa: z.boolean(),
})

export const personSchema = z.strictObject({
  /** Opaque and never given again; `sub` in tokens. */
  _id: z.string().min(1).max(100),
  /** Counts every change: what a writer that read the whole document guards on. */
  revision: z.number().int(),
  /** Normalised, as in `identifiers`, which keeps it unique. */
  email: z.string().exactOptional(),
  emailVerified: z.boolean(),
  username: z.string().exactOptional(),
  /** E.164. */
  phone: z.string().exactOptional(),
  firstName: name.exactOptional(),
  lastName: name.exactOptional(),
  address: addressSchema.exactOptional(),
  /** YYYY-MM-DD: a day, not an instant. */
  birthdate: z.iso.date().exactOptional(),
  /** Id in `pictures`. */
  picture: z.string().exactOptional(),
  password: z.strictObject({ hash: z.string(), changedAt: z.date() }).exactOptional(),
  totp: z
    .strictObject({
      /** Sealed by the vault. */
      secret: z.string(),
      /** The last accepted time step (RFC 6238, section 5.2); only later ones are accepted. */
      lastStep: z.number().int(),
      enrolledAt: z.date(),
      label: z.string().max(200),
    })
    .exactOptional(),
  recovery: z
    .strictObject({ salt: z.string(), hashes: z.array(z.string()).max(20), madeAt: z.date() })
    .exactOptional(),
  roles: z.array(roleCopy).max(50),
  /** `waiting`: for an administrator's approval. */
  status: z.enum(['active', 'disabled', 'waiting']),
  /** An administrator requires a second factor of this person. */
  mfa: z.boolean().exactOptional(),
  language: z.enum(['en', 'de']).exactOptional(),
  createdAt: z.date(),
  createdBy: z.string(),
  updatedAt: z.date(),
  updatedBy: z.string(),
})

export type Person = z.infer<typeof personSchema>
export type RoleCopy = Person['roles'][number]

/** What people say of themselves, as it may be written. */
export const profileSchema = personSchema.pick({
  firstName: true,
  lastName: true,
  address: true,
  birthdate: true,
  language: true,
})

export const personCollection = defineCollection<Person>({
  name: 'people',
  schema: personSchema,
  index: [['email'], ['username'], ['phone'], ['roles.id']],
  watched: true,
})

/** Who owns an identifier: `_id` is the normalised form with its kind, `email:ada@x.y`. */
const identifierSchema = z.strictObject({ _id: z.string(), person: z.string() })

export const identifierCollection = defineCollection({
  name: 'identifiers',
  schema: identifierSchema,
  index: [['person']],
})

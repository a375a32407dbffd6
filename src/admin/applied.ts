/**
 * Which password and second factor a state file gave a person last. Who changes them afterwards keeps
 * what they chose: the next `apply` sets them anew only when the file itself says something new.
 */
import { z } from 'zod'
import { defineCollection, type Write } from '../storage/storage.ts'

const appliedSchema = z.strictObject({
  /** The person's id. */
  _id: z.string(),
  /** The hash that was set. */
  password: z.string().exactOptional(),
  /** A MAC of the secret that was set. */
  totp: z.string().exactOptional(),
})

export type Applied = z.infer<typeof appliedSchema>

export const appliedCollection = defineCollection<Applied>({ name: 'applied', schema: appliedSchema })

/** To stand in the batch that deletes a person. */
export function forgetApplied(person: string): Write {
  return { in: appliedCollection, remove: { _id: person } }
}

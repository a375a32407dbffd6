/** One promise in an outbox: what is to be done, and how far it has come. */
import { z } from 'zod'
import { type CollectionSpec, defineCollection } from '../storage/storage.ts'

export interface OutboxRow {
  /** Stable over all tries; whoever is asked twice can tell by it. */
  _id: string
  /** What kind of thing it is, for log and admin: never personal data. */
  about: string
  /** What the worker needs; the outbox does not look into it. Emptied when the row is given up. */
  content: Record<string, string>
  /** When it was promised. */
  since: Date
  /** How often it was begun, but for the tries that fell into an outage. */
  attempts: number
  /** Not before this. Absent: given up. */
  due?: Date | undefined
  /** Who works on it now. */
  claim?: string | undefined
  /** Raised by each claim, and by the one who works on it for as long as it does. */
  beats: number
  /** Why it failed the last time: a sentence for the admin. */
  failure?: string | undefined
  diedAt?: Date | undefined
  /** Only of a row that was given up: until then it can be seen. */
  expires?: Date | undefined
}

const schema: z.ZodType<OutboxRow> = z.strictObject({
  _id: z.string(),
  about: z.string(),
  content: z.record(z.string(), z.string()),
  since: z.date(),
  attempts: z.int(),
  due: z.date().optional(),
  claim: z.string().optional(),
  beats: z.int(),
  failure: z.string().optional(),
  diedAt: z.date().optional(),
  expires: z.date().optional(),
})

/** Declares the collection of one outbox. */
export function outboxCollection(name: string): CollectionSpec<OutboxRow> {
  return defineCollection({ name, schema, index: [['due'], ['diedAt']], expires: 'expires' })
}

/** The audit trail at rest: rows are added, and leave only by age. They hold ids, never names or secrets. */
import { z } from 'zod'
import { type CollectionSpec, defineCollection } from '../storage/storage.ts'
import { type EventType, eventTypes } from './catalogue.ts'

/** Where a request came from. */
export interface Origin {
  ip: string
  /** As a person would say it: "Chrome on Windows". */
  device: string
  userAgent: string
}

export interface AuditRow {
  /** Rises with time within a process, so that what one batch records keeps its order. */
  _id: string
  type: EventType
  at: Date
  /** Whom it is about. */
  person?: string | undefined
  /** Who did it, when it was somebody else. */
  actor?: string | undefined
  /** The client's id. */
  application?: string | undefined
  origin?: Origin | undefined
  detail?: Record<string, string> | undefined
  expires: Date
}

const schema: z.ZodType<AuditRow> = z.strictObject({
  _id: z.string(),
  type: z.enum(eventTypes),
  at: z.date(),
  person: z.string().optional(),
  actor: z.string().optional(),
  application: z.string().optional(),
  origin: z.strictObject({ ip: z.string(), device: z.string(), userAgent: z.string() }).optional(),
  detail: z.record(z.string(), z.string()).optional(),
  expires: z.date(),
})

export const audit: CollectionSpec<AuditRow> = defineCollection({
  name: 'audit',
  schema,
  index: [
    ['person', 'at'],
    ['actor', 'at'],
    ['type', 'at'],
  ],
  expires: 'expires',
})

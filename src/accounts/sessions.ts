/**
 * Sessions as people see them: which device, since when, last used. The protocol's part of a session
 * (what it authorised) lies in the same document, so that a request reads one; `oidc` alone writes it.
 */
import { z } from 'zod'
import { type Collection, defineCollection, type Store } from '../storage/storage.ts'

const sessionSchema = z.strictObject({
  /** The session's uid: it names the session and opens nothing. */
  _id: z.string(),
  /** SHA-256 of the identifier in the cookie; it changes at every authentication. */
  key: z.string(),
  person: z.string().optional(),
  amr: z.array(z.string()).optional(),
  acr: z.string().optional(),
  authTime: z.date().optional(),
  /** What the protocol keeps: authorisations per application, state of a sign-out page. */
  protocol: z.record(z.string(), z.unknown()),
  /** Grants of this session by id, so that an authorization reads no other document. */
  grants: z.record(z.string(), z.record(z.string(), z.unknown())),
  device: z.string(),
  ip: z.string(),
  startedAt: z.date(),
  lastUsedAt: z.date(),
  expires: z.date(),
})

export type SessionDocument = z.infer<typeof sessionSchema>

export const sessionCollection = defineCollection<SessionDocument>({
  name: 'sessions',
  schema: sessionSchema,
  unique: [['key']],
  index: [['person']],
  expires: 'expires',
})

export interface Sessions {
  get(uid: string): Promise<SessionDocument | undefined>
  /** The 100 that were used last, the latest first. */
  list(person: string): Promise<SessionDocument[]>
  /** Every session of a person, in no order. */
  all(person: string): Promise<SessionDocument[]>
}

export function createSessions({ store }: { store: Store }): Sessions {
  const sessions: Collection<SessionDocument> = store.collection(sessionCollection)
  return {
    get: (uid) => sessions.get(uid),
    list: (person) => sessions.find({ person }, { sort: { field: 'lastUsedAt', order: 'desc' }, limit: 100 }),
    async all(person) {
      const found: SessionDocument[] = []
      for (;;) {
        const last = found.at(-1)?._id
        const page = await sessions.find({ person }, last ? { after: { value: last, id: last } } : {})
        found.push(...page)
        if (page.length < 1_000) return found
      }
    },
  }
}

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
  /** When the password was set that it was proved by; absent of people without one, and in sessions of long ago. */
  passwordSetAt: z.date().optional(),
  /** What the protocol keeps: authorisations per application, state of a sign-out page. */
  protocol: z.record(z.string(), z.unknown()),
  /** Grants of this session by id, so that an authorization reads no other document. */
  grants: z.record(z.string(), z.record(z.string(), z.unknown())),
  device: z.string(),
  ip: z.string(),
  startedAt: z.date(),
  lastUsedAt: z.date(),
  /**
   * When it ends if nobody uses it before: at its absolute end or, with an idle limit, sooner. Absent until
   * somebody signs in.
   */
  ends: z.date().optional(),
  /** When the store forgets it: `SESSION_GRACE` after its absolute end, for its applications must be told. */
  expires: z.date(),
})

export type SessionDocument = z.infer<typeof sessionSchema>

export const sessionCollection = defineCollection<SessionDocument>({
  name: 'sessions',
  schema: sessionSchema,
  unique: [['key']],
  index: [['person'], ['ends']],
  expires: 'expires',
})

/** Seconds in which a session that has ended by itself still lies in the store, to be ended with all it gave out. */
export const SESSION_GRACE = 86_400

/** Reports whether its time is over, though nobody may have ended it yet. */
export function isPast({ ends }: Pick<SessionDocument, 'ends'>, now: Date): boolean {
  return ends !== undefined && ends <= now
}

export interface Sessions {
  get(uid: string): Promise<SessionDocument | undefined>
  /** The 100 that were used last, the latest first. */
  list(person: string): Promise<SessionDocument[]>
  /** Every session of a person, in no order; also those past their end that nobody has ended yet. */
  all(person: string): Promise<SessionDocument[]>
}

export function createSessions({ store, now }: { store: Store; now: () => Date }): Sessions {
  const sessions: Collection<SessionDocument> = store.collection(sessionCollection)
  return {
    async get(uid) {
      const found = await sessions.get(uid)
      return found && !isPast(found, now()) ? found : undefined
    },
    async list(person) {
      const sort = { field: 'lastUsedAt', order: 'desc' } as const
      const found = await sessions.find({ person }, { sort, limit: 100 })
      return found.filter((session) => !isPast(session, now()))
    },
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

/**
 * Who is signed in to this app. Sessions lie in memory, so a restart signs everybody out of the app
 * (and one click signs them in again); put them into your database if that matters to you.
 */
import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { UserInfoResponse } from 'openid-client'
import type { Tokens } from './sign-in.ts'

export interface Session {
  tokens: Tokens
  profile: UserInfoResponse
  /** What the API said last that this person may do. */
  permissions?: readonly string[]
  /** Whether the API has accepted a token of this session. */
  accepted?: boolean
  /** A refresh on its way, so that two requests of one browser do not both start one. */
  refreshing?: Promise<boolean>
}

export type Sessions = ReturnType<typeof createSessions>

const MINUTE = 60_000
const PER_PERSON = 20

export function createSessions() {
  // Bounded in number and time: who signs in all day fills no memory, and takes their own older places first.
  const sessions = new LRUCache<string, Session>({ max: 10_000, ttl: 8 * 60 * MINUTE })

  return {
    /** Always a new id: one that was known before the sign-in must not become worth something. */
    open(session: Session): string {
      // The latest come first.
      const own = [...sessions.entries()].filter(
        ([, { tokens }]) => tokens.claims.sub === session.tokens.claims.sub,
      )
      for (const [oldest] of own.slice(PER_PERSON - 1)) sessions.delete(oldest)
      const id = randomBytes(32).toString('base64url')
      sessions.set(id, session)
      return id
    },

    get: (id: string | undefined): Session | undefined => (id ? sessions.get(id) : undefined),

    close: (id: string | undefined): void => {
      if (id) sessions.delete(id)
    },

    /** Ends what a logout token names: one session of the provider, or all of a person. */
    endedElsewhere(token: { sid?: string; sub?: string }): void {
      for (const [id, { tokens }] of sessions.entries()) {
        const same = token.sid ? tokens.claims.sid === token.sid : tokens.claims.sub === token.sub
        if (same) sessions.delete(id)
      }
    },
  }
}

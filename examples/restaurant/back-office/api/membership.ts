/**
 * Who of the staff a caller is. Documents of the staff are made before their people ever sign in, so a person is
 * known by their verified email once, at their first call, and by `sub` from then on.
 */
import { LRUCache } from 'lru-cache'
import type { Caller } from 'maitred/guard'
import type { Store } from 'maitred/storage'
import { z } from 'zod'
import { type StaffMember, staff } from '../documents.ts'
import { Problem } from './problem.ts'

export interface Membership {
  /**
   * @param token the caller's own
   * @throws Problem 503 when the issuer has to be asked and does not answer.
   */
  memberOf(caller: Caller, token: string): Promise<StaffMember | undefined>
  /** The staff has changed: strangers may be none any more. */
  forgetStrangers(): void
}

export interface MembershipOptions {
  store: Store
  issuer: string
  now: () => Date
  fetch: typeof globalThis.fetch
}

const discovered = z.object({ issuer: z.string(), userinfo_endpoint: z.url() })
const profile = z.object({
  sub: z.string(),
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
})

const patienceMs = 5_000

export function createMembership({ store, issuer, now, fetch }: MembershipOptions): Membership {
  const members = store.collection(staff)
  // Guests call often, and each of them is a stranger here.
  const strangers = new LRUCache<string, true>({ max: 10_000, ttl: 60_000 })

  async function ask(url: string, headers: Record<string, string>): Promise<Response> {
    try {
      const answer = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(patienceMs) })
      if (answer.status >= 500) throw new Error(`${url} answered ${answer.status}`)
      return answer
    } catch (cause) {
      throw new Problem(503, 'The sign-in does not answer. Try again soon.', {
        headers: { 'Retry-After': '5' },
        cause,
      })
    }
  }

  /** The email, when the issuer vouches for it. */
  async function verifiedEmail(sub: string, token: string): Promise<string | undefined> {
    const { userinfo_endpoint: url } = discovered.parse(
      await (await ask(`${issuer}/.well-known/openid-configuration`, {})).json(),
    )
    const answer = await ask(url, { Authorization: `Bearer ${token}`, Accept: 'application/json' })
    // The token was given without the scopes for it.
    if (!answer.ok) return undefined
    const person = profile.parse(await answer.json())
    // OpenID Connect Core 1.0 §5.3.2: an answer about somebody else must not be used.
    return person.sub === sub && person.email_verified ? person.email?.toLowerCase() : undefined
  }

  async function link(sub: string, token: string): Promise<StaffMember | undefined> {
    const email = await verifiedEmail(sub, token)
    if (email === undefined) return undefined
    // Only a document that is nobody's yet: an address that changes hands does not hand over the place.
    const match = { email, active: true, sub: { $exists: false } }
    return members.update(match, { $set: { sub, updatedAt: now() }, $inc: { version: 1 } })
  }

  async function linked(sub: string): Promise<StaffMember | undefined> {
    const [known] = await members.find({ sub }, { limit: 1 })
    return known
  }

  return {
    async memberOf(caller, token) {
      const { id: sub, claims } = caller
      const known = await linked(sub)
      if (known) return known.active ? known : undefined
      if (strangers.has(sub) || !mayAskUserinfo(claims, issuer)) return undefined
      // Of a person's first calls, made all at once, one makes the link and the others find it.
      const member = (await link(sub, token)) ?? (await linked(sub))
      if (!member) strangers.set(sub, true)
      return member
    },
    forgetStrangers: () => strangers.clear(),
  }
}

/** A token of a machine is about nobody, and one that is bound to a key is of no use to us elsewhere. */
function mayAskUserinfo({ aud, cnf }: Caller['claims'], issuer: string): boolean {
  return cnf === undefined && [aud].flat().includes(issuer)
}

/**
 * One-use secrets that are mailed or shown: at rest only as their SHA-256, bound to a purpose, taken by
 * exactly one caller. What a ticket allows is the business of whoever takes it.
 */
import { z } from 'zod'
import { randomToken, sha256 } from '../keys/keys.ts'
import { defineCollection, type Store, type Write } from '../storage/storage.ts'

const purposes = ['reset', 'verify', 'change-email', 'admin-invite', 'signup', 'second-factor'] as const

const ticketSchema = z.strictObject({
  /** SHA-256 of the token. */
  _id: z.string(),
  purpose: z.enum(purposes),
  person: z.string().exactOptional(),
  data: z.record(z.string(), z.unknown()),
  createdAt: z.date(),
  expires: z.date(),
})

export type TicketPurpose = (typeof purposes)[number]
export type Ticket = z.infer<typeof ticketSchema>

export const ticketCollection = defineCollection<Ticket>({
  name: 'tickets',
  schema: ticketSchema,
  index: [['person', 'purpose']],
  expires: 'expires',
})

export interface NewTicket {
  purpose: TicketPurpose
  person?: string
  /** JSON values; it lies in clear, so secrets go in as hashes or sealed. */
  data?: Record<string, unknown>
  ttlSeconds: number
  /** Voids the person's older tickets of this purpose. */
  replaces?: boolean
}

export interface Tickets {
  /** The token (256 random bits, base64url) exists only here; the writes make it valid. */
  issue(ticket: NewTicket): { token: string; writes: Write[] }
  /** Looks without using it up: a page that is only opened never acts. */
  peek(purpose: TicketPurpose, token: string): Promise<Ticket | undefined>
  /** Uses it up: of any number of callers exactly one gets it. */
  take(purpose: TicketPurpose, token: string): Promise<Ticket | undefined>
  /** `take` as the guard of a batch: a used, expired or foreign token fails the batch. */
  takeWrite(purpose: TicketPurpose, token: string): Write
}

export function createTickets({ store, now }: { store: Store; now: () => Date }): Tickets {
  const tickets = store.collection(ticketCollection)

  return {
    issue({ purpose, person, data = {}, ttlSeconds, replaces }) {
      const token = randomToken()
      const createdAt = now()
      const ticket: Ticket = {
        _id: sha256(token),
        purpose,
        ...(person !== undefined && { person }),
        data,
        createdAt,
        expires: new Date(createdAt.getTime() + ttlSeconds * 1_000),
      }
      const voided = replaces && person !== undefined ? [voidTickets(person, [purpose])] : []
      return { token, writes: [...voided, { in: ticketCollection, insert: ticket }] }
    },
    async peek(purpose, token) {
      const ticket = await tickets.get(sha256(token))
      return ticket?.purpose === purpose ? ticket : undefined
    },
    take: (purpose, token) => tickets.take(named(purpose, token)),
    takeWrite: (purpose, token) => ({ in: ticketCollection, take: named(purpose, token) }),
  }
}

/** Voids a person's tickets: what was mailed before the password or the address changed must not work after it. */
export function voidTickets(person: string, of: readonly TicketPurpose[] = purposes): Write {
  return { in: ticketCollection, remove: { person, purpose: { $in: of } } }
}

function named(purpose: TicketPurpose, token: string): { _id: string; purpose: string } {
  return { _id: sha256(token), purpose }
}

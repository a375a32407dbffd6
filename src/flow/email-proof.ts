/**
 * Proof that an address is somebody's: a code that works only in the browser that asked, five tries, and a
 * link that works anywhere (there with one more proof). Both are mailed together and used up together.
 */
import { randomInt } from 'node:crypto'
import type { Context } from 'koa'
import { type Ticket, type TicketPurpose, type Tickets, ticketCollection } from '../accounts/accounts.ts'
import { MaitredError } from '../errors.ts'
import { cookieName, type Limits } from '../http/http.ts'
import { randomToken, sha256 } from '../keys/keys.ts'
import { type Store, StoreUnavailableError, type Write } from '../storage/storage.ts'

const MINUTES = 30
const TRIES = 5
const MAILS_PER_HOUR = 5
/** One is left for whoever forgot the password: strangers can ask for these. */
const PROOFS_PER_HOUR = 4

/** What nobody needs any more once the address is proven. */
const SECRETS = ['passwordHash', 'salt', 'codeHash', 'firstName', 'lastName']

export type ProofPurpose = Extract<TicketPurpose, 'signup' | 'verify' | 'change-email'>

export interface NewProof {
  purpose: ProofPurpose
  email: string
  person?: string
  /** What is done once the address is proven; JSON values, secrets only hashed. */
  data: Record<string, unknown>
  /** The letter with code and link, as data; none, and the proof can never succeed. */
  letter?: ((secrets: { code: string; link: string; validMinutes: string }) => Write[]) | undefined
  /** Path of the page that the link opens. */
  path: string
}

export interface EmailProofs {
  /** Mails a new code and link; older ones of this browser stop working. @throws MaitredError `too_many_requests` */
  begin(ctx: Context, proof: NewProof): Promise<void>
  /** What this browser is proving, if anything. */
  current(ctx: Context, purpose: ProofPurpose): Promise<Ticket | undefined>
  /** Checks the code of this browser. @throws MaitredError `invalid_form` for the field `code` */
  check(ctx: Context, purpose: ProofPurpose, code: string): Promise<Ticket>
  /** What a link proves, whether it was opened where the proof began, and whether it has been used up for `person`. */
  byLink(
    ctx: Context,
    purpose: ProofPurpose,
    token: string,
  ): Promise<{ ticket: Ticket; sameBrowser: boolean; isUsed: boolean } | undefined>
  /**
   * Uses the proof up, as guards of the batch that acts on it. With `person`, whom it has made, the browser that it
   * began in can learn of it, for as long as the proof would have lasted.
   */
  spend(ticket: Ticket, person?: string): Write[]
  /** What this browser began to prove, and a link has proven since. */
  confirmed(ctx: Context, purpose: ProofPurpose): Promise<Ticket | undefined>
  forget(ctx: Context): void
}

export interface EmailProofsOptions {
  issuer: string
  store: Store
  tickets: Tickets
  limits: Limits
  wake(): void
}

export function createEmailProofs(options: EmailProofsOptions): EmailProofs {
  const { issuer, store, tickets, limits } = options
  const cookie = cookieName(issuer, 'proof')
  const secure = issuer.startsWith('https:')
  const held = store.collection(ticketCollection)

  function setCookie(ctx: Context, value: string | null): void {
    ctx.cookies.secure = secure
    ctx.cookies.set(cookie, value, { httpOnly: true, sameSite: 'lax', secure, path: '/', overwrite: true })
  }

  async function own(
    ctx: Context,
    purpose: ProofPurpose,
    role: 'browser' | 'used',
  ): Promise<Ticket | undefined> {
    const token = ctx.cookies.get(cookie)
    const ticket = token ? await tickets.peek(purpose, token) : undefined
    return ticket?.data.role === role ? ticket : undefined
  }

  const current: EmailProofs['current'] = (ctx, purpose) => own(ctx, purpose, 'browser')

  return {
    current,
    confirmed: (ctx, purpose) => own(ctx, purpose, 'used'),

    async begin(ctx, { purpose, email, person, data, letter, path }) {
      await limits.takeAll([
        { key: `proof-mail:${email}`, max: PROOFS_PER_HOUR, windowSeconds: 3_600 },
        { key: `mail:${email}`, max: MAILS_PER_HOUR, windowSeconds: 3_600 },
      ])
      const before = await current(ctx, purpose)
      const code = String(randomInt(1_000_000)).padStart(6, '0')
      const about = { ...(person && { person }), purpose, ttlSeconds: MINUTES * 60 }
      const salt = randomToken(16)
      const kept = { ...data, email, salt, codeHash: sha256(`${salt}.${code}`) }
      const browser = tickets.issue({ ...about, data: { ...kept, role: 'browser' } })
      const link = tickets.issue({
        ...about,
        data: { ...kept, role: 'link', browser: sha256(browser.token) },
      })
      const secrets = { code, link: `${issuer}${path}?token=${link.token}`, validMinutes: String(MINUTES) }
      await store.batch([
        ...browser.writes,
        ...link.writes,
        ...(before ? [{ in: ticketCollection, remove: { _id: before._id } }] : []),
        ...(letter?.(secrets) ?? []),
      ])
      setCookie(ctx, browser.token)
      options.wake()
    },

    async check(ctx, purpose, typed) {
      const ticket = await current(ctx, purpose)
      if (!ticket) throw wrong('error.code.expired')
      const key = `proof:${ticket._id}`
      try {
        await limits.take(key, { max: TRIES, windowSeconds: MINUTES * 60 })
      } catch (error) {
        if (error instanceof StoreUnavailableError) throw error
        throw wrong('error.code.tooMany')
      }
      const code = typed.normalize('NFKC').replace(/[\s-]/g, '')
      if (sha256(`${String(ticket.data.salt)}.${code}`) !== ticket.data.codeHash)
        throw wrong('error.code.wrong')
      return ticket
    },

    async byLink(ctx, purpose, token) {
      const ticket = await tickets.peek(purpose, token)
      if (ticket?.data.role !== 'link') return undefined
      const begun = await held.get(String(ticket.data.browser))
      const mine = ctx.cookies.get(cookie)
      const sameBrowser = mine !== undefined && sha256(mine) === ticket.data.browser
      return begun && { ticket, sameBrowser, isUsed: begun.data.role === 'used' }
    },

    // Code and link are one proof: whichever is used, the browser's ticket is what is used up.
    spend({ _id: own, data }, person) {
      const _id = data.role === 'link' ? String(data.browser) : own
      if (person === undefined) return [{ in: ticketCollection, take: { _id } }]
      const $unset = Object.fromEntries(SECRETS.map((name) => [`data.${name}`, true as const]))
      const change = { $set: { person, 'data.role': 'used' }, $unset }
      return [{ in: ticketCollection, update: { _id, 'data.role': 'browser' }, change }]
    },
    forget: (ctx) => setCookie(ctx, null),
  }
}

function wrong(code: string): MaitredError {
  return new MaitredError('invalid_form', { fields: { code } })
}

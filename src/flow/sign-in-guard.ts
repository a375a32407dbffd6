/**
 * Guessing is slowed, the owner is not locked out: attempts that fail count per account and per address, and a device
 * that signed in to this account before has a count of its own. A success takes back what was counted in a row.
 */
import type { Context } from 'koa'
import { type Person, readIdentifier } from '../accounts/accounts.ts'
import type { Events } from '../events/events.ts'
import { addressKey, type Limits, requestState } from '../http/http.ts'
import { randomToken } from '../keys/keys.ts'
import type { Store, Write } from '../storage/storage.ts'
import type { DeviceCookie } from './device-cookie.ts'
import type { Letters } from './letters.ts'
import { signInRecord } from './sign-in-record.ts'
import type { Flow } from './step.ts'

const WINDOW_SECONDS = 900
const PER_ACCOUNT = 20
const PER_ADDRESS = 100
const PER_DEVICE = 20
const PER_FACTOR = 10
/**
 * Failures in a row over days, by strangers at one identifier and on all known devices together: 25 at each of
 * three identifiers and 25 on the devices are the hundred that NIST SP 800-63B-4, section 3.2.2, allows. Then a
 * new password, by a mailed link, or a device that is known lets the owner in.
 */
const IN_A_ROW = 25
const ROW_SECONDS = 30 * 86_400
/** Of a second factor, whatever is forgiven meanwhile: who only reads the owner's mails has as many, and no more. */
const FACTORS_AT_ALL = 100
/** Of a mark: the device's random id, in characters; the rest is our MAC over it. */
const ID = 16
const FIRST_HOUR_MS = 3_600_000

export interface Attempt {
  /** It was a success, as data for the batch of what it leads to; it never fails one. */
  writes(): Write[]
  /** It was a success that leads to nothing else. */
  succeed(): Promise<void>
}

/** A complete sign-in. */
export interface Arrival {
  /** For its batch. */
  writes: Write[]
  /** Makes this device known; before the answer is written. */
  remember(): void
  /** Once the batch is made. */
  done(): void
}

type Where = Pick<Flow, 'ctx' | 'application' | 'now'>

export interface SignInGuard {
  /**
   * Makes an attempt at a password, which is counted where `isRight` says no; `undefined` then. The work is the same
   * whether or not there is such a person.
   * @param identifier as it was typed, nothing where the person is known already
   * @throws MaitredError `too_many_requests`
   */
  check(
    ctx: Context,
    person: Person | undefined,
    identifier: string | undefined,
    isRight: () => Promise<boolean>,
  ): Promise<Attempt | undefined>
  /** Counts an attempt at a second factor. @throws MaitredError `too_many_requests` */
  beginFactor(person: Person): Promise<Attempt>
  /**
   * What failed is not held against the account any more, as data: a password was set, by whoever has the mailed link,
   * or `by` an operator, who knows whose account it is.
   */
  forgive(person: Person, by?: 'operator'): Write[]
  /**
   * The mailed link was opened on this device: it counts as known from now on, so that strangers who go on guessing do
   * not shut the owner out. Before the answer is written.
   */
  know(ctx: Context, person: Person): void
  /** The sign-in is complete: into the history, and a mail when the device is new. */
  arrival(
    where: Where,
    person: Person,
    method: string,
    about?: {
      attempt?: Attempt | undefined
      /** When the password was shown, where this ends what it began (`beginningOf`). */
      begun?: string | undefined
      /** False where a device could never be known again: then none is called new. */
      keepsCookies?: boolean
    },
  ): Arrival
}

export interface SignInGuardOptions {
  store: Store
  events: Events
  limits: Limits
  devices: DeviceCookie
  mac(purpose: string, data: string): string
  letters: Letters
  wake(): void
}

export function createSignInGuard(options: SignInGuardOptions): SignInGuard {
  const { store, events, limits, devices, mac } = options

  const markOf = (person: Person, id: string): string =>
    id + mac('known-device', `${person._id}:${id}`).slice(0, 22)

  /** The id of this device, where the person has signed in on it before. */
  function deviceOf(ctx: Context, person: Person): string | undefined {
    const own = devices.marks(ctx).find((mark) => mark === markOf(person, mark.slice(0, ID)))
    return own?.slice(0, ID)
  }

  function know(ctx: Context, person: Person): void {
    devices.add(ctx, markOf(person, randomToken(12)))
  }

  function attemptUnder(settled: () => Write[]): Attempt {
    return { writes: settled, succeed: () => store.batch(settled()) }
  }

  const arrival: SignInGuard['arrival'] = (where, person, method, about = {}) => {
    const { attempt, begun, keepsCookies = true } = about
    const { ctx, application, now } = where
    const record = signInRecord(events, { person, application, ctx, method, begun })
    const writes = [record, ...(attempt?.writes() ?? [])]
    if (!keepsCookies || deviceOf(ctx, person) !== undefined) return { writes, remember() {}, done() {} }
    // The very first sign-in of an account is on a new device, too: no mail about what one is just doing.
    const isFirst = now.getTime() - person.createdAt.getTime() < FIRST_HOUR_MS
    const letter = person.email && !isFirst && options.letters.newDevice(where, person)
    return {
      writes: letter ? [...writes, letter] : writes,
      remember: () => know(ctx, person),
      done() {
        if (letter) options.wake()
      },
    }
  }

  return {
    async check(ctx, person, identifier, isRight) {
      const device = person && deviceOf(ctx, person)
      const own =
        person && device !== undefined
          ? [
              // By the device's id: a copied mark counts where the original does, from whatever address.
              briefly(`sign-in-device:${person._id}:${device}`, PER_DEVICE),
              inARow(`sign-in-devices:${person._id}`),
            ]
          : strangersOf(accountKey(person, identifier))
      const address = briefly(`sign-in-address:${addressKey(requestState(ctx).ip)}`, PER_ADDRESS)
      const settled = await limits.attempt([...own, { ...address, shared: true }], isRight)
      return settled && attemptUnder(settled)
    },

    async beginFactor(person) {
      const own = factorsOf(person)
      await limits.takeAll(own)
      return attemptUnder(() => own.flatMap(({ key }) => limits.reset(key)))
    },

    forgive(person, by) {
      const identifiers = [person.email, person.username, person.phone].filter((one) => one !== undefined)
      return [
        ...identifiers.flatMap((identifier) => strangersOf(accountKey(undefined, identifier))),
        inARow(`sign-in-devices:${person._id}`),
        ...factorsOf(person).filter(({ max }) => by === 'operator' || max !== FACTORS_AT_ALL),
      ].flatMap(({ key }) => limits.reset(key))
    },

    know,
    arrival,
  }
}

function briefly(key: string, max: number) {
  return { key, max, windowSeconds: WINDOW_SECONDS }
}

function inARow(key: string) {
  return { key, max: IN_A_ROW, windowSeconds: ROW_SECONDS }
}

function strangersOf(account: string) {
  return [briefly(`sign-in:${account}`, PER_ACCOUNT), inARow(`sign-in-row:${account}`)]
}

function factorsOf({ _id }: Person) {
  return [
    briefly(`factor:${_id}`, PER_FACTOR),
    inARow(`factor-row:${_id}`),
    { key: `factor-all:${_id}`, max: FACTORS_AT_ALL, windowSeconds: ROW_SECONDS },
  ]
}

/**
 * All spellings of one identifier count together, whether or not it is somebody's, and each identifier of a
 * person by itself: one counter for an email address and a user name would tell a stranger that both are one
 * account's, and one for two spellings that there is an account at all. The price is that a person with an
 * address, a user name and a phone number can be guessed at three times as often, which `IN_A_ROW` allows for.
 */
function accountKey(person: Person | undefined, typed: string | undefined): string {
  const identifier = typed ?? person?.email ?? person?.username ?? person?.phone ?? ''
  const read = readIdentifier(identifier)
  return read ? `${read.kind}:${read.value}` : identifier.normalize('NFKC').trim().toLowerCase()
}

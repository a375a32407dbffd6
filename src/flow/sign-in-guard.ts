/**
 * Guessing is slowed, the owner is not locked out: attempts count per account and per address before the
 * check, and a device that signed in to this account before has a count of its own.
 */
import type { Context } from 'koa'
import type { Person } from '../accounts/accounts.ts'
import type { Events } from '../events/events.ts'
import { addressKey, type Limits, requestState } from '../http/http.ts'
import type { Store } from '../storage/storage.ts'
import type { DeviceCookie } from './device-cookie.ts'
import type { Letters } from './letters.ts'
import { signInRecord } from './sign-in-record.ts'
import type { Flow } from './step.ts'

const WINDOW_SECONDS = 900
const PER_ACCOUNT = 20
const PER_ADDRESS = 100
const PER_DEVICE = 20
/** NIST SP 800-63B-4, section 3.2.2: no more than so many failures in a row, wherever they come from. */
const ALL_DEVICES = 100

export interface SignInGuard {
  /** Counts an attempt. @throws MaitredError `too_many_requests` */
  begin(ctx: Context, person: Person | undefined, identifier: string): Promise<{ succeed(): Promise<void> }>
  /** Counts an attempt at a second factor. @throws MaitredError `too_many_requests` */
  beginFactor(person: Person): Promise<{ succeed(): Promise<void> }>
  /** The sign-in is complete: into the history, and a mail when the device is new. */
  welcome(flow: Flow, person: Person, method: string): Promise<void>
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
  const { store, events, limits, devices: marks, mac } = options

  const markOf = (person: Person): string => mac('known-device', person._id).slice(0, 22)

  return {
    async begin(ctx, person, identifier) {
      const { ip } = requestState(ctx)
      // All spellings of one account count together; unknown ones by what was typed.
      const account = person?._id ?? identifier.normalize('NFKC').trim().toLowerCase()
      const known = person && marks.has(ctx, markOf(person))
      const key = known ? `sign-in-device:${account}:${addressKey(ip)}` : `sign-in:${account}`
      const devices = known ? [`sign-in-devices:${account}`] : []
      await limits.takeAll([
        { key, max: known ? PER_DEVICE : PER_ACCOUNT, windowSeconds: WINDOW_SECONDS },
        ...devices.map((all) => ({ key: all, max: ALL_DEVICES, windowSeconds: WINDOW_SECONDS })),
        { key: `sign-in-address:${addressKey(ip)}`, max: PER_ADDRESS, windowSeconds: WINDOW_SECONDS },
      ])
      return { succeed: async () => void (await Promise.all([key, ...devices].map(limits.reset))) }
    },

    async beginFactor(person) {
      const key = `factor:${person._id}`
      await limits.take(key, { max: 10, windowSeconds: WINDOW_SECONDS })
      return { succeed: () => limits.reset(key) }
    },

    async welcome(flow, person, method) {
      const { ctx, application } = flow
      const writes = [signInRecord(events, { person, application, ctx, method })]
      if (!marks.has(ctx, markOf(person))) {
        // The very first sign-in of an account is on a new device, too: no mail about what one is just doing.
        const isFirst = flow.now.getTime() - person.createdAt.getTime() < 3_600_000
        if (person.email && !isFirst) writes.push(options.letters.newDevice(flow, person))
        marks.add(ctx, markOf(person))
      }
      await store.batch(writes)
      options.wake()
    },
  }
}

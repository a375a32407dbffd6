/** Codes from an authenticator app (TOTP, RFC 6238): SHA-1, six digits, 30 seconds, one step either way. */
import { createRequire } from 'node:module'
import type { Person } from '../../accounts/accounts.ts'
import { MaitredError } from '../../errors.ts'
import type { Vault } from '../../keys/keys.ts'
import type { Factor, Verdict } from './factor.ts'

const require = createRequire(import.meta.url)

/** With the first code, because a start would wait for it. */
const otplib = () => require('otplib') as typeof import('otplib')

type Enrolment = NonNullable<Person['totp']>

const stepSeconds = 30
/** RFC 4226, section 4, R6: 160 bits recommended; NIST SP 800-63B-4 wants at least 112. */
const secretBytes = 20
const shortestSecret = 16
const purpose = 'totp'

/** A secret that waits for its first code. Only `sealed` may be kept. */
export interface TotpOffer {
  sealed: string
  /** Base32, for those who type it. */
  secret: string
  /** `otpauth://totp/…`, for the QR code. */
  uri: string
}

export interface Totp extends Factor {
  readonly name: 'totp'
  /** @param label whose code it is, as the app shows it: usually the email address */
  begin(o: { issuer: string; label: string }): TotpOffer
  /** The same offer again, for a page that is shown once more. @throws MaitredError `expired` for what is none */
  resume(sealed: string, o: { issuer: string; label: string }): TotpOffer
  /**
   * The enrolment, once the app has shown a right code; that code counts as used.
   * @throws MaitredError `expired` for what is no offer of ours
   */
  confirm(sealed: string, code: string, o: { label: string; now: Date }): Enrolment | undefined
  /**
   * An enrolment with a secret from elsewhere (base32, at least 128 bits).
   * @throws MaitredError `invalid_form` for the field `totp`
   */
  adopt(secret: string, o: { label: string; now: Date }): Enrolment
}

export function createTotp({ vault }: { vault: Vault }): Totp {
  function offer(secret: string, sealed: string, o: { issuer: string; label: string }): TotpOffer {
    return { secret, sealed, uri: otplib().generateURI({ ...o, secret }) }
  }

  /** An offer comes back from a browser: what we cannot open is none of ours. */
  function openOffer(sealed: string): string {
    try {
      return vault.open(purpose, sealed)
    } catch (cause) {
      throw new MaitredError('expired', { cause })
    }
  }

  return {
    name: 'totp',
    method: 'otp',
    amr: ['otp', 'mfa'],
    enrolled: (person) => person.totp !== undefined,
    verify({ totp }, code, now): Verdict {
      if (!totp) return { accept: false, reason: 'error.code.wrong' }
      const step = stepOf(vault.open(purpose, totp.secret), code, now)
      if (step === undefined) return { accept: false, reason: 'error.code.wrong' }
      if (step <= totp.lastStep) return { accept: false, reason: 'error.code.used' }
      return {
        accept: true,
        match: { 'totp.secret': totp.secret, 'totp.lastStep': { $lt: step } },
        change: { $set: { 'totp.lastStep': step } },
      }
    },
    begin(o) {
      const secret = otplib().generateSecret({ length: secretBytes })
      return offer(secret, vault.seal(purpose, secret), o)
    },
    resume: (sealed, o) => offer(openOffer(sealed), sealed, o),
    confirm(sealed, code, { label, now }) {
      const step = stepOf(openOffer(sealed), code, now)
      return step === undefined ? undefined : { secret: sealed, lastStep: step, enrolledAt: now, label }
    },
    adopt(typed, { label, now }) {
      const secret = typed.replace(/[\s-]|=+$/g, '').toUpperCase()
      if (!/^[A-Z2-7]*$/.test(secret) || Math.floor((secret.length * 5) / 8) < shortestSecret) {
        throw new MaitredError('invalid_form', { fields: { totp: 'error.field.invalid' } })
      }
      return { secret: vault.seal(purpose, secret), lastStep: 0, enrolledAt: now, label }
    },
  }
}

/** The time step that the code belongs to, of the last, this and the next one. */
function stepOf(secret: string, typed: string, now: Date): number | undefined {
  if (typed.length > 100) return undefined
  const token = typed.normalize('NFKC').replace(/[\s-]/g, '')
  if (!/^\d{6}$/.test(token)) return undefined
  const epoch = Math.floor(now.getTime() / 1_000)
  const result = otplib().verifySync({ secret, token, epoch, epochTolerance: stepSeconds })
  return result.valid ? Math.floor(epoch / stepSeconds) + result.delta : undefined
}

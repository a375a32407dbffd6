/**
 * Recovery codes: for the day the phone is gone. Each is 125 random bits and works once, so a plain salted
 * hash holds them (NIST SP 800-63B-4, section 3.1.2.2, asks for a slow one below 112 bits).
 */
import { randomBytes } from 'node:crypto'
import type { Person } from '../../accounts/accounts.ts'
import { sha256 } from '../../keys/keys.ts'
import type { Factor, Verdict } from './factor.ts'

/** Crockford's base32: no I, L, O, U, so nothing is misread. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codesPerSet = 10
const groups = 5
const groupLength = 5

export interface Recovery extends Factor {
  readonly name: 'recovery'
  /** A set in the place of any other: the codes to show once, and what the person's document keeps. */
  make(now: Date): { codes: string[]; recovery: NonNullable<Person['recovery']> }
}

/** @param o.random as many random bytes as asked */
export function createRecovery({
  random = randomBytes,
}: {
  random?: (bytes: number) => Buffer
} = {}): Recovery {
  /** 32 divides 256, so every sign is equally likely. */
  function newCode(): string {
    return [...random(groups * groupLength)].map((byte) => alphabet[byte % alphabet.length]).join('')
  }

  return {
    name: 'recovery',
    method: 'recovery',
    amr: ['otp', 'mfa'],
    enrolled: (person) => (person.recovery?.hashes.length ?? 0) > 0,
    verify({ recovery }, code): Verdict {
      const hash = recovery && hashOf(recovery.salt, code)
      if (!hash || !recovery.hashes.includes(hash)) return { accept: false, reason: 'error.recovery.wrong' }
      return {
        accept: true,
        match: { 'recovery.hashes': hash },
        change: { $pull: { 'recovery.hashes': hash } },
      }
    },
    make(now) {
      const salt = random(16).toString('base64url')
      const codes = Array.from({ length: codesPerSet }, newCode)
      const hashes = codes.map((code) => sha256(`${salt}.${code}`))
      return { codes: codes.map(grouped), recovery: { salt, hashes, madeAt: now } }
    },
  }
}

/** Of what people type: any case, spaces, hyphens, and the letters that look like digits. */
function hashOf(salt: string, typed: string): string | undefined {
  if (typed.length > 200) return undefined
  const code = typed
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s\-\u2010-\u2015]/g, '')
    .replace(/O/g, '0')
    .replace(/[IL]/g, '1')
  return code.length === groups * groupLength ? sha256(`${salt}.${code}`) : undefined
}

function grouped(code: string): string {
  return code.match(new RegExp(`.{${groupLength}}`, 'g'))?.join('-') ?? code
}

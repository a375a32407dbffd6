/**
 * Sealing of what must be read again (TOTP secrets, private keys, mails that wait), and codes that prove
 * a value is ours. All keys come from `MAITRED_SECRET` by HKDF (RFC 5869), so none serves two purposes.
 */
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto'
import { MaitredError } from '../errors.ts'
import { hmac } from './hmac.ts'

const secretBytes = 32
const nonceBytes = 12
const tagBytes = 16
const version = 'v1.'
/** Purposes are words of the program; the bound only keeps a mistake from filling the memory. */
const knownPurposes = 256

export interface Vault {
  /**
   * Encrypts with AES-256-GCM under the first secret; `purpose` is authenticated with it (NIST SP 800-38D).
   * @returns text to store; sealing the same text twice gives two texts
   */
  seal(purpose: string, plaintext: string): string
  /** @throws MaitredError `internal` when no secret opens it, or it was sealed for another purpose. */
  open(purpose: string, sealed: string): string
  /** Seals a value (as JSON) that somebody else carries for us: a browser, an address. */
  sealValue(purpose: string, value: unknown): string
  /** What it brings back; `undefined` where that was not sealed here for this: cut off, made up, or by a secret that is gone. */
  openValue(purpose: string, sealed: unknown): unknown
  /**
   * HMAC-SHA-256 of `data` under a key of its own for the purpose (first secret), as base64url.
   * `purpose` is a fixed word of the caller, never input.
   */
  mac(purpose: string, data: string): string
}

/** @param secrets 32 bytes each as base64url; the first seals and signs, all open. */
export function createVault(secrets: readonly string[]): Vault {
  const masters = secrets.map(decodeSecret)
  const [first] = masters
  if (!first) throw refusal('MAITRED_SECRET names no secret')
  // As key objects: bytes would be imported anew for every text, which costs three times what sealing does.
  const sealingKeys = masters.map((master) => createSecretKey(derive(master, 'seal')))
  const macKeys = new Map<string, Buffer>()

  function macKey(purpose: string): Buffer {
    const known = macKeys.get(purpose)
    if (known) return known
    if (macKeys.size >= knownPurposes) macKeys.clear()
    const key = derive(first as Buffer, `mac ${purpose}`)
    macKeys.set(purpose, key)
    return key
  }

  function seal(purpose: string, plaintext: string): string {
    const nonce = randomBytes(nonceBytes)
    const cipher = createCipheriv('aes-256-gcm', sealingKeys[0] as KeyObject, nonce)
    cipher.setAAD(Buffer.from(purpose))
    const body = Buffer.concat([nonce, cipher.update(plaintext, 'utf8'), cipher.final(), cipher.getAuthTag()])
    return version + body.toString('base64url')
  }

  function find(purpose: string, sealed: string): string | undefined {
    const body = Buffer.from(sealed.slice(version.length), 'base64url')
    if (!sealed.startsWith(version) || body.length < nonceBytes + tagBytes) return undefined
    for (const key of sealingKeys) {
      const plaintext = tryOpen(key, purpose, body)
      if (plaintext !== undefined) return plaintext
    }
    return undefined
  }

  return {
    seal,
    open(purpose, sealed) {
      const found = find(purpose, sealed)
      if (found !== undefined) return found
      throw refusal(`no secret of MAITRED_SECRET opens what is sealed for ${purpose}, or it is damaged`)
    },
    sealValue: (purpose, value) => seal(purpose, JSON.stringify(value)),
    openValue(purpose, sealed) {
      const found = typeof sealed === 'string' ? find(purpose, sealed) : undefined
      return found === undefined ? undefined : JSON.parse(found)
    },
    mac(purpose, data) {
      return hmac(macKey(purpose), data).toString('base64url')
    },
  }
}

function decodeSecret(secret: string): Buffer {
  const bytes = Buffer.from(secret, 'base64url')
  if (bytes.length !== secretBytes || bytes.toString('base64url') !== secret.replace(/=+$/, '')) {
    throw refusal('MAITRED_SECRET wants 32 bytes as base64url (43 characters) for each secret')
  }
  return bytes
}

function derive(master: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', master, '', `maitred ${info}`, 32))
}

function tryOpen(key: KeyObject, purpose: string, body: Buffer): string | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(Buffer.from(purpose))
  decipher.setAuthTag(body.subarray(-tagBytes))
  const plaintext = decipher.update(body.subarray(nonceBytes, -tagBytes))
  try {
    return Buffer.concat([plaintext, decipher.final()]).toString('utf8')
  } catch {
    // final() throws exactly when the tag does not fit: sealed by another secret, for another purpose, or altered
    return undefined
  }
}

function refusal(sentence: string): MaitredError {
  return new MaitredError('internal', { cause: new Error(sentence) })
}

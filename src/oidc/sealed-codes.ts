/**
 * Authorization codes that say themselves, sealed, what they were given for: the store hears of one when it is spent,
 * and not before (docs/decisions/023-a-code-says-what-it-is-for.md). They are sealed under the keys that sign tokens,
 * so that whoever could forge one could sign the tokens as well.
 */
import type { Provider } from 'oidc-provider'
import type { Vault } from '../keys/keys.ts'
import { passwordSetAtOf } from './overtaken.ts'
import { type Payload, protocolContext, requestMemory } from './request.ts'

/** Every browser and server takes an address of so many characters. A code that would make a longer one is stored. */
const LONGEST_ADDRESS = 2_000

export interface SealedCode {
  /** As the library has it; `jti` is what it is known by once it is spent. */
  payload: Payload & { jti: string; grantId: string; accountId: string; clientId: string }
  /** As the library has it, but for what the code says itself. */
  grant: Payload
  /** When it was made, in milliseconds. */
  at: number
  /** How long it is good, in seconds. */
  ttl: number
  /** The revocation feed's number when its request came. */
  rev: number
  /** When the password was set that its session was proved by, in milliseconds. */
  passwordSetAt?: number
}

export interface SealedCodes {
  /** The value of the code with this payload and so many seconds to live, or `undefined` where it has to be stored. */
  seal(payload: Payload, ttl: number): string | undefined
  /** What it says; `undefined` for anything else. Every other spelling of a code reads the same, so go by its `jti`. */
  read(value: string): SealedCode | undefined
}

export function createSealedCodes(o: {
  issuer: string
  now: () => Date
  vault: () => Pick<Vault, 'sealValue' | 'openValue'>
}): SealedCodes {
  // Who restores a copy of the store under another name has the same keys.
  const purpose = `authorization-code of ${o.issuer}`
  return {
    seal(payload, ttl) {
      const { grants, rev = 0 } = requestMemory()
      const { accountId, grantId } = payload as SealedCode['payload']
      const grant = grants.get(grantId)
      if (!grant) return undefined
      const passwordSetAt = passwordSetAtOf(accountId)?.getTime()
      const at = o.now().getTime()
      // It travels in an address: no word twice.
      const { iat: _, kind: __, jti: ___, accountId: ____, clientId: _____, ...rest } = grant
      const value = o.vault().sealValue(purpose, { payload, grant: rest, at, ttl, rev, passwordSetAt })
      return addressLength(payload, value, o.issuer) > LONGEST_ADDRESS ? undefined : value
    },
    read(value) {
      const code = o.vault().openValue(purpose, value) as SealedCode | undefined
      if (!code) return undefined
      const { iat, grantId: jti, accountId, clientId } = code.payload
      return { ...code, grant: { ...code.grant, iat, kind: 'Grant', jti, accountId, clientId } }
    },
  }
}

/** Of where the browser takes it: with the state and the issuer (RFC 6749 §4.1.2, RFC 9207 §2). */
function addressLength({ redirectUri }: Payload, code: string, iss: string): number {
  const state = String(protocolContext()?.oidc.params?.state ?? '')
  return String(redirectUri).length + new URLSearchParams({ code, state, iss }).toString().length
}

/** Gives the library's codes their values. */
export function sealCodes({ AuthorizationCode }: Provider, codes: SealedCodes): void {
  const model = AuthorizationCode.prototype as unknown as {
    readonly remainingTTL: number
    getValueAndPayload(): Promise<{ value: string; payload?: Payload }>
  }
  const { getValueAndPayload } = model
  model.getValueAndPayload = async function sealed() {
    const made = await getValueAndPayload.call(this)
    const value = made.payload && codes.seal(made.payload, this.remainingTTL)
    // Without a payload the library stores nothing.
    return value === undefined ? made : { value }
  }
}

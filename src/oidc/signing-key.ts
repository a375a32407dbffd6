/**
 * A key as the library signs with it. An elliptic signature is made at once, because handing it to another thread costs
 * more than making it; an RSA one takes six times as long and is made beside the event loop.
 */
import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import { promisify } from 'node:util'
import type { JWK } from 'jose'
import { ExternalSigningKey } from 'oidc-provider'
import type { SigningAlgorithm } from '../keys/keys.ts'

const signAside = promisify(sign)

const signers: Record<SigningAlgorithm, (data: Buffer, key: KeyObject) => Buffer | Promise<Buffer>> = {
  // RFC 7518, section 3.4: the two numbers, one after the other, and not in DER.
  ES256: (data, key) => sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' }),
  EdDSA: (data, key) => sign(null, data, key),
  RS256: (data, key) => signAside('sha256', data, key),
}

export class SigningKey extends ExternalSigningKey {
  readonly #private: KeyObject
  readonly #public: KeyObject
  readonly #sign: (data: Buffer, key: KeyObject) => Buffer | Promise<Buffer>

  /** @param jwk private, with its `kid` and `alg` */
  constructor(jwk: JWK) {
    super()
    this.#private = createPrivateKey({ key: jwk, format: 'jwk' })
    this.#public = createPublicKey(this.#private)
    this.#sign = signers[jwk.alg as SigningAlgorithm]
    Object.assign(this, { kid: jwk.kid, alg: jwk.alg })
  }

  override keyObject(): KeyObject {
    return this.#public
  }

  /** The signature as a JWS has it (RFC 7515). */
  override async sign(data: Uint8Array): Promise<Buffer> {
    return this.#sign(data as Buffer, this.#private)
  }
}

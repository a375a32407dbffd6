/** The certificate and key of this server: given as PEM text or as the path of a PEM file. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Reader } from './environment.ts'

export interface Tls {
  /** PEM, with the intermediates behind it. */
  readonly cert: string
  /** PEM, unencrypted. */
  readonly key: string
}

export function readTls(reader: Reader, cwd: string): Tls | undefined {
  const cert = reader.value('TLS_CERT', 'a PEM certificate, or the path of one', pem(cwd, isCertificate))
  const key = reader.value('TLS_KEY', 'an unencrypted PEM private key, or the path of one', pem(cwd, isKey))
  const [certGiven, keyGiven] = [reader.text('TLS_CERT'), reader.text('TLS_KEY')]
  if (certGiven && !keyGiven) reader.problem('TLS_KEY', 'nothing', 'the key of TLS_CERT')
  if (keyGiven && !certGiven) reader.problem('TLS_CERT', 'nothing', 'the certificate of TLS_KEY')
  if (!cert || !key) return undefined
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    reader.problem('TLS_KEY', 'a key (not shown) that does not belong to TLS_CERT', 'the key of TLS_CERT')
  }
  return { cert, key }
}

const pem = (cwd: string, sound: (text: string) => unknown) => (given: string) => {
  try {
    const text = given.startsWith('-----BEGIN') ? given : readFileSync(resolve(cwd, given), 'utf8')
    sound(text)
    return text
  } catch {
    return undefined
  }
}

const isCertificate = (text: string) => new X509Certificate(text)
const isKey = (text: string) => createPrivateKey(text)

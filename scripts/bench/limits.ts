/** What no server can beat: one signature, one verification and one password hash, alone. */
import { randomBytes } from 'node:crypto'
import { createHasher } from '../../src/accounts/accounts.ts'
import { PASSWORD } from './cast.ts'

/** CPU microseconds of each. */
export type Limits = Record<'sign' | 'verify' | 'hash', number>

export async function measureLimits(count: number): Promise<Limits> {
  const ecdsa = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ecdsa, false, ['sign', 'verify'])
  // As long as an access token's header and claims.
  const text = randomBytes(600)
  const signature = await crypto.subtle.sign(ecdsa, privateKey, text)
  const hasher = createHasher({})
  const hash = await hasher.hash(PASSWORD)
  return {
    sign: await cpuOfEach(count, () => crypto.subtle.sign(ecdsa, privateKey, text)),
    verify: await cpuOfEach(count, () => crypto.subtle.verify(ecdsa, publicKey, signature, text)),
    hash: await cpuOfEach(Math.ceil(count / 20), () => hasher.verify(hash, PASSWORD)),
  }
}

async function cpuOfEach(count: number, work: () => Promise<unknown>): Promise<number> {
  for (let n = 0; n < count / 5; n += 1) await work()
  const before = process.cpuUsage()
  for (let n = 0; n < count; n += 1) await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

/** What no server can beat: one signature, one verification and one password hash, alone. */
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { createHasher } from '../../src/accounts/accounts.ts'
import { PASSWORD } from './cast.ts'

/** CPU microseconds of each; of `hashes`, where as many run at once as there are cores. */
export type Limits = Record<'sign' | 'verify' | 'hash' | 'hashes', number>

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
    hashes: await cpuOfEach(
      Math.ceil(count / 20),
      () => hasher.verify(hash, PASSWORD),
      availableParallelism(),
    ),
  }
}

async function cpuOfEach(count: number, work: () => Promise<unknown>, atOnce = 1): Promise<number> {
  const run = async (times: number) => {
    let left = times
    const worker = async () => {
      while (left > 0) {
        left -= 1
        await work()
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
  }
  await run(count / 5)
  const before = process.cpuUsage()
  await run(count)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / count
}

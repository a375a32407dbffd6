/** Routes of a server in a process of its own, asked with tokens of people, and what each costs it in CPU time. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, type JSONWebKeySet, SignJWT } from 'jose'
import { median } from './measure.ts'

export interface Mint {
  jwks: JSONWebKeySet
  /** So many tokens that nobody has seen. */
  sign(count: number): Promise<string[]>
}

/** Tokens as Maitred makes them, signed by a key of this process. */
export async function createMint(o: {
  issuer: string
  audience: string
  permissions: readonly string[]
  /** Whose they are; default: somebody else's each. */
  sub?: string
}): Promise<Mint> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }] }

  async function signOne(): Promise<string> {
    const now = Math.floor(Date.now() / 1_000)
    const token = await new SignJWT({
      sub: o.sub ?? crypto.randomUUID(),
      client_id: 'kitchen',
      jti: crypto.randomUUID(),
      gid: crypto.randomUUID(),
      rev: 12,
      scope: 'openid profile email roles',
      auth_time: now,
      acr: 'urn:maitred:mfa',
      amr: ['pwd', 'otp', 'mfa'],
      roles: ['waiter', 'manager'],
      permissions: [...o.permissions],
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })
      .setIssuer(o.issuer)
      .setAudience([o.audience, o.issuer])
      .setIssuedAt(now)
      .setExpirationTime('15m')
      .sign(privateKey)
    return flat(token)
  }

  return { jwks, sign: (count) => Promise.all(Array.from({ length: count }, signOne)) }
}

/** As a server's parser hands it on; a string that was put together is laid out by whoever reads it first. */
export function flat(text: string): string {
  return Buffer.from(text).toString('latin1')
}

export interface Routed {
  /** Microseconds that the server needs for one request with each of the tokens. */
  cpu(path: string, tokens: readonly string[]): Promise<number>
  stop(): void
}

/** @param file beside this one; it tells its port, and its CPU time when asked, and ends with its parent */
export async function startRouted(file: string, args: readonly string[]): Promise<Routed> {
  const child = fork(join(import.meta.dirname, file), args)
  const [port] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`))),
  ])) as [number]
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })

  async function cpuUntilNow(): Promise<number> {
    const answer = once(child, 'message')
    child.send('cpu')
    return (await answer)[0]
  }

  function request(path: string, token: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}` }
      get({ host: '127.0.0.1', port, path, agent, headers }, (response) => {
        response.resume()
        response.on('end', () => {
          if (response.statusCode === 200) resolve()
          else reject(new Error(`${path} answered ${response.statusCode}`))
        })
      }).on('error', reject)
    })
  }

  return {
    async cpu(path, tokens) {
      const before = await cpuUntilNow()
      let next = 0
      const caller = async () => {
        for (let token = tokens[next++]; token !== undefined; token = tokens[next++])
          await request(path, token)
      }
      await Promise.all(Array.from({ length: 8 }, caller))
      return (await cpuUntilNow()) - before
    },
    stop() {
      agent.destroy()
      child.disconnect()
    },
  }
}

/** What a server of routes answers its parent. */
export function answerWithCpu(port: number): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.on('disconnect', () => process.exit(0))
  process.send?.(port)
}

/** So many rounds after one that warms up. */
export async function repeat<T>(rounds: number, round: () => Promise<T>): Promise<T[]> {
  await round()
  const all: T[] = []
  for (let n = 0; n < rounds; n += 1) all.push(await round())
  return all
}

export function tell<T>(what: string, all: readonly T[], cost: (costs: T) => number): void {
  console.log(`${what.padEnd(26)} ${median(all.map(cost)).toFixed(1).padStart(6)} µs`)
}

export function judge<T>(what: string, most: number, all: readonly T[], ratio: (costs: T) => number): void {
  const reached = median(all.map(ratio))
  console.log(
    `${what.padEnd(26)} ${reached.toFixed(2)}, at most ${most}: ${reached <= most ? 'reached' : 'MISSED'}`,
  )
}

/**
 * What the guard costs beside `jose` alone and beside bare Koa, in CPU time: `node scripts/bench/guard.ts [rounds]`.
 * Each round measures everything; a ratio is the median of the rounds', so that a busy machine disturbs it least.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify, SignJWT } from 'jose'
import { createGuard, type GuardedRequest } from '../../src/guard/guard.ts'
import { median } from './measure.ts'

const ISSUER = 'https://id.bella-napoli.example'
const API = 'https://api.bella-napoli.example/'
const TOKENS = 2_000

const rounds = Number(process.argv[2] ?? 7)
const { privateKey, publicKey } = await generateKeyPair('ES256')
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256', use: 'sig' }] }
const child = fork(`${import.meta.dirname}/serve-guarded.ts`, [ISSUER, API, JSON.stringify(jwks)])
const [port] = (await once(child, 'message')) as [number]
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

/** Microseconds of CPU of each. */
type Costs = Record<
  'jose' | 'fresh' | 'seen' | 'bareRoute' | 'joseRoute' | 'freshRoute' | 'seenRoute',
  number
>

try {
  await round(await sign())
  const all: Costs[] = []
  for (let n = 0; n < rounds; n += 1) all.push(await round(await sign()))
  const of = (name: keyof Costs) => median(all.map((costs) => costs[name])).toFixed(1)
  console.log(`jose ${of('jose')} µs; guard, new token ${of('fresh')} µs, seen before ${of('seen')} µs`)
  console.log(
    `Koa ${of('bareRoute')} µs; guarded, new ${of('freshRoute')} µs, seen before ${of('seenRoute')} µs`,
  )
  const tell = (what: string, most: number, ratio: (costs: Costs) => number) => {
    const reached = median(all.map(ratio))
    console.log(`${what}: ${reached.toFixed(2)}, at most ${most}: ${reached <= most ? 'reached' : 'MISSED'}`)
  }
  tell('verifying / jose', 1.1, ({ fresh, jose }) => fresh / jose)
  tell('seen before / verifying', 0.05, ({ seen, fresh }) => seen / fresh)
  tell('route, seen before / Koa', 1.3, ({ seenRoute, bareRoute }) => seenRoute / bareRoute)
  tell(
    'route, new / Koa with jose',
    1.15,
    ({ freshRoute, bareRoute, jose }) => freshRoute / (bareRoute + jose),
  )
} finally {
  agent.destroy()
  child.disconnect()
}

async function round(tokens: string[]): Promise<Costs> {
  const keys = createLocalJWKSet(jwks)
  const options = {
    issuer: ISSUER,
    audience: API,
    algorithms: ['ES256'],
    typ: 'at+jwt',
    requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp'],
  }
  const guard = createGuard({
    issuer: ISSUER,
    audience: API,
    jwksUri: `${ISSUER}/jwks`,
    fetch: async () => Response.json(jwks),
  })
  const requests = new Map(tokens.map((token) => [token, requestWith(token)]))
  const check = (token: string) => guard.check(requests.get(token) as GuardedRequest)
  const costs = { jose: 0, fresh: 0, seen: 0, bareRoute: 0, joseRoute: 0, freshRoute: 0, seenRoute: 0 }
  const takes: [name: keyof Costs, take: (some: readonly string[]) => Promise<number>][] = [
    ['jose', (some) => cpu(some, (token) => jwtVerify(token, keys, options))],
    ['fresh', (some) => cpu(some, check)],
  ]
  // Those that are compared take turns in small steps, so that what disturbs one disturbs the other.
  for (let at = 0; at < tokens.length; at += 50) {
    for (const [name, take] of takes.reverse()) costs[name] += await take(tokens.slice(at, at + 50))
  }
  for (let n = 0; n < 5; n += 1) costs.seen += (await cpu(tokens, check)) / 5
  for (let at = 0; at < tokens.length; at += 200) {
    const some = tokens.slice(at, at + 200)
    costs.bareRoute += await routeCpu('/bare', some)
    costs.joseRoute += await routeCpu('/jose', some)
    costs.freshRoute += await routeCpu('/guarded', some)
    costs.seenRoute += await routeCpu('/guarded', some)
  }
  for (const name of Object.keys(costs) as (keyof Costs)[]) costs[name] /= tokens.length
  return costs
}

function requestWith(token: string): GuardedRequest {
  const authorization = flat(`Bearer ${token}`)
  return {
    method: 'GET',
    url: '/',
    headers: { get: (name: string) => (name === 'authorization' ? authorization : undefined) },
  }
}

/** As a server's parser hands it on; a string that was put together is laid out by whoever reads it first. */
function flat(text: string): string {
  return Buffer.from(text).toString('latin1')
}

async function sign(): Promise<string[]> {
  const now = Math.floor(Date.now() / 1_000)
  const signed = await Promise.all(
    Array.from({ length: TOKENS }, () =>
      new SignJWT({
        sub: crypto.randomUUID(),
        client_id: 'kitchen',
        jti: crypto.randomUUID(),
        gid: crypto.randomUUID(),
        rev: 12,
        scope: 'openid profile email roles',
        auth_time: now,
        acr: 'urn:maitred:mfa',
        amr: ['pwd', 'otp', 'mfa'],
        roles: ['waiter', 'manager'],
        permissions: ['shifts.read', 'shifts.update', 'bookings.read'],
      })
        .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'k' })
        .setIssuer(ISSUER)
        .setAudience([API, ISSUER])
        .setIssuedAt(now)
        .setExpirationTime('15m')
        .sign(privateKey),
    ),
  )
  return signed.map(flat)
}

/** Microseconds of all threads: WebCrypto works in others. */
async function cpu(tokens: readonly string[], work: (token: string) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  for (const token of tokens) await work(token)
  const { user, system } = process.cpuUsage(before)
  return user + system
}

async function routeCpu(path: string, tokens: readonly string[]): Promise<number> {
  const before = await childCpu()
  let next = 0
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let token = tokens[next++]; token !== undefined; token = tokens[next++]) await request(path, token)
    }),
  )
  return (await childCpu()) - before
}

async function childCpu(): Promise<number> {
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

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
const agent = new Agent({ keepAlive: true, maxSockets: 8 })

interface Presented {
  token: string
  request: GuardedRequest
}

/** Microseconds of CPU of each. */
type Costs<Name extends string> = Record<Name, number>

// First alone, then over HTTP: the client of the second would be part of the first.
const alone = await repeat(verifications)
const child = fork(`${import.meta.dirname}/serve-guarded.ts`, [ISSUER, API, JSON.stringify(jwks)])
const [port] = (await once(child, 'message')) as [number]
try {
  const routed = await repeat(routes)
  tell('jose', alone, ({ jose }) => jose)
  tell('guard, new token', alone, ({ fresh }) => fresh)
  tell('guard, seen before', alone, ({ seen }) => seen)
  tell('Koa', routed, ({ bare }) => bare)
  tell('Koa with jose', routed, ({ jose }) => jose)
  tell('Koa guarded, new token', routed, ({ fresh }) => fresh)
  tell('Koa guarded, seen before', routed, ({ seen }) => seen)
  judge('verifying / jose', 1.1, alone, ({ fresh, jose }) => fresh / jose)
  judge('seen before / verifying', 0.05, alone, ({ seen, fresh }) => seen / fresh)
  judge('route, seen before / Koa', 1.3, routed, ({ seen, bare }) => seen / bare)
  judge('route, new / Koa with jose', 1.15, routed, ({ fresh, jose }) => fresh / jose)
} finally {
  agent.destroy()
  child.disconnect()
}

/** The first round warms up. */
async function repeat<T>(round: (tokens: readonly string[]) => Promise<T>): Promise<T[]> {
  await round(await sign())
  const all: T[] = []
  for (let n = 0; n < rounds; n += 1) all.push(await round(await sign()))
  return all
}

function tell<T>(what: string, all: readonly T[], cost: (costs: T) => number): void {
  console.log(`${what.padEnd(26)} ${median(all.map(cost)).toFixed(1).padStart(6)} µs`)
}

function judge<T>(what: string, most: number, all: readonly T[], ratio: (costs: T) => number): void {
  const reached = median(all.map(ratio))
  console.log(
    `${what.padEnd(26)} ${reached.toFixed(2)}, at most ${most}: ${reached <= most ? 'reached' : 'MISSED'}`,
  )
}

async function verifications(tokens: readonly string[]): Promise<Costs<'jose' | 'fresh' | 'seen'>> {
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
  const requests = tokens.map((token) => ({ token, request: requestWith(token) }))
  const check = ({ request }: Presented) => guard.check(request)
  const verify = ({ token }: Presented) => jwtVerify(token, keys, options)
  const costs = { jose: 0, fresh: 0, seen: 0 }
  const takes = [
    ['jose', verify],
    ['fresh', check],
  ] as ['jose' | 'fresh', (presented: Presented) => Promise<unknown>][]
  // Those that are compared take turns in small steps, so that what disturbs one disturbs the other.
  for (let at = 0; at < tokens.length; at += 50) {
    for (const [name, work] of takes.reverse()) costs[name] += await cpu(requests.slice(at, at + 50), work)
  }
  for (let n = 0; n < 5; n += 1) costs.seen += (await cpu(requests, check)) / 5
  return each(costs)
}

async function routes(tokens: readonly string[]): Promise<Costs<'bare' | 'jose' | 'fresh' | 'seen'>> {
  const costs = { bare: 0, jose: 0, fresh: 0, seen: 0 }
  for (let at = 0; at < tokens.length; at += 200) {
    const some = tokens.slice(at, at + 200)
    costs.bare += await routeCpu('/bare', some)
    costs.jose += await routeCpu('/jose', some)
    costs.fresh += await routeCpu('/guarded', some)
    costs.seen += await routeCpu('/guarded', some)
  }
  return each(costs)
}

function each<Name extends string>(costs: Costs<Name>): Costs<Name> {
  for (const name in costs) costs[name] /= TOKENS
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
async function cpu(all: readonly Presented[], work: (one: Presented) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  for (const one of all) await work(one)
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

/**
 * What the guard costs beside `jose` alone and beside bare Koa, in CPU time: `node scripts/bench/guard.ts [rounds]`.
 * Each round measures everything; a ratio is the median of the rounds', so that a busy machine disturbs it least.
 */
import { createLocalJWKSet, jwtVerify } from 'jose'
import { createGuard, type GuardedRequest } from '../../src/guard/guard.ts'
import { createMint, flat, judge, repeat, startRouted, tell } from './routed.ts'

const ISSUER = 'https://id.bella-napoli.example'
const API = 'https://api.bella-napoli.example/'
const TOKENS = 2_000

const rounds = Number(process.argv[2] ?? 7)
const permissions = ['shifts.read', 'shifts.update', 'bookings.read']
const { jwks, sign } = await createMint({ issuer: ISSUER, audience: API, permissions })

interface Presented {
  token: string
  request: GuardedRequest
}

/** Microseconds of CPU of each. */
type Costs<Name extends string> = Record<Name, number>

// First alone, then over HTTP: the client of the second would be part of the first.
const alone = await repeat(rounds, async () => verifications(await sign(TOKENS)))
const server = await startRouted('serve-guarded.ts', [ISSUER, API, JSON.stringify(jwks)])
try {
  const routed = await repeat(rounds, async () => routes(await sign(TOKENS)))
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
  server.stop()
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
    costs.bare += await server.cpu('/bare', some)
    costs.jose += await server.cpu('/jose', some)
    costs.fresh += await server.cpu('/guarded', some)
    costs.seen += await server.cpu('/guarded', some)
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

/** Microseconds of all threads: WebCrypto works in others. */
async function cpu(all: readonly Presented[], work: (one: Presented) => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage()
  for (const one of all) await work(one)
  const { user, system } = process.cpuUsage(before)
  return user + system
}

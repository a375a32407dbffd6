/**
 * What it costs to protect a route of the restaurant, in CPU time: `node scripts/bench/restaurant-route.ts [rounds]`.
 * One list from the store, the same each time: in bare Koa, with one verification by `jose`, guarded, and as the back
 * office's API has it, with checks of the query, the caller's place in the staff, and a line of the log.
 */

import { AUDIENCE, ISSUER, STAFF } from './restaurant-cast.ts'
import { createMint, judge, repeat, startRouted, tell } from './routed.ts'

const TOKENS = 1_000
/** Compared in small turns, so that what disturbs one disturbs the other. */
const TURN = 200

const rounds = Number(process.argv[2] ?? 7)
const permissions = ['transactions.read', 'shifts.read', 'bookings.read']
const mint = await createMint({ issuer: ISSUER, audience: AUDIENCE, permissions, sub: STAFF })
const server = await startRouted('serve-restaurant-route.ts', [JSON.stringify(mint.jwks)])
try {
  const all = await repeat(rounds, round)
  tell('Koa', all, ({ bare }) => bare)
  tell('Koa with jose', all, ({ jose }) => jose)
  tell('guarded, new token', all, ({ fresh }) => fresh)
  tell('guarded, seen before', all, ({ seen }) => seen)
  tell("the API's own, seen before", all, ({ api }) => api)
  judge('seen before / Koa', 1.3, all, ({ seen, bare }) => seen / bare)
  judge('new / Koa with jose', 1.15, all, ({ fresh, jose }) => fresh / jose)
} finally {
  server.stop()
}

async function round() {
  const tokens = await mint.sign(TOKENS)
  const costs = { bare: 0, jose: 0, fresh: 0, seen: 0, api: 0 }
  for (let at = 0; at < TOKENS; at += TURN) {
    const some = tokens.slice(at, at + TURN)
    const cpu = async (path: string) => (await server.cpu(path, some)) / TOKENS
    costs.bare += await cpu('/bare')
    costs.jose += await cpu('/jose')
    costs.fresh += await cpu('/guarded')
    costs.seen += await cpu('/guarded')
    // Its own guard has its own memory of tokens.
    await cpu('/api/products')
    costs.api += await cpu('/api/products')
  }
  return costs
}

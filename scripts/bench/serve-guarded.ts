/** One route, bare, with one verification by `jose`, and guarded, in a process of its own for `guard.ts`. */
import type { AddressInfo } from 'node:net'
import Router from '@koa/router'
import { createLocalJWKSet, jwtVerify } from 'jose'
import Koa from 'koa'
import { type Guarded, koaGuard } from '../../src/guard/guard.ts'
import { answerWithCpu } from './routed.ts'

const [issuer = '', audience = '', jwks = ''] = process.argv.slice(2)
const guard = koaGuard({
  issuer,
  audience,
  jwksUri: `${issuer}/jwks`,
  fetch: async () => new Response(jwks),
})
const shift = { shift: 'evening', table: 12, waiters: ['Ada', 'Kim'] }
const router = new Router<Guarded>()
router.get('/bare', (ctx) => {
  ctx.body = shift
})
const keys = createLocalJWKSet(JSON.parse(jwks))
router.get('/jose', async (ctx) => {
  await jwtVerify(ctx.get('authorization').slice(7), keys, {
    issuer,
    audience,
    algorithms: ['ES256'],
    typ: 'at+jwt',
    requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp'],
  })
  ctx.body = shift
})
router.get('/guarded', guard.requireRole('manager'), (ctx) => {
  ctx.body = shift
})

const server = new Koa().use(router.routes()).listen(0, '127.0.0.1', () => {
  answerWithCpu((server.address() as AddressInfo).port)
})

/** One list of the restaurant, bare, with `jose`, guarded, and as its API has it, for `restaurant-route.ts`. */
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Router from '@koa/router'
import { createLocalJWKSet, jwtVerify } from 'jose'
import Koa, { type Context } from 'koa'
import { createApi } from '../../examples/restaurant/back-office/api/api.ts'
import { backOfficeCollections, products, staff } from '../../examples/restaurant/back-office/documents.ts'
import { migrations } from '../../examples/restaurant/back-office/migrations.ts'
import { seedRestaurants } from '../../examples/restaurant/seed/seed.ts'
import { type Guarded, koaGuard } from '../../src/guard/guard.ts'
import { openStore } from '../../src/storage/storage.ts'
import { AUDIENCE, ISSUER, STAFF } from './restaurant-cast.ts'
import { answerWithCpu } from './routed.ts'

const [jwks = ''] = process.argv.slice(2)
const now = () => new Date()
const dataDir = await mkdtemp(join(tmpdir(), 'maitred-route-'))
// Once open, the file needs no name: nothing is left behind however this process ends.
const store = await openStore({ collections: backOfficeCollections, migrations, now, dataDir })
await seedRestaurants({ store, now: now(), sizes: [100], customers: 10 })
await store.collection(staff).update({ _id: 'napoli-s2' }, { $set: { sub: STAFF } })

/** The issuer's two documents, without an issuer. */
const fetch = async (url: Parameters<typeof globalThis.fetch>[0]) =>
  new Response(
    String(url).endsWith('/jwks') ? jwks : JSON.stringify({ issuer: ISSUER, jwks_uri: `${ISSUER}/jwks` }),
  )

const list = async (ctx: Pick<Context, 'body'>) => {
  const sort = { field: '_id', order: 'asc' } as const
  const items = await store.collection(products).find({ restaurant: 'napoli' }, { sort, limit: 20 })
  ctx.body = { items }
}

const router = new Router<Guarded>()
router.get('/bare', list)
const keys = createLocalJWKSet(JSON.parse(jwks))
router.get('/jose', async (ctx) => {
  await jwtVerify(ctx.get('authorization').slice(7), keys, {
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    typ: 'at+jwt',
    requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp'],
  })
  await list(ctx)
})
const guard = koaGuard({ issuer: ISSUER, audience: AUDIENCE, fetch })
router.get('/guarded', guard.requirePermission('transactions.read'), list)

const log = { info: () => {}, warn: console.warn, error: console.error }
const api = createApi({ store, issuer: ISSUER, origin: 'http://localhost', log, now, fetch })
const app = new Koa()
for (const step of api.middleware) app.use(step)
app.use(router.routes())
const server = app.listen(0, '127.0.0.1', async () => {
  await rm(dataDir, { recursive: true, force: true })
  answerWithCpu((server.address() as AddressInfo).port)
})

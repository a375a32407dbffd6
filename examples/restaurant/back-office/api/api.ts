/**
 * The REST API of the back office under `/api`: which groups of endpoints there are, and what every request passes on
 * its way to one. Tokens are the guard's business; what each endpoint does is its own file's.
 */
import { randomUUID } from 'node:crypto'
import Router from '@koa/router'
import type { Context, Middleware } from 'koa'
import { koaGuard } from 'maitred/guard'
import type { Store } from 'maitred/storage'
import type { Log } from '../log.ts'
import type { RotaDesk } from '../rota-desk/rota-desk.ts'
import { answerProblems, logRequests } from './api-middleware.ts'
import { availabilityRoutes } from './availability.ts'
import { bookingRoutes } from './bookings.ts'
import { customerRoutes } from './customers.ts'
import { historyRoutes } from './history.ts'
import { meRoutes } from './me.ts'
import { createMembership } from './membership.ts'
import { describeApi } from './openapi.ts'
import { paymentRoutes } from './payment.ts'
import { notFound, Problem } from './problem.ts'
import { productRoutes } from './products.ts'
import { reportRoutes } from './reports.ts'
import { restaurantRoutes } from './restaurants.ts'
import { rotaRoutes } from './rotas.ts'
import type { Kit, Route } from './route.ts'
import { type RequestState, serveRoute } from './serve-route.ts'
import { shiftRoutes } from './shifts.ts'
import { staffRoutes } from './staff.ts'
import { taskRoutes } from './tasks.ts'
import { transactionRoutes } from './transactions.ts'

export interface ApiOptions {
  store: Store
  /** Whose tokens are accepted. */
  issuer: string
  /** Where clients reach this server, without a path. */
  origin: string
  /** What its tokens are for. Default: Bella Napoli's API. */
  audience?: string
  /** Without it nobody can ask for rotas. */
  desk?: RotaDesk | undefined
  log: Log
  now: () => Date
  newId?: () => string
  fetch?: typeof globalThis.fetch
}

export interface Api {
  readonly routes: readonly Route[]
  /** Answers everything under `/api`, and the API's metadata (RFC 9728); lets everything else pass. */
  readonly middleware: readonly Middleware[]
}

export function createApi(o: ApiOptions): Api {
  const { store, log, now, newId = randomUUID, fetch = globalThis.fetch } = o
  const kit: Kit = { store, log, now, newId }
  const membership = createMembership({ store, issuer: o.issuer, now, fetch })
  const guard = koaGuard({
    issuer: o.issuer,
    audience: o.audience ?? 'https://api.bella-napoli.example',
    origin: o.origin,
    fetch,
    now,
  })

  // One line for each group of endpoints.
  const routes: Route[] = [
    ...restaurantRoutes(kit),
    ...meRoutes(kit),
    ...staffRoutes(kit, membership),
    ...customerRoutes(kit),
    ...productRoutes(kit),
    ...transactionRoutes(kit),
    ...bookingRoutes(kit),
    ...paymentRoutes(kit),
    ...availabilityRoutes(kit),
    ...shiftRoutes(kit),
    ...historyRoutes(kit),
    ...reportRoutes(kit),
    ...(o.desk ? [...rotaRoutes(kit, o.desk), ...taskRoutes(kit, o.desk)] : []),
  ]

  const router = new Router<RequestState>({ prefix: '/api', sensitive: true, strict: true })
  const description = JSON.stringify(describeApi(routes, o))
  router.get('/openapi.json', (ctx) => {
    ctx.type = 'application/json'
    ctx.body = description
  })
  router.all('/openapi.json', (ctx) => refuseMethod(ctx, ['GET']))
  for (const [path, methods] of byPath(routes)) {
    const place = path.replaceAll(/\{(\w+)\}/g, ':$1')
    for (const route of methods) {
      const enter = route.permission ? guard.requirePermission(route.permission) : guard.requireToken()
      router[route.method](place, enter, (ctx) => serveRoute(route, { store, membership }, ctx))
    }
    const allowed = methods.map(({ method }) => method.toUpperCase())
    router.all(place, (ctx) => refuseMethod(ctx, allowed))
  }

  const steps = [logRequests({ log, newId: randomUUID }), answerProblems(log), router.routes(), nothingHere]
  return {
    routes,
    middleware: [guard.metadata, ...steps.map((step) => onlyHere(step as Middleware))] as Middleware[],
  }
}

/** By path, those without parameters first: `/availability/me` is not the availability of somebody called me. */
function byPath(routes: readonly Route[]): [path: string, routes: Route[]][] {
  const paths = new Map<string, Route[]>()
  for (const route of routes) paths.set(route.path, [...(paths.get(route.path) ?? []), route])
  return [...paths].sort(([a], [b]) => Number(a.includes('{')) - Number(b.includes('{')))
}

function onlyHere(step: Middleware): Middleware {
  return (ctx, next) => (ctx.path === '/api' || ctx.path.startsWith('/api/') ? step(ctx, next) : next())
}

function nothingHere(): never {
  throw notFound()
}

/** RFC 9110 §15.5.6: whoever uses another method is told which there are. */
function refuseMethod(ctx: Context, methods: readonly string[]): void {
  const allow = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ')
  if (ctx.method !== 'OPTIONS') throw new Problem(405, `Here are: ${allow}.`, { headers: { Allow: allow } })
  ctx.set('Allow', allow)
  ctx.status = 204
}

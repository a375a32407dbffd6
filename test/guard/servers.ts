/** The same little API in every framework that the guard serves, each on a real socket. */
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import Router from '@koa/router'
import express from 'express'
import { Hono } from 'hono'
import Koa from 'koa'
import {
  type Caller,
  expressGuard,
  fetchGuard,
  type Guarded,
  type GuardOptions,
  honoGuard,
  koaGuard,
} from '../../src/guard/guard.ts'
import { freePort } from '../support/app.ts'

export interface Api {
  name: string
  url: string
  close(): Promise<void>
}

/** Every route answers who called, from the typed context. */
const told = ({ id, roles, organisation }: Caller) => ({ id, roles, organisation: organisation?.id })

const makers: Record<string, (options: GuardOptions) => Parameters<typeof createServer>[1]> = {
  Koa(options) {
    const guard = koaGuard(options)
    const router = new Router<Guarded>()
    router.get('/token', guard.requireToken(), (ctx) => {
      ctx.body = told(ctx.state.caller)
    })
    router.post('/token', guard.requireToken(), (ctx) => {
      ctx.body = told(ctx.state.caller)
    })
    router.get('/manager', guard.requireRole('manager'), (ctx) => {
      ctx.body = told(ctx.state.caller)
    })
    router.get(
      '/restaurants/:id',
      guard.requireRole(['owner', 'manager'], { organisation: (ctx) => ctx.params?.id }),
      (ctx) => {
        ctx.body = told(ctx.state.caller)
      },
    )
    router.get('/shifts', guard.requirePermission('shifts.update'), (ctx) => {
      ctx.body = told(ctx.state.caller)
    })
    router.get('/desk', guard.requireRole(['owner', 'waiter']), (ctx) => {
      ctx.body = told(ctx.state.caller)
    })
    router.get('/bookings', guard.requirePermission(['bookings.read', 'bookings.update']), (ctx) => {
      ctx.body = told(ctx.state.caller)
    })
    router.get('/rota', guard.requireScope('rota.schedule'), (ctx) => {
      ctx.body = told(ctx.state.caller)
    })
    router.get('/rotas', guard.requireScope(['bookings.read', 'rota.schedule']), (ctx) => {
      ctx.body = told(ctx.state.caller)
    })
    router.get('/robots', guard.requireScope('rota.schedule', { machine: true }), (ctx) => {
      ctx.body = told(ctx.state.caller)
    })
    const inner = new Koa().use(guard.metadata).use(router.routes())
    inner.silent = true
    return inner.callback()
  },
  Express(options) {
    const guard = expressGuard(options)
    const app = express()
    app.use(guard.metadata)
    const tell = (_req: express.Request, res: express.Response<unknown, Guarded>) => {
      res.json(told(res.locals.caller))
    }
    const fromPath = (req: { params: Record<string, string | string[]> }) => String(req.params.id)
    app.get('/token', guard.requireToken(), tell)
    app.post('/token', guard.requireToken(), tell)
    app.get('/manager', guard.requireRole('manager'), tell)
    app.get('/restaurants/:id', guard.requireRole(['owner', 'manager'], { organisation: fromPath }), tell)
    app.get('/shifts', guard.requirePermission('shifts.update'), tell)
    app.get('/desk', guard.requireRole(['owner', 'waiter']), tell)
    app.get('/bookings', guard.requirePermission(['bookings.read', 'bookings.update']), tell)
    app.get('/rota', guard.requireScope('rota.schedule'), tell)
    app.get('/rotas', guard.requireScope(['bookings.read', 'rota.schedule']), tell)
    app.get('/robots', guard.requireScope('rota.schedule', { machine: true }), tell)
    return app
  },
  Hono(options) {
    const guard = honoGuard(options)
    const app = new Hono<{ Variables: Guarded }>()
    app.use(guard.metadata)
    app.get('/token', guard.requireToken(), (c) => c.json(told(c.get('caller'))))
    app.post('/token', guard.requireToken(), (c) => c.json(told(c.get('caller'))))
    app.get('/manager', guard.requireRole('manager'), (c) => c.json(told(c.get('caller'))))
    app.get(
      '/restaurants/:id',
      guard.requireRole(['owner', 'manager'], { organisation: (c) => c.req.param('id') }),
      (c) => c.json(told(c.get('caller'))),
    )
    app.get('/shifts', guard.requirePermission('shifts.update'), (c) => c.json(told(c.get('caller'))))
    app.get('/desk', guard.requireRole(['owner', 'waiter']), (c) => c.json(told(c.get('caller'))))
    app.get('/bookings', guard.requirePermission(['bookings.read', 'bookings.update']), (c) =>
      c.json(told(c.get('caller'))),
    )
    app.get('/rota', guard.requireScope('rota.schedule'), (c) => c.json(told(c.get('caller'))))
    app.get('/rotas', guard.requireScope(['bookings.read', 'rota.schedule']), (c) =>
      c.json(told(c.get('caller'))),
    )
    app.get('/robots', guard.requireScope('rota.schedule', { machine: true }), (c) =>
      c.json(told(c.get('caller'))),
    )
    return getRequestListener(app.fetch)
  },
  fetch(options) {
    const guard = fetchGuard(options)
    const tell = (_request: Request, caller: Caller) => Response.json(told(caller))
    const fromPath = (request: Request) => new URL(request.url).pathname.split('/')[2]
    const routes: Record<string, (request: Request) => Response | Promise<Response>> = {
      token: guard.requireToken()(tell),
      manager: guard.requireRole('manager')(tell),
      restaurants: guard.requireRole(['owner', 'manager'], { organisation: fromPath })(tell),
      shifts: guard.requirePermission('shifts.update')(tell),
      desk: guard.requireRole(['owner', 'waiter'])(tell),
      bookings: guard.requirePermission(['bookings.read', 'bookings.update'])(tell),
      rota: guard.requireScope('rota.schedule')(tell),
      rotas: guard.requireScope(['bookings.read', 'rota.schedule'])(tell),
      robots: guard.requireScope('rota.schedule', { machine: true })(tell),
    }
    return getRequestListener(async (request) => {
      const metadata = guard.metadata(request)
      if (metadata) return metadata
      const route = routes[new URL(request.url).pathname.split('/')[1] ?? '']
      return route ? route(request) : new Response(null, { status: 404 })
    })
  },
}

export const frameworks = Object.keys(makers)

/** Starts the API; where clients reach it is its own address. */
export async function startApi(name: string, options: Omit<GuardOptions, 'origin'>): Promise<Api> {
  const make = makers[name]
  if (!make) throw new Error(`no ${name}`)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server: Server = createServer(make({ ...options, origin: url }))
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    name,
    url,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

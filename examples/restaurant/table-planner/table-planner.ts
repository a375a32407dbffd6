/**
 * An app of somebody else: it plans who sits where. People are asked before it learns anything of them, it gets no
 * roles, and of what they may do at the restaurant it may do what they have allowed it: see bookings.
 */
import { z } from 'zod'
import { ApiProblem } from '../web/api-client.ts'
import { claimsPanels } from '../web/claims-panel.ts'
import { type Html, html } from '../web/html.ts'
import { messageBody } from '../web/layout.ts'
import { createWebApp, type Visit, type WebApp, type WebAppOptions } from '../web/web-app.ts'
import { whenOf } from '../web/when.ts'

const moment = z.iso.datetime().transform((text) => new Date(text))
const bookingsReader = z.object({
  items: z.array(z.object({ name: z.string(), at: moment, guests: z.number() })),
})

export type StartTablePlanner = Omit<WebAppOptions, 'name' | 'clientId' | 'scope' | 'routes'>

export function startTablePlanner(o: StartTablePlanner): Promise<WebApp> {
  return createWebApp({
    ...o,
    name: 'Table Planner',
    clientId: 'table-planner',
    scope: 'openid profile email bookings.read',
    routes(router, tools) {
      const tables = tools.signedIn(async (ctx, visit) => {
        const { session } = visit
        const title = `Good to see you, ${session.profile.name ?? 'you'}`
        const body = html`<h1>${title}</h1>
          <section class="card"><h2>Who comes next</h2>${await nextTables(visit, tools.now())}</section>
          ${claimsPanels(session)}`
        tools.page(ctx, { title, body })
      })
      router.get('/', async (ctx) => {
        if (await tools.currentSession(ctx)) return tables(ctx)
        tools.page(ctx, { title: 'Welcome', body: welcome })
      })
    },
  })
}

const welcome = messageBody({
  title: 'Welcome',
  text: 'Table Planner is no app of the restaurant. You will be asked what it may know and do.',
  href: '/sign-in',
  action: 'Sign in',
})

async function nextTables({ api, me }: Visit, now: Date): Promise<Html> {
  try {
    const zone = (await me()).restaurant?.timeZone ?? 'UTC'
    const query = { from: now.toISOString().slice(0, 10), status: 'booked', order: 'asc', limit: 5 }
    const { items } = await api.get('/bookings', bookingsReader, query)
    if (items.length === 0) return html`<p>Nobody has booked.</p>`
    return html`<ul>${items.map(({ name, at, guests }) => html`<li>${whenOf(at, now, zone)}: ${name}, ${guests}</li>`)}</ul>`
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 403) throw error
    return html`<p>The restaurant shows you no bookings: ${error.message}</p>`
  }
}

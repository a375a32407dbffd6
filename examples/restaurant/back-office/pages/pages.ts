/**
 * The pages of the back office. They hold no data of their own: each asks the API of the same program over HTTP, in
 * the name of who is signed in, so that the API alone decides who may what. What a page shows follows `GET /me`.
 */
import { readFileSync } from 'node:fs'
import type Router from '@koa/router'
import type { RouterContext } from '@koa/router'
import type { Middleware } from 'koa'
import { html } from '../../web/html.ts'
import { messageBody, type NavItem } from '../../web/layout.ts'
import { createWebPages, type WebPagesOptions, type WebTools } from '../../web/web-app.ts'
import { analytics } from './analytics/analytics.ts'
import { availability } from './availability.ts'
import { customers } from './customers.ts'
import { menu } from './menu.ts'
import { createOfficeVisit, type OfficeRoute } from './office-visit.ts'
import { overview } from './overview.ts'
import { recordList } from './record-list.ts'
import { recordPages } from './record-pages.ts'
import { rotas } from './rotas.ts'
import { shifts } from './shifts.ts'
import { staff } from './staff.ts'
import { stuckTasks } from './stuck-tasks.ts'
import { transactions } from './transactions.ts'
import { weekOfShifts } from './week-of-shifts.ts'

export type OfficePagesOptions = Pick<
  WebPagesOptions,
  'name' | 'issuer' | 'clientId' | 'clientSecret' | 'neighbours' | 'fetch' | 'now'
> & {
  /** Where people reach this program. */
  url: string
}

/** What requests for pages pass. @throws when the provider does not answer */
export function createOfficePages(o: OfficePagesOptions): Promise<readonly Middleware[]> {
  return createWebPages({ ...o, apiUrl: `${o.url}/api`, nav, css, routes })
}

const css = ['frame', 'records', 'charts', 'places']
  .map((name) => readFileSync(new URL(`./look/${name}.css`, import.meta.url), 'utf8'))
  .join('\n')

/** In the order in which they are tried: '/customers/new' before '/customers/:id'. */
const ROUTES: readonly OfficeRoute[] = [
  overview,
  recordList(transactions),
  ...recordPages(transactions),
  recordList(menu),
  ...recordPages(menu),
  recordList(customers),
  ...recordPages(customers),
  recordList(staff),
  ...recordPages(staff),
  weekOfShifts,
  ...recordPages(shifts),
  availability,
  ...rotas,
  ...stuckTasks,
  ...analytics,
]

const PLACES: readonly (NavItem & { permission?: string })[] = [
  { href: '/', label: 'Overview' },
  { section: 'Sales', href: '/transactions', label: 'Transactions', permission: 'transactions.read' },
  { section: 'Sales', href: '/products', label: 'Menu', permission: 'transactions.read' },
  { section: 'Sales', href: '/analytics', label: 'Analytics', permission: 'reports.read' },
  { section: 'People', href: '/customers', label: 'Customers', permission: 'customers.read' },
  { section: 'People', href: '/staff', label: 'Staff', permission: 'staff.read' },
  { section: 'Planning', href: '/shifts', label: 'Shifts', permission: 'shifts.read' },
  { section: 'Planning', href: '/availability', label: 'Availability', permission: 'shifts.update' },
  { section: 'Planning', href: '/rotas', label: 'Rota', permission: 'rota.ask' },
  { section: 'Planning', href: '/stuck', label: 'Stuck tasks', permission: 'tasks.read' },
]

function nav(permissions: readonly string[]): readonly NavItem[] {
  return PLACES.filter(({ permission }) => !permission || permissions.includes(permission))
}

function routes(router: Router, tools: WebTools): void {
  for (const { method, path, permission, handle } of ROUTES) {
    router[method](
      path,
      tools.signedIn<RouterContext>(async (ctx, { api, me: ask }) => {
        const me = await ask()
        const visit = createOfficeVisit(tools, { ctx, api, me })
        if (!me.staff) return tools.page(ctx, { ...nobodyHere(me), status: 403 })
        if (permission && !visit.may(permission)) return tools.page(ctx, { ...notYours(), status: 403 })
        await handle(visit)
      }),
    )
  }
}

function nobodyHere({ sub }: { sub: string }) {
  const title = 'You are not in the staff'
  return {
    title,
    body: html`${messageBody({
      title,
      text: 'No restaurant has you in its staff under your email. Ask the owner to add you with the email you sign in with, and confirm that email in your account.',
      href: '/',
      action: 'Look again',
    })}<p class="quiet">If the owner asks who you are: <code>${sub}</code></p>`,
  }
}

function notYours() {
  const title = 'Not yours to open'
  const text = 'Your role in the restaurant does not include this.'
  return { title, body: messageBody({ title, text, href: '/', action: 'Go to the overview' }) }
}

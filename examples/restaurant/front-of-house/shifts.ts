/** The shifts of who is signed in, a week at a time. */
import type Router from '@koa/router'
import { html } from '../web/html.ts'
import type { WebTools } from '../web/web-app.ts'
import { weekTitle } from '../web/when.ts'
import { shiftsReader } from './answers.ts'
import { requirePermission } from './require-permission.ts'
import { shiftList } from './shift-list.ts'
import { weekAt } from './week.ts'

export function addShiftRoutes(router: Router, tools: WebTools): void {
  router.get(
    '/shifts',
    tools.signedIn(async (ctx, { api, me }) => {
      const person = await me()
      requirePermission(person, 'shifts.read')
      const { restaurant } = person
      const asked = ctx.URL.searchParams.get('week')
      const { week, before, after, today } = weekAt(tools.now(), restaurant?.timeZone, asked)
      const { items } = await api.get('/shifts', shiftsReader, { week, mine: 'true', limit: 100 })
      const title = 'Your shifts'
      const body = html`<h1>${title}</h1>
        <section class="card">
          <h2>${weekTitle(week)}</h2>
          ${items.length > 0 ? shiftList(items, today) : html`<p>You have no shift in this week. <a href="/availability">Say when you can work</a>.</p>`}
        </section>
        <nav class="pager" aria-label="Weeks">
          <a href="/shifts?week=${before}">The week before</a>
          ${asked ? html`<a href="/shifts">This week</a>` : ''}
          <a href="/shifts?week=${after}">The week after</a>
        </nav>`
      tools.page(ctx, { title, body })
    }),
  )
}

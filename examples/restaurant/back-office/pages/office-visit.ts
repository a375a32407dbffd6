/** What a page is made with: who asks, the API in their name, the clock, and the ways to answer. */
import type { RouterContext } from '@koa/router'
import type { ApiClient } from '../../web/api-client.ts'
import { createFlash } from '../../web/flash.ts'
import { type Html, html } from '../../web/html.ts'
import type { Me } from '../../web/me.ts'
import { seeOther } from '../../web/middleware.ts'
import type { WebTools } from '../../web/web-app.ts'

export interface OfficeVisit {
  ctx: RouterContext
  api: ApiClient
  me: Me
  now: Date
  /** Of the restaurant, for what is shown; decided on by the API alone. */
  timeZone: string
  currency: string
  may(permission: string): boolean
  /** A part of the address: `id` in '/customers/:id'. */
  part(name: string): string
  form(): Promise<URLSearchParams>
  page(o: PageParts): void
  /** Sends the browser on (303), to a page that says what was done. */
  go(path: string, done?: keyof typeof DONE): void
}

export interface PageParts {
  title: string
  /** Above the title: the list that this is one of. */
  back?: { href: string; label: string }
  /** Under the title, in one sentence. */
  text?: Html | string | undefined
  /** What can be begun here, as links and buttons. */
  actions?: Html
  body: Html
  status?: number
}

export interface OfficeRoute {
  method: 'get' | 'post'
  path: string
  /** Who lacks it is told so in place of the page; `undefined` for everybody who is signed in. */
  permission: string | undefined
  handle(visit: OfficeVisit): Promise<void>
}

const DONE = {
  created: 'It is saved.',
  saved: 'Your changes are saved.',
  deleted: 'It is deleted.',
  sent: 'It is on its way again.',
}

const flash = createFlash(DONE)

export function createOfficeVisit(tools: WebTools, o: Pick<OfficeVisit, 'ctx' | 'api' | 'me'>): OfficeVisit {
  const { ctx, me } = o
  return {
    ...o,
    now: tools.now(),
    timeZone: me.restaurant?.timeZone ?? 'UTC',
    currency: me.restaurant?.currency ?? 'EUR',
    may: (permission) => me.permissions.includes(permission),
    part: (name) => ctx.params[name] ?? '',
    form: () => tools.form(ctx),
    page({ title, back, text, actions, body, status = 200 }) {
      tools.page(ctx, {
        title,
        status,
        body: html`<div class="title"><div>${back ? html`<p class="back"><a href="${back.href}">${back.label}</a></p>` : ''}<h1>${title}</h1>${text ? html`<p>${text}</p>` : ''}</div>
          ${actions ? html`<div class="actions">${actions}</div>` : ''}</div>
        ${status === 200 ? flash.show(ctx) : ''}
        ${body}`,
      })
    },
    go: (path, done) => seeOther(ctx, done ? flash.href(path, done) : path),
  }
}

/** The smallest app there is: one page that greets people and says what each of their roles may do here. */
import { claimsPanels } from './claims-panel.ts'
import { type Html, html } from './html.ts'
import { messageBody, rolesOf } from './layout.ts'
import { createWebApp, type WebApp, type WebAppOptions } from './web-app.ts'

export interface DutiesAppOptions extends Omit<WebAppOptions, 'routes' | 'nav' | 'css'> {
  /** Role to what it may do here; a role that is not named has nothing to do here. */
  duties: Record<string, readonly string[]>
}

export function createDutiesApp({ duties, ...o }: DutiesAppOptions): Promise<WebApp> {
  return createWebApp({
    ...o,
    routes(router, tools) {
      router.get('/', async (ctx) => {
        const session = await tools.currentSession(ctx)
        if (!session) return tools.page(ctx, { title: 'Welcome', body: welcome })
        const { given_name, name, email } = session.profile
        const roles = rolesOf(session)
        const title = `Good to see you, ${given_name ?? name ?? email ?? 'you'}`
        const body = html`
          <h1>${title}</h1>
          <div class="card">${roles.length > 0 ? roles.map((role) => dutiesOf(role, duties[role])) : noRole}</div>
          ${claimsPanels(session)}`
        tools.page(ctx, { title, body })
      })
    },
  })
}

const welcome = messageBody({
  title: 'Welcome',
  text: 'Sign in to see what is on your plate today.',
  href: '/sign-in',
  action: 'Sign in',
})

const noRole = html`<p>You have no role in the restaurant yet. Ask the owner or a manager to give you one.</p>`

function dutiesOf(role: string, list: readonly string[] | undefined): Html {
  if (!list) return html`<p>There is nothing to do here for the role <strong>${role}</strong>.</p>`
  return html`<h2>As ${role} you may</h2><ul>${list.map((duty) => html`<li>${duty}</li>`)}</ul>`
}

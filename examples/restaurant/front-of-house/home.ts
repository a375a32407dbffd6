/** The first page: a door for strangers, and for everybody else what is next for them. */
import type Router from '@koa/router'
import { addDays } from '../calendar.ts'
import { ApiDown } from '../web/api-client.ts'
import { claimsPanels } from '../web/claims-panel.ts'
import { type Html, html } from '../web/html.ts'
import type { Visit, WebTools } from '../web/web-app.ts'
import { bookingsReader, shiftsReader } from './answers.ts'
import { bookingCard } from './booking-card.ts'
import { isToCome } from './booking-state.ts'
import { flash } from './flash.ts'
import { restaurantsById } from './restaurants.ts'
import { shiftList } from './shift-list.ts'
import { weekAt } from './week.ts'

export function addHomeRoutes(router: Router, tools: WebTools): void {
  const home = tools.signedIn(async (ctx, visit) => {
    const { given_name, name, email } = visit.session.profile
    const title = `Good to see you, ${given_name ?? name ?? email ?? 'guest'}`
    let status = 200
    const parts = await partsOf(visit, tools.now()).catch((error: unknown) => {
      // The greeting and the ways out need no books.
      if (!(error instanceof ApiDown)) throw error
      status = 503
      ctx.set('Retry-After', '5')
      tools.report(ctx, error)
      return closedBooks
    })
    const body = html`<h1>${title}</h1>${flash.show(ctx)}${parts}
      <p class="aside"><a href="/you">What this app knows about you</a></p>`
    tools.page(ctx, { title, body, status })
  })

  router.get('/', async (ctx) => {
    if (await tools.currentSession(ctx)) return home(ctx)
    tools.page(ctx, { title: 'Welcome', body: welcome })
  })

  router.get(
    '/you',
    tools.signedIn((ctx, { session }) => {
      const title = 'What this app knows about you'
      const body = html`<h1>${title}</h1>
        <p>The tokens themselves stay on our server. Your browser has a number that means nothing elsewhere.</p>
        ${claimsPanels(session)}`
      tools.page(ctx, { title, body })
    }),
  )
}

const welcome = html`<div class="door">
  <h1>Welcome to Bella Napoli</h1>
  <p class="lead">Book a table in any of our restaurants, look after your bookings, and pay without waiting for the bill.</p>
  <p class="actions"><a class="button" href="/sign-in">Sign in</a> <a class="button quiet" href="/sign-up">Create an account</a></p>
  <p class="quiet">You work with us? It is the same door: your shifts and your times are behind it.</p>
</div>`

const closedBooks = html`<div class="notice warning" role="status">
  <p><strong>The restaurant’s books do not answer just now.</strong></p>
  <p>Nothing is lost. You are still signed in, and your bookings and shifts will be here again soon.</p>
  <p><a href="/">Try again</a></p>
</div>`

const nothing = html`<div class="card"><p>There is nothing for your role here yet. Ask the owner or a manager to give you one.</p></div>`

const unknown = html`<div class="notice warning">
  <p><strong>We do not know yet in which restaurant you work.</strong></p>
  <p>Ask your manager whether your email address is in the staff’s list, and confirm the address in your account.</p>
</div>`

async function partsOf(visit: Visit, now: Date): Promise<Html | readonly Html[]> {
  const { permissions, staff } = await visit.me()
  const works = permissions.includes('shifts.read') || permissions.includes('availability.own')
  const parts = [
    permissions.includes('bookings.own') ? nextBookings(visit, now) : undefined,
    works && !staff ? unknown : undefined,
    staff && permissions.includes('shifts.read') ? thisWeek(visit, now) : undefined,
    staff && permissions.includes('availability.own') ? times : undefined,
  ].filter((part) => part !== undefined)
  return parts.length > 0 ? Promise.all(parts) : nothing
}

async function nextBookings({ api }: Visit, now: Date): Promise<Html> {
  // From yesterday on, because the API counts its days in UTC here.
  const from = addDays(now.toISOString().slice(0, 10), -1)
  const [due, coming] = await Promise.all([
    api.get('/bookings', bookingsReader, { mine: 'true', status: 'billed', limit: 5 }),
    api.get('/bookings', bookingsReader, { mine: 'true', from, order: 'asc', limit: 20 }),
  ])
  const open = coming.items.filter((booking) => isToCome(booking, now))
  const shown = [...due.items, ...open.slice(0, 3)]
  const restaurants = await restaurantsById(
    api,
    shown.map(({ restaurant }) => restaurant),
  )
  return html`<section class="card">
    <h2>Your tables</h2>
    ${
      shown.length > 0
        ? html`<ul class="rows">${shown.map((booking) => bookingCard(booking, restaurants.get(booking.restaurant), now))}</ul>`
        : html`<p>You have no table booked. Where would you like to eat?</p>`
    }
    <p class="actions"><a class="button" href="/book">Book a table</a>
      <a href="/bookings">All your bookings</a></p>
  </section>`
}

async function thisWeek({ api, me }: Visit, now: Date): Promise<Html> {
  const { restaurant } = await me()
  const { week, today } = weekAt(now, restaurant?.timeZone)
  const { items } = await api.get('/shifts', shiftsReader, { week, mine: 'true', limit: 100 })
  const left = items.filter(({ day }) => day >= today)
  return html`<section class="card">
    <h2>Your shifts this week</h2>
    ${restaurant ? html`<p class="quiet">At ${restaurant.name}</p>` : ''}
    ${left.length > 0 ? shiftList(left, today) : html`<p>${items.length > 0 ? 'You have no more shifts this week.' : 'You have no shift this week.'}</p>`}
    <p><a href="/shifts">All weeks</a></p>
  </section>`
}

const times = html`<section class="card">
  <h2>Your times</h2>
  <p>Tell us when you can work. The next rota is made from it.</p>
  <p><a class="button quiet" href="/availability">Say when you can work</a></p>
</section>`

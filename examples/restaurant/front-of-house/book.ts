/** Booking a table: which restaurant, then when and for how many. */
import type Router from '@koa/router'
import { dayOf } from '../calendar.ts'
import { type ApiClient, ApiProblem } from '../web/api-client.ts'
import { NOTHING_WRONG, type Wrongs } from '../web/field.ts'
import { html } from '../web/html.ts'
import { seeOther } from '../web/middleware.ts'
import type { WebTools } from '../web/web-app.ts'
import { fromInput } from '../web/when.ts'
import { bookingReader, type Restaurant, restaurantsReader } from './answers.ts'
import { type BookForm, bookForm } from './book-form.ts'
import { flash } from './flash.ts'
import { requirePermission } from './require-permission.ts'
import { restaurantsById } from './restaurants.ts'
import { bookingWrongs } from './words.ts'

export function addBookRoutes(router: Router, tools: WebTools): void {
  router.get(
    '/book',
    tools.signedIn(async (ctx, { api, me }) => {
      requirePermission(await me(), 'bookings.own')
      const after = ctx.URL.searchParams.get('after') ?? undefined
      const { items, next } = await api.get('/restaurants', restaurantsReader, { limit: 24, after })
      const title = 'Where would you like to eat?'
      const body = html`<h1>${title}</h1>
        ${items.length > 0 ? html`<ul class="tiles">${items.map(tile)}</ul>` : html`<p>No restaurant takes bookings just now.</p>`}
        <p class="pager">${after ? html`<a href="/book">From the beginning</a>` : ''}
          ${next ? html`<a href="/book?after=${next}">More restaurants</a>` : ''}</p>`
      tools.page(ctx, { title, body })
    }),
  )

  router.get(
    '/book/:restaurant',
    tools.signedIn(async (ctx, { api, me }) => {
      requirePermission(await me(), 'bookings.own')
      const restaurant = await restaurantOf(api, ctx.params.restaurant)
      tools.page(
        ctx,
        bookForm({ restaurant, today: todayIn(restaurant), typed: EMPTY, wrongs: NOTHING_WRONG }),
      )
    }),
  )

  router.post(
    '/book/:restaurant',
    tools.signedIn(async (ctx, { api, me, session }) => {
      requirePermission(await me(), 'bookings.own')
      const restaurant = await restaurantOf(api, ctx.params.restaurant)
      const typed = read(await tools.form(ctx))
      const { wrongs, booking } = check(typed, restaurant, tools.now())
      const refuse = (refused: Wrongs) => {
        const page = bookForm({ restaurant, today: todayIn(restaurant), typed, wrongs: refused })
        tools.page(ctx, { ...page, status: 422 })
      }
      if (!booking) return refuse(wrongs)
      try {
        const { name, email } = session.profile
        const body = { ...booking, name: (name ?? email ?? 'Guest').slice(0, 120) }
        const answer = await api.send('POST', '/bookings', { body })
        seeOther(ctx, flash.href(`/bookings/${bookingReader.parse(answer.body).id}`, 'booked'))
      } catch (error) {
        if (!(error instanceof ApiProblem) || ![409, 422].includes(error.status)) throw error
        refuse(bookingWrongs(error))
      }
    }),
  )

  function todayIn({ timeZone }: Restaurant): string {
    return dayOf(tools.now(), timeZone)
  }
}

const EMPTY: BookForm = { day: '', time: '', guests: '2', note: '' }

function tile({ id, name, city }: Restaurant) {
  return html`<li><a class="tile" href="/book/${id}"><strong>${name}</strong> <span class="quiet">${city}</span></a></li>`
}

/** @throws {ApiProblem} 404 */
async function restaurantOf(api: ApiClient, id = ''): Promise<Restaurant> {
  const restaurant = (await restaurantsById(api, [id])).get(id)
  if (!restaurant) throw new ApiProblem(404)
  return restaurant
}

function read(form: URLSearchParams): BookForm {
  const get = (name: string) => (form.get(name) ?? '').trim()
  // The API takes notes of one line; nobody has to know that.
  const note = get('note').replace(/\s+/g, ' ')
  return { day: get('day'), time: get('time'), guests: get('guests'), note }
}

/** What can be said without asking the API; the wall clock of the form is that of the restaurant. */
function check({ day, time, guests, note }: BookForm, { id, timeZone }: Restaurant, now: Date) {
  const wrongs = new Map<string, string>()
  const at = fromInput(`${day}T${time}`, timeZone)
  if (!fromInput(`${day}T12:00`, timeZone)) wrongs.set('day', 'Choose a day.')
  if (!fromInput(`2026-01-01T${time}`, timeZone)) wrongs.set('time', 'Choose a time.')
  if (at && at <= now) wrongs.set(day < dayOf(now, timeZone) ? 'day' : 'time', 'This is over already.')
  if (!/^[1-9]\d?$/.test(guests)) wrongs.set('guests', 'Say how many you are, as a number.')
  if (wrongs.size > 0 || !at) return { wrongs }
  return {
    wrongs,
    booking: { restaurant: id, at: at.toISOString(), guests: Number(guests), ...(note && { note }) },
  }
}

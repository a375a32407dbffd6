/** A guest's bookings: the list, one of them with its bill, taking it back and paying for it. */
import type Router from '@koa/router'
import { localTime } from '../calendar.ts'
import { type ApiClient, apiPath } from '../web/api-client.ts'
import { type Html, html } from '../web/html.ts'
import { seeOther } from '../web/middleware.ts'
import type { WebTools } from '../web/web-app.ts'
import { longDay } from '../web/when.ts'
import { type Booking, billReader, bookingReader, bookingsReader, type Restaurant } from './answers.ts'
import { billSection } from './bill-section.ts'
import { bookingCard, guestsOf } from './booking-card.ts'
import { canCancel, hasBill, isToCome, stateOf } from './booking-state.ts'
import { flash } from './flash.ts'
import { requirePermission } from './require-permission.ts'
import { restaurantsById } from './restaurants.ts'

export function addBookingRoutes(router: Router, tools: WebTools): void {
  router.get(
    '/bookings',
    tools.signedIn(async (ctx, { api, me }) => {
      requirePermission(await me(), 'bookings.own')
      const after = ctx.URL.searchParams.get('after') ?? undefined
      const { items, next } = await api.get('/bookings', bookingsReader, { mine: 'true', limit: 50, after })
      const restaurants = await restaurantsById(
        api,
        items.map(({ restaurant }) => restaurant),
      )
      const now = tools.now()
      const rows = (bookings: Booking[]) =>
        html`<ul class="rows">${bookings.map((booking) => bookingCard(booking, restaurants.get(booking.restaurant), now))}</ul>`
      const due = items.filter(({ status }) => status === 'billed')
      const coming = items.filter((booking) => isToCome(booking, now)).toSorted((a, b) => +a.at - +b.at)
      const over = items.filter((booking) => !due.includes(booking) && !coming.includes(booking))
      const earlier = over.toSorted((a, b) => +b.at - +a.at)
      const title = 'Your bookings'
      const body = html`<h1>${title}</h1>${flash.show(ctx)}
        ${due.length > 0 ? html`<section class="card"><h2>To pay</h2>${rows(due)}</section>` : ''}
        ${coming.length > 0 ? html`<section class="card"><h2>To come</h2>${rows(coming)}</section>` : ''}
        ${items.length === 0 ? html`<div class="card"><p>You have booked no table yet. Your bookings and bills will be here.</p><p><a class="button" href="/book">Book a table</a></p></div>` : ''}
        ${earlier.length > 0 ? html`<section class="card"><h2>Earlier</h2>${rows(earlier)}</section>` : ''}
        <p class="pager">${after ? html`<a href="/bookings">Newest</a>` : ''}
          ${next ? html`<a href="/bookings?after=${next}">Older</a>` : ''}</p>`
      tools.page(ctx, { title, body })
    }),
  )

  router.get(
    '/bookings/:id',
    tools.signedIn(async (ctx, { api, me }) => {
      requirePermission(await me(), 'bookings.own')
      const { booking, restaurant } = await bookingOf(api, ctx.params.id)
      const bill = hasBill(booking)
        ? await api.get(apiPath`/bookings/${booking.id}/bill`, billReader)
        : undefined
      const title = `Your table at ${restaurant?.name ?? 'a restaurant that has closed'}`
      const body = html`<p class="back"><a href="/bookings">All your bookings</a></p>
        ${flash.show(ctx)}
        <section class="card">
          <div class="headline"><h1>${title}</h1>${stateOf(booking)}</div>
          ${facts(booking, restaurant)}
          ${canCancel(booking, tools.now()) ? html`<p><a class="button quiet" href="/bookings/${booking.id}/cancel">Cancel the booking</a></p>` : ''}
        </section>
        ${bill ? billSection(booking, bill, tools.now(), restaurant?.timeZone ?? 'UTC') : ''}`
      tools.page(ctx, { title, body })
    }),
  )

  router.get(
    '/bookings/:id/cancel',
    tools.signedIn(async (ctx, { api, me }) => {
      requirePermission(await me(), 'bookings.own')
      const { booking, restaurant, version } = await bookingOf(api, ctx.params.id)
      const page = `/bookings/${booking.id}`
      if (!canCancel(booking, tools.now())) return seeOther(ctx, page)
      const title = 'Cancel this booking?'
      const body = html`<div class="card">
        <h1>${title}</h1>
        <p>We give your table to somebody else. You can book again, if there is one left.</p>
        ${facts(booking, restaurant)}
        <form class="actions" method="post" action="${page}/cancel">
          <input type="hidden" name="version" value="${version}">
          <button class="danger">Cancel the booking</button>
          <a href="${page}">Keep the table</a>
        </form>
      </div>`
      tools.page(ctx, { title, body })
    }),
  )

  router.post(
    '/bookings/:id/cancel',
    tools.signedIn(async (ctx, { api, me }) => {
      requirePermission(await me(), 'bookings.own')
      const id = ctx.params.id ?? ''
      const version = Number((await tools.form(ctx)).get('version'))
      // Only the booking as it was shown: what somebody has changed since is looked at again first.
      await api.send('PATCH', apiPath`/bookings/${id}`, { version, body: { status: 'cancelled' } })
      seeOther(ctx, flash.href(`/bookings/${id}`, 'cancelled'))
    }),
  )

  router.post(
    '/bookings/:id/pay',
    tools.signedIn(async (ctx, { api, me }) => {
      requirePermission(await me(), 'bookings.own')
      const id = ctx.params.id ?? ''
      // Paid once, however often it is sent: the API sees to that.
      await api.send('POST', apiPath`/bookings/${id}/payment`)
      seeOther(ctx, flash.href(`/bookings/${id}`, 'paid'))
    }),
  )
}

async function bookingOf(
  api: ApiClient,
  id = '',
): Promise<{ booking: Booking; version: number; restaurant: Restaurant | undefined }> {
  const { record: booking, version } = await api.getVersioned(apiPath`/bookings/${id}`, bookingReader)
  const restaurants = await restaurantsById(api, [booking.restaurant])
  return { booking, version, restaurant: restaurants.get(booking.restaurant) }
}

function facts({ at, guests, note }: Booking, restaurant: Restaurant | undefined): Html {
  const [day = '', time = ''] = localTime(at, restaurant?.timeZone ?? 'UTC').split(' ')
  return html`<dl class="facts">
    <dt>When</dt><dd><time datetime="${at.toISOString()}">${longDay(day)} ${day.slice(0, 4)}, ${time}</time></dd>
    <dt>Where</dt><dd>${restaurant ? `${restaurant.name}, ${restaurant.city}` : 'It has closed'}</dd>
    <dt>For</dt><dd>${guestsOf(guests)}</dd>
    ${note ? html`<dt>Note</dt><dd>${note}</dd>` : ''}
  </dl>`
}

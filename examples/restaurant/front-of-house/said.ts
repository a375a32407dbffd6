/**
 * What was done on the page before, told on this one. It travels in the address by its name, so that nobody can put
 * words of their own into our mouth.
 */
import type { Context } from 'koa'
import { type Html, html } from '../web/html.ts'

const SAID = {
  booked: 'Your table is booked. We look forward to seeing you.',
  cancelled: 'Your booking is cancelled. The table goes to somebody else.',
  paid: 'Your bill is paid. Thank you, and come again.',
  times: 'Your times are saved.',
} as const

export function said(ctx: Context): Html {
  const words = SAID[ctx.URL.searchParams.get('said') as keyof typeof SAID]
  return words ? html`<p class="notice success" role="status">${words}</p>` : html``
}

export function saying(path: string, what: keyof typeof SAID): string {
  return `${path}?said=${what}`
}

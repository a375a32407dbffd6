/**
 * What was done on the page before, told on this one. It travels in the address by its name, so that nobody can put
 * words of their own into our mouth.
 */
import type { Context } from 'koa'
import { type Html, html } from './html.ts'

export interface Flash<Name extends string> {
  /** What the page before has left to say, if anything. */
  show(ctx: Context): Html
  /** The address of the page that is to say it. */
  href(path: string, name: Name): string
}

export function createFlash<Name extends string>(words: Readonly<Record<Name, string>>): Flash<Name> {
  const known = new Map<string, string>(Object.entries<string>(words))
  return {
    show(ctx) {
      const text = known.get(ctx.URL.searchParams.get('said') ?? '')
      return text ? html`<p class="notice success" role="status">${text}</p>` : html``
    },
    href: (path, name) => `${path}${path.includes('?') ? '&' : '?'}said=${name}`,
  }
}

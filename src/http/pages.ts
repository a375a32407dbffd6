/** Whole pages: a view inside the layout, with what every page knows. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Config } from '../config.ts'
import { csrfField } from './csrf.ts'
import { requestState } from './request-state.ts'
import type { Views } from './views.ts'

export interface Pages {
  /** Gives the browser its CSRF cookie, as pages are there for their forms. */
  page(ctx: Exchange, view: string, locals?: Readonly<Record<string, unknown>>): string
  /** A page without a form. */
  notice(ctx: Exchange, view: string, locals?: Readonly<Record<string, unknown>>): string
}

type Exchange = { req: IncomingMessage; res: ServerResponse }

export function createPages(o: {
  views: Views
  asset: (path: string) => string
  /** URL of the installation's look; a handler may name another one, with its `brand`. */
  themeHref: string
  config: Pick<Config, 'name' | 'brand'>
}): Pages {
  const brand = Object.freeze({
    contrast: undefined,
    logo: undefined,
    ...o.config.brand,
    name: o.config.name,
  })

  function render(
    ctx: Exchange,
    view: string,
    csrf: string | undefined,
    locals?: Readonly<Record<string, unknown>>,
  ): string {
    const { t, language, dates } = requestState(ctx)
    const data = {
      app: undefined,
      title: undefined,
      problem: undefined,
      fields: {},
      values: {},
      brand,
      themeHref: o.themeHref,
      ...locals,
      t,
      lang: language,
      dates,
      asset: o.asset,
      csrf,
      view,
    }
    return o.views.render('layout', { ...data, body: o.views.render(view, data) })
  }

  return {
    page: (ctx, view, locals) => render(ctx, view, csrfField(ctx), locals),
    notice: (ctx, view, locals) => render(ctx, view, undefined, locals),
  }
}

/** Serves every page in every state as the shell would: same layout, same policy, files from public/. */
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import ejs from 'ejs'
import { faviconOf } from '../../src/http/theme.ts'
import { createLocale, type Language } from '../../src/locale/locale.ts'
import { accountPages } from './account-pages.ts'
import { flowPages } from './flow-pages.ts'
import { localsOf, type PageState } from './page-state.ts'
import { type Theme, themes } from './themes.ts'

export const pages: PageState[] = [...flowPages, ...accountPages]
const root = join(import.meta.dirname, '../..')
const locale = createLocale()
const types: Record<string, string> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
}
/** What src/http/security-headers.ts sends. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

export async function renderPage(
  page: PageState,
  language: Language,
  theme: Theme,
  acceptLanguage?: string,
): Promise<string> {
  const { name, color, logo, app } = theme
  const { view } = page
  const t = locale.translate(language)
  const data = {
    app: { name: app, uri: 'https://kitchen.example/' },
    title: undefined,
    problem: undefined,
    fields: {},
    values: {},
    ...localsOf(page, t),
    t,
    lang: language,
    dates: locale.dates(language, undefined, acceptLanguage),
    brand: { name, color, logo },
    themeHref: `/themes/${theme.id}.css`,
    asset: (file: string) => (file === 'favicon.svg' ? `/themes/${theme.id}.svg` : `/assets/${file}`),
    csrf: 'token',
    view,
  }
  const options = { cache: true, async: false } as const
  const render = (file: string, more: object) =>
    ejs.renderFile(join(root, 'views', `${file}.ejs`), { ...data, ...more }, options)
  return render('layout', { body: await render(view, {}) })
}

export interface PageServer {
  urlOf(page: PageState, language: Language, theme: Theme): string
  close(): Promise<void>
}

export async function servePages(): Promise<PageServer> {
  const server = createServer((req, res) => {
    const path = new URL(req.url ?? '/', 'http://localhost').pathname
    // An answer that leaves the browser on the page, for forms and for where a page goes on by itself.
    if (path === '/stay' || req.method === 'POST') return void res.writeHead(204).end()
    answer(path, req.headers['accept-language']).then(
      ({ type, body }) => {
        res.writeHead(200, { 'Content-Type': `${type}; charset=utf-8`, 'Content-Security-Policy': policy })
        res.end(body)
      },
      (error: unknown) => res.writeHead(404).end(String(error)),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    urlOf: ({ view, state }, language, theme) =>
      `http://127.0.0.1:${port}/pages/${language}/${theme.id}/${view}/${state}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(path: string, acceptLanguage?: string): Promise<{ type: string; body: string }> {
  const [, kind, first = '', second = '', ...rest] = path.split('/')
  if (kind === 'assets') {
    const type = types[extname(first)]
    if (type === undefined) throw new Error(`no asset ${path}`)
    return { type, body: await readFile(join(root, 'public', first), 'utf8') }
  }
  if (kind === 'themes') {
    const theme = themes.find(({ id }) => first.startsWith(`${id}.`))
    if (theme && first.endsWith('.svg'))
      return { type: 'image/svg+xml', body: faviconOf({ color: theme.color }) }
    if (theme) return { type: 'text/css', body: theme.css }
  }
  const state = rest.pop()
  const page = pages.find((one) => one.view === rest.join('/') && one.state === state)
  const theme = themes.find(({ id }) => id === second)
  if (kind !== 'pages' || !page || !theme) throw new Error(`nothing at ${path}`)
  return { type: 'text/html', body: await renderPage(page, first as Language, theme, acceptLanguage) }
}

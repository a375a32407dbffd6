/**
 * A browser without scripts, for journeys over HTTP: it keeps cookies by path, follows redirects and
 * `<meta refresh>` within the issuer, and fills in the forms it finds on a page. Only its address bar is as scripts
 * leave it (`data-here`).
 */

export interface Page {
  status: number
  url: string
  html: string
  headers: Headers
  /** Where the page wants to go outside of the issuer, when it does. */
  leaves?: string
}

interface Cookie {
  name: string
  value: string
  path: string
}

export interface Visitor {
  get(url: string): Promise<Page>
  /** Sends the page's form (the one whose action is `to` or contains it, else the first) with its hidden fields. */
  submit(page: Page, fields?: Record<string, string>, to?: string): Promise<Page>
  /** One request, nothing followed. */
  request(url: string, init?: RequestInit): Promise<Response>
  cookies: Cookie[]
}

export function createVisitor(issuer: string, headers: Record<string, string> = {}): Visitor {
  const cookies: Cookie[] = []

  function keep(response: Response): void {
    for (const line of response.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim())
      const at = pair.indexOf('=')
      const [name, value] = [pair.slice(0, at), pair.slice(at + 1)]
      const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? '/'
      const known = cookies.findIndex((cookie) => cookie.name === name && cookie.path === path)
      if (known >= 0) cookies.splice(known, 1)
      const gone = attributes.some((part) => /^expires=Thu, 01 Jan 1970/i.test(part))
      if (!gone) cookies.push({ name, value, path })
    }
  }

  async function request(url: string, init: RequestInit = {}): Promise<Response> {
    const { pathname } = new URL(url, issuer)
    const cookie = cookies
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
    const response = await fetch(new URL(url, issuer), {
      ...init,
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        'user-agent': CHROME,
        ...headers,
        ...(cookie && { cookie }),
        ...init.headers,
      },
    })
    keep(response)
    return response
  }

  async function follow(url: string, init: RequestInit = {}, hops = 0): Promise<Page> {
    if (hops > 15) throw new Error(`redirects without end at ${url}`)
    const response = await request(url, init)
    const location = response.headers.get('location')
    const html = await response.text()
    const meta = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(html)?.[1]
    const onward = location ?? (meta && decode(meta))
    const here = decode(/<html\b[^>]*data-here="([^"]+)"/.exec(html)?.[1] ?? url)
    const page = { status: response.status, url: new URL(here, issuer).href, html, headers: response.headers }
    if (!onward) return page
    const target = new URL(onward, new URL(url, issuer)).href
    if (!target.startsWith(`${issuer}/`)) return { ...page, leaves: target }
    return follow(target, {}, hops + 1)
  }

  return {
    cookies,
    request,
    get: (url) => follow(url),
    submit(page, fields = {}, to = '') {
      const forms = formsIn(page.html)
      const form =
        forms.find(({ action }) => action === to) ?? forms.find(({ action }) => action.includes(to))
      if (!form)
        throw new Error(`no form${to && ` to ${to}`} on ${page.url} (${page.status}): ${textOf(page.html)}`)
      const body = new URLSearchParams({ ...form.hidden, ...fields })
      return follow(new URL(form.action, page.url).href, {
        method: 'POST',
        body,
        headers: { origin: issuer, 'sec-fetch-site': 'same-origin' },
      })
    },
  }
}

/** The same browser once more: with all its cookies, as they are now. */
export function copyOf(visitor: Visitor, issuer: string): Visitor {
  const copy = createVisitor(issuer)
  copy.cookies.push(...visitor.cookies.map((cookie) => ({ ...cookie })))
  return copy
}

/** What a person reads on a page. */
export function textOf(html: string): string {
  return decode(
    html
      .replace(/<(script|style)[\s\S]*?<\/\1>/g, '')
      .replace(/<[^>]+>/g, ' ')
      .replace(/\s+/g, ' '),
  ).trim()
}

export function formsIn(html: string): { action: string; hidden: Record<string, string> }[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, attributes = '', inner = '']) => ({
    action: decode(/action="([^"]*)"/.exec(attributes)?.[1] ?? ''),
    hidden: Object.fromEntries(
      [...inner.matchAll(/<input\b[^>]*type="hidden"[^>]*>/g)].map(([input]) => [
        decode(/name="([^"]*)"/.exec(input)?.[1] ?? ''),
        decode(/value="([^"]*)"/.exec(input)?.[1] ?? ''),
      ]),
    ),
  }))
}

const CHROME =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36'

function decode(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}

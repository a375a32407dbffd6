/** One request of a browser does what would else be two: it is seen as the second, which the browser would have made. */
import type { IncomingMessage } from 'node:http'

/**
 * Runs `act` while `req` is a GET of `url` with `cookies` (`name=value`) before its own: the first of several of one
 * name counts, and the others may be a stranger's. After that the request is again what the browser asked for.
 */
export async function seenAs(
  req: IncomingMessage,
  { url, cookies }: { url: string; cookies: readonly string[] },
  act: () => Promise<void>,
): Promise<void> {
  const { method, url: asked, headers } = req
  req.method = 'GET'
  req.url = url
  req.headers = { ...headers, cookie: [...cookies, headers.cookie].filter(Boolean).join('; ') }
  try {
    await act()
  } finally {
    Object.assign(req, { method, url: asked, headers })
  }
}

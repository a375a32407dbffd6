/** Cookies of this origin: their names, reading one, setting one. */
import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * The full name of a cookie. On HTTPS `__Host-` binds it to this very host (RFC 6265bis, 4.1.3.2); on plain
 * loopback HTTP, where the prefix is refused and ports share their cookies, the port tells apps apart.
 */
export function cookieName(issuer: string, name: string): string {
  const { protocol, port } = new URL(issuer)
  return protocol === 'https:' ? `__Host-maitred-${name}` : `maitred-${port || '80'}-${name}`
}

export function readCookie({ headers }: IncomingMessage, name: string): string | undefined {
  const header = headers.cookie
  if (header === undefined || !header.includes(name)) return undefined
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=')
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim()
  }
  return undefined
}

/** HttpOnly, Lax, for the whole origin, until the browser closes. `value` is of cookie octets. */
export function setSessionCookie(res: ServerResponse, name: string, value: string): void {
  const secure = name.startsWith('__Host-') ? '; Secure' : ''
  res.appendHeader('Set-Cookie', `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`)
}

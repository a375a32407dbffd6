/** One caller: a connection that is kept, cookies where he is a browser, and nothing that costs much. */
import { createHash, randomBytes } from 'node:crypto'
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { CALLBACK, SCOPE } from './cast.ts'
import type { Offer } from './subject.ts'

export interface Reply {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export interface Caller {
  send(method: string, target: string, headers?: Record<string, string>, body?: string): Promise<Reply>
  close(): void
}

export function createCaller({ issuer, port }: Offer): Caller {
  // Given up before the server does it: its end and our next request would cross.
  const agent = new Agent({ keepAlive: true, maxSockets: 1, timeout: 30_000 })
  const { host } = new URL(issuer)
  return {
    send: (method, target, headers = {}, body = undefined) =>
      new Promise((resolve, reject) => {
        const path = target.startsWith(issuer) ? target.slice(issuer.length) : target
        const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }
        const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
        const req = request(
          { agent, host: '127.0.0.1', port, method, path, headers: { host, ...type, ...length, ...headers } },
          (res) => {
            let text = ''
            res.setEncoding('utf8')
            res.on('data', (chunk: string) => {
              text += chunk
            })
            res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body: text }))
          },
        )
        req.on('error', reject)
        req.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** Throws what it did not expect, with the answer: a benchmark of errors would be fast. */
export function expectStatus(reply: Reply, status: number): Reply {
  if (reply.status !== status)
    throw new Error(`${reply.status} and not ${status}: ${reply.body.slice(0, 2_000)}`)
  return reply
}

export const basic = (id: string, secret: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})

/** A browser's cookies, by name and path, for as long as one sign-in. */
export function createJar() {
  const cookies = new Map<string, { name: string; value: string; path: string }>()
  return {
    keep({ headers }: Reply): void {
      for (const line of headers['set-cookie'] ?? []) {
        const [pair = '', ...attributes] = line.split('; ')
        const at = pair.indexOf('=')
        const path = attributes.find((part) => /^path=/i.test(part))?.slice(5) ?? '/'
        const cookie = { name: pair.slice(0, at), value: pair.slice(at + 1), path }
        const id = `${cookie.name};${path}`
        if (/expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(id)
        else cookies.set(id, cookie)
      }
    },
    header(target: string): Record<string, string> {
      const path = target.replace(/^https?:\/\/[^/]+/, '').split('?', 1)[0] ?? '/'
      const fitting = [...cookies.values()].filter(
        (cookie) => cookie.path === '/' || path === cookie.path || path.startsWith(`${cookie.path}/`),
      )
      return fitting.length > 0
        ? { cookie: fitting.map(({ name, value }) => `${name}=${value}`).join('; ') }
        : {}
    },
  }
}

export type Jar = ReturnType<typeof createJar>

/** An authorization request (with PKCE) and its verifier. */
export function authorization(clientId: string): { target: string; verifier: string } {
  const verifier = randomBytes(32).toString('base64url')
  const params = new URLSearchParams({
    client_id: clientId,
    redirect_uri: CALLBACK,
    response_type: 'code',
    scope: SCOPE,
    state: randomBytes(8).toString('base64url'),
    nonce: randomBytes(8).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  return { target: `/auth?${params}`, verifier }
}

export interface Tokens {
  access_token: string
  refresh_token: string
}

export async function exchange(
  caller: Caller,
  offer: Offer,
  clientId: 'kitchen' | 'lookup',
  code: string,
  verifier: string,
): Promise<Tokens> {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  })
  const headers = basic(clientId, offer.secrets[clientId])
  return JSON.parse(expectStatus(await caller.send('POST', '/token', headers, String(body)), 200).body)
}

/** The code in the address that the browser is sent to; undefined while it stays with the issuer. */
export function codeIn(location: string): string | undefined {
  return location.startsWith(CALLBACK) ? (new URL(location).searchParams.get('code') ?? '') : undefined
}

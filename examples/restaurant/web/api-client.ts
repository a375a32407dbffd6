/**
 * The restaurant's API, asked with the access token of who is signed in. A token that is refused is renewed once,
 * unnoticed; when the API has nothing to say to the new one either, the person has to sign in again.
 */
import { z } from 'zod'
import type { Session } from './sessions.ts'

/** Says whether an answer is what it should be: a zod schema, or anything else that throws when it is not. */
export interface Reader<T> {
  parse(value: unknown): T
}

export type Query = Record<string, string | number | undefined>

export interface Send {
  /** Goes as JSON. */
  body?: unknown
  /** The version that is to be changed (`If-Match`); a newer one is not overwritten. */
  version?: number
  headers?: Record<string, string>
}

export interface ApiAnswer {
  status: number
  headers: Headers
  /** Undefined when the answer has none. */
  body: unknown
}

export interface ApiClient {
  /** @throws {ApiProblem | ApiDown | SignInNeeded} */
  get<T>(path: string, reads: Reader<T>, query?: Query): Promise<T>
  /** The same with the version that it has (its ETag), for who wants to change it. */
  getVersioned<T>(path: string, reads: Reader<T>): Promise<{ record: T; version: number }>
  /** @throws {ApiProblem | ApiDown | SignInNeeded} */
  send(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, o?: Send): Promise<ApiAnswer>
  /** The answer as it comes, for downloads. @throws {ApiProblem | ApiDown | SignInNeeded} */
  download(path: string, query?: Query, headers?: Record<string, string>): Promise<Response>
}

/** The API refused, and says why (RFC 9457). */
export class ApiProblem extends Error {
  readonly status: number
  /** For programs, where the status alone does not say it. */
  readonly code: string | undefined
  /** What is wrong, by the name of the field. */
  readonly fields: ReadonlyMap<string, string>

  constructor(status: number, problem: z.infer<typeof problemReader> = {}) {
    super(problem.detail ?? problem.title ?? `the API answered ${status}`)
    this.status = status
    this.code = problem.code
    this.fields = new Map(problem.errors?.map(({ field, message }) => [field, message]))
  }
}

const problemReader = z.object({
  title: z.string().optional(),
  detail: z.string().optional(),
  code: z.string().optional(),
  errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
})

/** The API cannot be reached, takes too long or has trouble of its own. */
export class ApiDown extends Error {
  /** What the API says of its trouble, when it can: a sentence for the person. */
  readonly detail: string | undefined

  constructor(message: string, { detail, cause }: { detail?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause })
    this.detail = detail
  }
}

/** Nobody is signed in any more; the page that was wanted comes after the next sign-in. */
export class SignInNeeded extends Error {}

interface Asked {
  method: string
  headers: Record<string, string>
  body?: string
  isDownload?: boolean
}

export function createApiClient(o: {
  apiUrl: string
  session: Session
  /** New tokens in place of the one that was refused; false when there are none to be had. */
  renew(session: Session, accessToken: string): Promise<boolean>
  requestId?: string | undefined
  fetch?: typeof globalThis.fetch
  /** How long an answer may take, in all; a download only until it begins. Default: 5,000. */
  timeoutMs?: number
}): ApiClient {
  const { session, fetch = globalThis.fetch, timeoutMs = 5_000 } = o

  async function ask(url: string, { isDownload, ...init }: Asked) {
    const headers = {
      ...init.headers,
      authorization: `Bearer ${session.tokens.accessToken}`,
      ...(o.requestId && { 'x-request-id': o.requestId }),
    }
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(), timeoutMs).unref()
    try {
      return await fetch(url, { ...init, headers, signal: late.signal, redirect: 'error' })
    } catch (cause) {
      throw new ApiDown(`no answer from ${o.apiUrl}`, { cause })
    } finally {
      // How long the rest of it takes is up to whoever reads it.
      if (isDownload) clearTimeout(timer)
    }
  }

  async function request(
    method: string,
    path: string,
    { query = {}, headers = {}, ...rest }: { query?: Query } & Partial<Omit<Asked, 'method'>>,
  ): Promise<Response> {
    const url = new URL(`${o.apiUrl}${path}`)
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== '') url.searchParams.set(name, String(value))
    }
    const init = { method, headers: { accept: 'application/json', ...headers }, ...rest }
    const { accessToken } = session.tokens
    let response = await ask(url.href, init)
    if (response.status === 401 && (await o.renew(session, accessToken))) {
      await response.body?.cancel()
      response = await ask(url.href, init)
    }
    if (response.status === 401) {
      await response.body?.cancel()
      // A sign-in that never once was good enough will not be the next time either: that would go round for ever.
      if (!session.accepted) throw new Error(`${o.apiUrl} accepts no token of this app`)
      throw new SignInNeeded()
    }
    session.accepted = true
    if (response.ok) return response
    if (response.status >= 500) {
      const problem = problemReader.safeParse(await bodyOf(response).catch(() => undefined)).data
      throw new ApiDown(`${method} ${url.pathname} was answered with ${response.status}`, problem)
    }
    throw new ApiProblem(response.status, problemReader.safeParse(await bodyOf(response)).data)
  }

  return {
    async get(path, reads, query = {}) {
      return reads.parse(await bodyOf(await request('GET', path, { query })))
    },
    async getVersioned(path, reads) {
      const response = await request('GET', path, {})
      const version = Number(/^"(\d+)"$/.exec(response.headers.get('etag') ?? '')?.[1])
      return { record: reads.parse(await bodyOf(response)), version }
    },
    async send(method, path, { body, version, headers = {} } = {}) {
      const response = await request(method, path, {
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(version !== undefined && { 'if-match': `"${version}"` }),
          ...headers,
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      return { status: response.status, headers: response.headers, body: await bodyOf(response) }
    },
    download: (path, query = {}, headers = {}) => request('GET', path, { query, headers, isDownload: true }),
  }
}

/** @throws {ApiDown} when it breaks off, or is not what an API says */
async function bodyOf(response: Response): Promise<unknown> {
  try {
    const text = await response.text()
    return text === '' ? undefined : JSON.parse(text)
  } catch (cause) {
    throw new ApiDown('the answer of the API cannot be read', { cause })
  }
}

/**
 * A path with somebody's words in it: `apiPath\`/bookings/${id}/bill\``. What is put in stays one part of the path.
 * @throws {ApiProblem} 404 for what can be no part
 */
export function apiPath(strings: TemplateStringsArray, ...parts: string[]): string {
  for (const part of parts) {
    if (part === '' || /^\.+$/.test(part)) throw new ApiProblem(404)
  }
  return String.raw({ raw: strings }, ...parts.map(encodeURIComponent))
}

/** What the guard looks at in a request. A `Request` of `fetch` is one as it is. */
export interface GuardedRequest {
  readonly method: string
  /** As the client sent it: absolute, or path and query. */
  readonly url: string
  readonly headers: { get(name: string): string | null | undefined }
}

/** What of a request of Node is used; `rawHeaders` are names and values in turn. */
export interface NodeRequest {
  method?: string | undefined
  headers: Record<string, string | string[] | undefined>
  rawHeaders: readonly string[]
}

/** Of a request of Node, as Koa and Express hand it on. `url` is the one that no router has shortened. */
export function nodeRequest({ method = '', headers, rawHeaders }: NodeRequest, url: string): GuardedRequest {
  return {
    method,
    url,
    headers: {
      get(name) {
        const value = headers[name]
        if (name === 'authorization' && isRepeated(name, rawHeaders)) return `${value}, and another`
        return Array.isArray(value) ? value.join(', ') : value
      },
    },
  }
}

/** Node keeps the first of several and is silent about the others, which a proxy may have believed. */
function isRepeated(name: string, rawHeaders: readonly string[]): boolean {
  let count = 0
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const raw = rawHeaders[at]
    if (raw?.length === name.length && raw.toLowerCase() === name) count += 1
  }
  return count > 1
}

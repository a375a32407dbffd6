/** What the guard looks at in a request. A `Request` of `fetch` is one as it is. */
export interface GuardedRequest {
  readonly method: string
  /** As the client sent it: absolute, or path and query. */
  readonly url: string
  readonly headers: { get(name: string): string | null | undefined }
}

/** Of a request of Node, as Koa and Express hand it on. `url` is the one that no router has shortened. */
export function nodeRequest(
  { method, headers }: { method: string; headers: Record<string, string | string[] | undefined> },
  url: string,
): GuardedRequest {
  return {
    method,
    url,
    headers: {
      get(name) {
        const value = headers[name]
        return Array.isArray(value) ? value.join(', ') : value
      },
    },
  }
}

/**
 * Every error Maitred raises on purpose: a code, a status and a safe text key. The cause is for the log
 * and the admin; the client sees only the words that `src/locale` has for the code.
 */

/** The catalogue: what each code answers over HTTP. Its words are `error.<code>.title` and `error.<code>.text`. */
export const catalogue = {
  bad_request: 400,
  unknown_application: 400,
  redirect_not_registered: 400,
  protocol: 400,
  invalid_form: 422,
  unauthenticated: 401,
  wrong_credentials: 401,
  invalid_client: 401,
  mfa_required: 401,
  sign_in_incomplete: 403,
  forbidden: 403,
  csrf: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  expired: 410,
  too_large: 413,
  unsupported_media_type: 415,
  misdirected: 421,
  too_many_requests: 429,
  internal: 500,
  busy: 503,
  store_unavailable: 503,
} as const

export type ErrorCode = keyof typeof catalogue

export interface ErrorDetails {
  /** The hidden reason, for log and admin. */
  cause?: unknown
  /** Field name to text key, for a form. */
  fields?: Record<string, string>
  /** Values that the text interpolates. */
  params?: Record<string, string | number>
  /** Members of the problem document that a program reads (RFC 9457 §3.2). */
  members?: Record<string, unknown>
  /** Seconds, sent as `Retry-After`. */
  retryAfter?: number
}

export class MaitredError extends Error {
  readonly code: ErrorCode
  readonly status: number
  readonly fields: Readonly<Record<string, string>> | undefined
  readonly params: Readonly<Record<string, string | number>>
  readonly members: Readonly<Record<string, unknown>>
  readonly retryAfter: number | undefined

  constructor(code: ErrorCode, details: ErrorDetails = {}) {
    super(code, { cause: details.cause })
    this.name = 'MaitredError'
    this.code = code
    this.status = catalogue[code]
    this.fields = details.fields
    this.params = details.params ?? {}
    this.members = details.members ?? {}
    this.retryAfter = details.retryAfter
  }
}

/** Why a request is refused, and the answer that says so (RFC 6750 §3, RFC 9449 §7.1, RFC 9457, RFC 9728 §5.1). */
import type { GuardedRequest } from './guarded-request.ts'

/** Each code with its status and the title of the answer. Beside the RFCs' own: no token, not from here, no keys. */
const codes = {
  missing_token: [401, 'Authentication required'],
  invalid_token: [401, 'The access token is not accepted'],
  invalid_dpop_proof: [401, 'The proof of possession is not accepted'],
  insufficient_scope: [403, 'Not allowed'],
  cross_site_request: [403, 'Not from another site'],
  temporarily_unavailable: [503, 'Temporarily unavailable'],
} as const

export type RefusalCode = keyof typeof codes

/** Thrown by `Guard.check`; `message` is written for the developers of the client and names no secret. */
export class Refusal extends Error {
  readonly code: RefusalCode
  readonly status: 401 | 403 | 503
  /** The scope, or one of the scopes, that would have been enough (RFC 6750 §3). */
  readonly scope: string | undefined

  constructor(code: RefusalCode, message: string, options?: ErrorOptions & { scope?: string }) {
    super(message, options)
    this.name = 'Refusal'
    this.code = code
    this.status = codes[code][0]
    this.scope = options?.scope
  }
}

/** An answer as data, for any framework. */
export interface Answer {
  status: number
  headers: Record<string, string>
  body: string
}

export interface AnswerOptions {
  /** Where the metadata of the resource lies (RFC 9728 §5.1). */
  metadataUrl: string
  proofAlgorithms: readonly string[]
  /** Seconds after which keys are fetched again. */
  retryAfter: number
}

export function createAnswers({ metadataUrl, proofAlgorithms, retryAfter }: AnswerOptions) {
  return function answer({ code, status, message, scope }: Refusal, request: GuardedRequest): Answer {
    const problem = { type: 'about:blank', title: codes[code][1], status, detail: message, code }
    return {
      status,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        ...(status === 503 && { 'retry-after': String(retryAfter) }),
        ...((status === 401 || code === 'insufficient_scope') && { 'www-authenticate': challenges() }),
      },
      body: JSON.stringify(problem),
    }

    /** Both schemes are named; the error stands with the one that was used (RFC 9449 §7.2). */
    function challenges(): string {
      const byProof = /^dpop /i.test(request.headers.get('authorization') ?? '')
      // RFC 6750 §3.1: who sent no token is told no error.
      const error =
        code === 'missing_token'
          ? []
          : [
              `error="${code}"`,
              `error_description="${plain(message)}"`,
              ...(scope === undefined ? [] : [`scope="${plain(scope)}"`]),
            ]
      const where = `resource_metadata="${metadataUrl}"`
      const bearer = ['Bearer', [...(byProof ? [] : error), where].join(', ')]
      const dpop = [
        'DPoP',
        [...(byProof ? error : []), `algs="${proofAlgorithms.join(' ')}"`, where].join(', '),
      ]
      return (byProof ? [dpop, bearer] : [bearer, dpop]).map((parts) => parts.join(' ')).join(', ')
    }
  }
}

export function responseOf({ status, headers, body }: Answer): Response {
  return new Response(body, { status, headers })
}

/** What an `error_description` may hold (RFC 6750 §3). */
const plain = (text: string): string => text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, "'")

/** What the API refuses, and why, as problem documents (RFC 9457). Handlers throw them; one place writes them. */
import { z } from 'zod'

const titles = {
  400: 'The request is malformed',
  401: 'Authentication required',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'In conflict with what is there',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Media type not supported',
  422: 'Some fields are not right',
  428: 'If-Match is missing',
  500: 'Something broke',
  503: 'Temporarily unavailable',
} as const

export type ProblemStatus = keyof typeof titles

export interface FieldError {
  /** A dotted path into the body, or the name of a parameter or header. */
  field: string
  message: string
}

export interface ProblemOptions {
  errors?: readonly FieldError[]
  headers?: Record<string, string>
  /** For programs, where the status alone does not say it. */
  code?: string
  cause?: unknown
}

export class Problem extends Error {
  readonly status: ProblemStatus
  readonly errors: readonly FieldError[] | undefined
  readonly headers: Readonly<Record<string, string>>
  readonly code: string | undefined

  /** @param detail one sentence that the client may show; it names no secret. */
  constructor(
    status: ProblemStatus,
    detail: string,
    { errors, headers = {}, code, cause }: ProblemOptions = {},
  ) {
    super(detail, { cause })
    this.name = 'Problem'
    this.status = status
    this.errors = errors
    this.headers = headers
    this.code = code
  }
}

/** A refusal of one field; 409 when it collides with what is there. */
export function fieldProblem(field: string, message: string, status: 409 | 422 = 422): Problem {
  return new Problem(status, `${field}: ${message}`, { errors: [{ field, message }] })
}

export function notFound(): Problem {
  return new Problem(404, 'There is nothing here, or it is not yours.')
}

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().optional(),
    code: z.string().optional(),
    errors: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' })

export function problemDocument({ status, message, code, errors }: Problem): z.infer<typeof problemSchema> {
  return {
    type: 'about:blank',
    title: titles[status],
    status,
    detail: message,
    ...(code && { code }),
    ...(errors && { errors: [...errors] }),
  }
}

export function titleOf(status: ProblemStatus): string {
  return titles[status]
}

/** Why the rota gave no answer that can be used. */

export type RotaTrouble =
  /** The connection failed. */
  | 'unreachable'
  | 'slow'
  /** It says itself that it is broken. */
  | 'failing'
  /** What it answered cannot be believed. */
  | 'wrong'
  /** It will not have this question; asking again is of no use. */
  | 'refused'
  /** We could not prove who we are. */
  | 'no-token'
  /** It was not asked at all, because it failed too often or too many wait for it. */
  | 'resting'

export class RotaUnavailable extends Error {
  readonly trouble: RotaTrouble
  /** For the log and the admin: it holds nothing secret and nothing of the answer's own words. */
  readonly reason: string
  /** Seconds after which asking again may be of use. */
  readonly retryAfter: number
  /** Nothing was waited for, so one more try costs nothing. */
  readonly mayPassAtOnce: boolean

  constructor(
    trouble: RotaTrouble,
    reason: string,
    o: { retryAfter: number; mayPassAtOnce?: boolean; cause?: unknown },
  ) {
    super(`The rota: ${reason}`, { cause: o.cause })
    this.name = 'RotaUnavailable'
    this.trouble = trouble
    this.reason = reason
    this.retryAfter = o.retryAfter
    this.mayPassAtOnce = o.mayPassAtOnce ?? false
  }
}

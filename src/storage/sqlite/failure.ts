/** What SQLite's errors mean to the store. */
export type Failure =
  /** Another process holds a lock. */
  | 'busy'
  /** `_id` or a unique key is taken. */
  | 'taken'
  /** The file, the disk or the memory fails: nothing of this transaction can be trusted. */
  | 'broken'
  /** Anything else: a fault of the program. */
  | 'other'

/** By SQLite's primary result codes (https://sqlite.org/rescode.html). */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return 'other'
  switch (error.errcode & 0xff) {
    case 5: // BUSY
    case 6: // LOCKED
      return 'busy'
    case 19: // CONSTRAINT
      return 'taken'
    case 7: // NOMEM
    case 8: // READONLY
    case 10: // IOERR
    case 11: // CORRUPT
    case 13: // FULL
    case 14: // CANTOPEN
    case 26: // NOTADB
      return 'broken'
    default:
      return 'other'
  }
}

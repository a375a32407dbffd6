/** The contract of a second factor. `test/contracts/factor.ts` holds a factor to it. */
import type { Person } from '../../accounts/accounts.ts'
import type { TextKey } from '../../locale/locale.ts'
import type { Change, Match } from '../../storage/storage.ts'

/**
 * A factor reads the person and judges a code; it saves nothing. The host saves what an accepted code
 * changes with one guarded write, so a code that two requests bring at once is accepted once. Attempt limits,
 * audit and CSRF are the host's too.
 */
export interface Factor {
  readonly name: string
  /** What the sign-in history calls it: `account.method.<method>`. */
  readonly method: string
  /** What the session's `amr` gains (RFC 8176). */
  readonly amr: readonly string[]
  enrolled(person: Person): boolean
  /**
   * Judges a code as it was typed.
   * @param now the server's clock, the only one that counts
   * @throws MaitredError `internal` when the person's secret cannot be read
   */
  verify(person: Person, code: string, now: Date): Verdict
}

export type Verdict =
  | {
      accept: true
      /** Holds as long as this code was not used: for `accounts.change`. */
      match: Match
      /** Makes `match` false. */
      change: Change
    }
  | { accept: false; reason: TextKey }

/** What a command has of the world: where it was called, and where its words go. */
import type { Environment } from '../config.ts'

export interface Terminal {
  readonly env: Environment
  readonly cwd: string
  /** Writes one or more lines to standard output. */
  out(text: string): void
  /** Writes one or more lines to standard error. */
  err(text: string): void
}

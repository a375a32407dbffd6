import type { Translate } from '../../src/locale/locale.ts'

/** One page in one state, to be looked at. */
export interface PageState {
  /** File under views/, without its ending. */
  view: string
  state: string
  /** What the handler of the page would give, its texts in the reader's language. */
  locals: Record<string, unknown> | ((t: Translate) => Record<string, unknown>)
}

export function localsOf({ locals }: PageState, t: Translate): Record<string, unknown> {
  return typeof locals === 'function' ? locals(t) : locals
}

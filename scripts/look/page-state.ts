/** One page in one state, to be looked at. */
export interface PageState {
  /** File under views/, without its ending. */
  view: string
  state: string
  /** What the handler of the page would give. */
  locals: Record<string, unknown>
}

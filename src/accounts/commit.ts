/** One batch of this room's writes and a caller's, with errors that each side understands. */
import { BatchError, type Store, type Write } from '../storage/storage.ts'

/**
 * Makes `own`, `also` and `last`, in that order, or nothing.
 * @returns the write of ours that failed and why, or nothing
 * @throws BatchError whose index is that in `also`
 */
export async function commit(
  store: Store,
  { own, also = [], last = [] }: { own: readonly Write[]; also?: readonly Write[]; last?: readonly Write[] },
): Promise<{ failed?: Write; cause?: unknown }> {
  try {
    await store.batch([...own, ...also, ...last])
    return {}
  } catch (error) {
    if (!(error instanceof BatchError)) throw error
    const failed = own[error.index]
    if (failed) return { failed, cause: error.cause }
    throw new BatchError(error.index - own.length, error.cause)
  }
}

/**
 * One after another for what shares a key, side by side for all else, within one process. Transactions that change
 * one document would otherwise meet in the server, which sends all but one of them back again and again. Turns are
 * taken in the order of asking, for all keys at once, so that nobody waits in a circle.
 */
export function createTurns(): <T>(keys: readonly string[], work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()

  return (keys, work) => {
    const before = keys.map((key) => last.get(key)).filter((turn) => turn !== undefined)
    const turn = before.length === 0 ? work() : Promise.all(before).then(work)
    const over = turn.then(
      () => {},
      () => {},
    )
    for (const key of keys) last.set(key, over)
    void over.then(() => {
      for (const key of keys) if (last.get(key) === over) last.delete(key)
    })
    return turn
  }
}

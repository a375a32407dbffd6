/**
 * Ends the sessions whose time is over though nobody came to notice: every minute, and at the start those of
 * the time in which no process ran. Any number of processes may do it: each session is ended by one.
 */
import { type SessionDocument, sessionCollection } from '../accounts/accounts.ts'
import type { Match, Store } from '../storage/storage.ts'

const EVERY_MS = 60_000
const PAGE = 100
/** So many are ended at once: the store has other work too. */
const AT_ONCE = 10

export interface SessionExpiry {
  start(): void
  /** Waits for what is being ended. */
  stop(): Promise<void>
  /** Ends all that are over now. */
  pass(): Promise<void>
}

export interface SessionExpiryOptions {
  store: Store
  now: () => Date
  log: { warn(o: object, text: string): void; error(o: object, text: string): void }
  /** Ends it while `still` holds of it as it is stored. */
  end(session: SessionDocument, still: Match): Promise<void>
}

export function createSessionExpiry({ store, now, log, end }: SessionExpiryOptions): SessionExpiry {
  const sessions = store.collection(sessionCollection)
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let stopped = false

  async function pass(): Promise<void> {
    // Whoever used it meanwhile has moved its end.
    const over = { ends: { $lte: now() } }
    let after: { value: Date; id: string } | undefined
    while (!stopped) {
      const page = await sessions.find(over, {
        sort: { field: 'ends', order: 'asc' },
        limit: PAGE,
        ...(after && { after }),
      })
      for (let at = 0; at < page.length; at += AT_ONCE) {
        await Promise.all(page.slice(at, at + AT_ONCE).map((session) => endOne(session, over)))
      }
      const last = page.at(-1)
      if (!last?.ends || page.length < PAGE) return
      after = { value: last.ends, id: last._id }
    }
  }

  /** One that cannot be ended must not keep the others. */
  async function endOne(session: SessionDocument, over: Match): Promise<void> {
    try {
      await end(session, over)
    } catch (error) {
      log.error({ err: error, session: session._id }, 'a session that is over could not be ended')
    }
  }

  function tick(): void {
    running ??= pass()
      .catch((error: unknown) => log.warn({ err: error }, 'the store did not answer the end of sessions'))
      .finally(() => {
        running = undefined
      })
  }

  return {
    pass,
    start() {
      timer = setInterval(tick, EVERY_MS).unref()
      tick()
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      await running
    },
  }
}

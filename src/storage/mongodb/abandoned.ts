/**
 * Ends the transactions of processes that died. One that is killed between the commands of a batch leaves its
 * transaction open on the server, which aborts it only after `transactionLifetimeLimitSeconds` (60 s, in fact up to
 * 90); until then every write to a document that it changed conflicts, and whoever needs it is told that the store
 * is unavailable. So whoever runs into it ends it: a call that runs out of its time, and a store some seconds after
 * it was opened, which is what follows a crash.
 *
 * The rule: a living process sends the commands of a transaction back to back and gives up after four seconds, so
 * one that was left waiting for three (the server counts them together) is abandoned. This is safe even where it is
 * wrong: the process that stalled finds its transaction aborted, and tries it again whole or tells its caller that the
 * store is unavailable. Nothing is done by half.
 *
 * The server does not tell which database a transaction is in, but whose it is: of all that this user may end without
 * a privilege, only what this module's connections (`appName`) began is ended.
 */
import type { mongo } from 'mongoose'
import type { StoreOptions } from '../storage.ts'
import { TIMEOUT_MS } from './calls.ts'
import { APP_NAME } from './connect.ts'
import { isAbsence } from './failure.ts'

const ABANDONED_MS = 3_000
const REST_MS = 1_000

export interface Abandoned {
  /** Looks for abandoned transactions in the background, at most once a second. It never throws. */
  look(): void
  close(): void
}

export function endAbandoned(o: { client: mongo.MongoClient; log: StoreOptions['log'] }): Abandoned {
  const admin = o.client.db('admin')
  // What was abandoned before the store was opened is old enough then.
  const first = setTimeout(look, ABANDONED_MS).unref()
  let resting: NodeJS.Timeout | undefined
  let looking = false
  let refused = false
  let closed = false

  function look(): void {
    if (closed || looking || resting) return
    looking = true
    void end()
      .catch((error: unknown) => {
        // That the server is away is told by whoever called it.
        if (closed || refused || isAbsence(error)) return
        refused = true
        o.log?.warn(
          { err: error },
          'Transactions of processes that died cannot be ended; MongoDB does after a minute',
        )
      })
      .finally(() => {
        looking = false
        resting = setTimeout(() => {
          resting = undefined
        }, REST_MS).unref()
      })
  }

  async function end(): Promise<void> {
    const reply = await admin.command({ aggregate: 1, pipeline, cursor: {}, maxTimeMS: TIMEOUT_MS })
    const sessions: { id: mongo.UUID }[] = reply.cursor.firstBatch
    if (closed || sessions.length === 0) return
    await admin.command({ killSessions: sessions, maxTimeMS: TIMEOUT_MS })
    o.log?.info({ count: sessions.length }, 'Ended transactions of processes that died')
  }

  return {
    look,
    close() {
      closed = true
      clearTimeout(first)
      clearTimeout(resting)
    },
  }
}

const pipeline = [
  { $currentOp: { idleSessions: true, allUsers: false } },
  {
    $match: {
      type: 'idleSession',
      appName: APP_NAME,
      'transaction.timeInactiveMicros': { $gte: ABANDONED_MS * 1_000 },
    },
  },
  // So many fit into the first answer.
  { $limit: 100 },
  { $replaceWith: { id: '$lsid.id' } },
]

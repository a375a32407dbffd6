/**
 * What other programs are told of, surely: back-channel logouts (OpenID Connect Back-Channel Logout 1.0, 2.5).
 * The rows hold ids only; the message itself is built when it is sent, because a logout token lives two minutes.
 */
import { createOutbox, type Log, type OutboxRow, outboxCollection } from '../outbox/outbox.ts'
import type { Store, Write } from '../storage/storage.ts'

export interface Delivery {
  kind: 'backchannel_logout'
  clientId: string
  sub?: string | undefined
  sid?: string | undefined
}

export interface DeliveriesOptions {
  store: Store
  now: () => Date
  log: Log
  /**
   * Builds the message and posts it; rejects unless the receiver accepted it. Ends by itself within seconds.
   * @param delivery.id stays the same over all tries, so that the receiver can tell a repetition
   */
  send(delivery: Delivery & { id: string }): Promise<void>
}

export interface Deliveries {
  /** The promise as data, for the batch that ends the session. Then `wake()`. */
  write(delivery: Delivery): Write
  wake(): void
  start(): void
  stop(): Promise<void>
  /** Tries what is due now, to the end. */
  pass(): Promise<void>
  /** What was given up after five tries, newest first. */
  dead(): Promise<OutboxRow[]>
}

export const deliveries = outboxCollection('deliveries')

/** Seconds before the second to the fifth try: all within ten minutes. */
const WAITS = [5, 30, 120, 360]

export function createDeliveries({ store, now, log, send }: DeliveriesOptions): Deliveries {
  const outbox = createOutbox({
    store,
    collection: deliveries,
    now,
    log,
    concurrency: 10,
    async send({ _id, about, content: { clientId = '', sub, sid } }) {
      await send({ id: _id, kind: about as Delivery['kind'], clientId, sub, sid })
    },
    judge(error, { attempts }) {
      const reason = (error instanceof Error ? error.message : String(error)).slice(0, 200)
      const seconds = WAITS[attempts - 1]
      return seconds === undefined ? { reason, next: 'dead' } : { reason, next: 'again', seconds }
    },
  })

  return {
    write({ kind, clientId, sub, sid }) {
      const content = { clientId, ...(sub !== undefined && { sub }), ...(sid !== undefined && { sid }) }
      return outbox.write({ about: kind, content })
    },
    wake: outbox.wake,
    start: outbox.start,
    stop: outbox.stop,
    pass: outbox.pass,
    dead: outbox.dead,
  }
}

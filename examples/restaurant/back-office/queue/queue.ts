/**
 * Work for later, as the back office sees it: tasks go in, a worker gets them, and what fails too often lies with the
 * dead until an admin sends it again. Which queue it is (the store itself, RabbitMQ, Kafka) is configuration.
 *
 * Every queue promises the same (`test/restaurant/queue-contract.ts`): once `send` has resolved the task is kept, and
 * it is delivered at least once; twice when a worker dies in the middle, or when a line breaks. So whoever handles a
 * task must be safe against doing it again.
 */
import { z } from 'zod'

/** A task says what to do in ids. Never what to do it with: no credential, and nothing that the store holds anyway. */
export const task = z.strictObject({
  /** While one waits, a second one of the same id may be taken for the same. */
  id: z.string().min(1).max(100),
  /** Whose it is: a restaurant. */
  group: z.string().min(1).max(100),
  content: z.record(z.string().max(50), z.string().max(200)),
})

export type Task = Readonly<z.infer<typeof task>>

export interface Delivery extends Task {
  /** From 1; tries whose worker died count too. */
  readonly attempt: number
  /** When this one fails the task is given up. */
  readonly isLast: boolean
}

export interface DeadTask extends Task {
  readonly attempts: number
  /** A sentence for the admin. */
  readonly reason: string
  readonly diedAt: Date
}

export interface Handlers {
  /** The task is done when it resolves. @throws TaskFailure to say why, and whether trying again is of use */
  handle(delivery: Delivery): Promise<void>
  /** A task is given up: told before it is laid with the dead, and told again when that fails. */
  bury?(dead: DeadTask): Promise<void>
}

export interface Worker {
  /** Begins nothing more, and resolves when what is in hand is finished. */
  stop(): Promise<void>
}

export interface Queue {
  /** Resolves when the task is kept. @throws when that is not known: send it again, or keep it elsewhere */
  send(task: Task): Promise<void>
  /** @param o.concurrency how many at once; default 4 */
  work(handlers: Handlers, o?: { concurrency?: number }): Worker
  /** What was given up and not sent again, newest first; at most 100. */
  dead(group: string): Promise<DeadTask[]>
  /** Sends a dead task again, as if for the first time. Returns whether there was one. */
  retry(o: { group: string; id: string }): Promise<boolean>
  close(): Promise<void>
}

export interface Retries {
  /** How many tries a task has. */
  attempts: number
  /** Seconds to wait after the first, the second, … failure; the last is repeated. */
  pauses: readonly number[]
}

export const usualRetries: Retries = { attempts: 6, pauses: [2, 10, 30, 120] }

/** The `message` is shown to the admin: a sentence without secrets. */
export class TaskFailure extends Error {
  /** Trying again is of no use. */
  readonly isFinal: boolean

  constructor(message: string, o: { isFinal?: boolean; cause?: unknown } = {}) {
    super(message, { cause: o.cause })
    this.name = 'TaskFailure'
    this.isFinal = o.isFinal ?? false
  }
}

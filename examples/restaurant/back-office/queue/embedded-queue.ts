/**
 * The queue in the store itself: nothing else to run, and a task can be written in the batch of its cause, so that
 * both are kept or neither. Any number of processes may work on it. A task in hand is hidden until its lease ends,
 * which its worker keeps putting off; the lease of a dead worker ends, and the task is there again.
 */
import { DuplicateKeyError, defineCollection, type Store, type Write } from 'maitred/storage'
import { z } from 'zod'
import type { Log } from '../log.ts'
import {
  type DeadTask,
  type Handlers,
  type Queue,
  type Retries,
  type Task,
  task,
  usualRetries,
} from './queue.ts'
import { type Outcome, tryTask } from './try-task.ts'

const row = z.object({
  _id: z.string(),
  group: task.shape.group,
  content: task.shape.content,
  sentAt: z.date(),
  /** Not before this; for a task in hand, the end of its lease. Absent: dead. */
  due: z.date().optional(),
  attempts: z.int(),
  /** Grows with each hand that takes the task: whoever holds an older number has lost it. */
  fence: z.int(),
  reason: z.string().optional(),
  diedAt: z.date().optional(),
})

type Row = z.infer<typeof row>

export const tasks = defineCollection({ name: 'tasks', schema: row, index: [['due'], ['group', 'diedAt']] })

export interface EmbeddedQueue extends Queue {
  /** The task as a write of a batch. Then `wake()`. */
  write(task: Task): Write
  /** Says that there may be work. It costs nothing. */
  wake(): void
}

export interface EmbeddedQueueOptions {
  store: Store
  now: () => Date
  log: Log
  retries?: Retries
  /** How long after a worker's death its task is taken up. Clocks of processes must agree better. Default 30 s. */
  leaseMs?: number
  /** How often other processes' tasks are looked for. Default 1 s. */
  pollMs?: number
}

export function createEmbeddedQueue(o: EmbeddedQueueOptions): EmbeddedQueue {
  const { store, now, log, retries = usualRetries, leaseMs = 30_000, pollMs = 1_000 } = o
  const rows = store.collection(tasks)
  const wakes = new Set<() => void>()
  const workers = new Set<{ stop(): Promise<void> }>()
  const after = (ms: number) => new Date(now().getTime() + ms)

  function rowOf({ id: _id, group, content }: Task): Row {
    const at = now()
    return { _id, group, content, sentAt: at, due: at, attempts: 0, fence: 0 }
  }

  function wake(): void {
    for (const look of wakes) look()
  }

  /** The task as one's own, or `undefined` when somebody else was faster. */
  function take({ _id, fence }: Row): Promise<Row | undefined> {
    return rows.update({ _id, fence }, { $set: { due: after(leaseMs) }, $inc: { fence: 1, attempts: 1 } })
  }

  async function settle({ _id, fence }: Row, outcome: Outcome): Promise<void> {
    if (outcome.next === 'done') await rows.take({ _id, fence })
    else if (outcome.next === 'again') {
      const { reason, seconds } = outcome
      await rows.update({ _id, fence }, { $set: { reason, due: after(seconds * 1_000) } })
    } else {
      const { reason, diedAt } = outcome.dead
      await rows.update({ _id, fence }, { $set: { reason, diedAt }, $unset: { due: true } })
    }
  }

  async function handle(mine: Row, handlers: Handlers): Promise<void> {
    const { _id, fence, group, content, attempts } = mine
    const keep = setInterval(() => {
      rows.update({ _id, fence }, { $set: { due: after(leaseMs) } }).catch(() => {
        // The store is away: then nobody else sees the task either.
      })
    }, leaseMs / 3).unref()
    try {
      const outcome = await tryTask({
        ...o,
        retries,
        handlers,
        task: { id: _id, group, content },
        attempt: attempts,
      })
      await settle(mine, outcome)
    } catch (error) {
      log.warn({ task: _id, err: error }, 'what became of a task could not be noted; it comes again')
    } finally {
      clearInterval(keep)
    }
  }

  return {
    write: (sent) => ({ in: tasks, insert: rowOf(task.parse(sent)) }),
    wake,

    async send(sent) {
      try {
        await rows.insert(rowOf(task.parse(sent)))
      } catch (error) {
        if (!(error instanceof DuplicateKeyError)) throw error
      }
      wake()
    },

    work(handlers, { concurrency = 4 } = {}) {
      const inHand = new Set<Promise<void>>()
      let [stopped, lookAgain] = [false, false]
      let looking: Promise<void> | undefined

      async function begin(): Promise<void> {
        const match = { due: { $lte: now() } }
        const due = await rows.find(match, { sort: { field: 'due', order: 'asc' }, limit: 50 })
        for (const candidate of due) {
          if (stopped || inHand.size >= concurrency) return
          const mine = await take(candidate)
          if (!mine) continue
          const work: Promise<void> = handle(mine, handlers).finally(() => {
            inHand.delete(work)
            look()
          })
          inHand.add(work)
        }
      }

      function look(): void {
        lookAgain = looking !== undefined
        if (looking || stopped || inHand.size >= concurrency) return
        looking = begin()
          .catch((error: unknown) => log.warn({ err: error }, 'the store did not answer the queue'))
          .finally(() => {
            looking = undefined
            if (lookAgain) look()
          })
      }

      wakes.add(look)
      const timer = setInterval(look, pollMs).unref()
      look()
      const worker = {
        async stop() {
          stopped = true
          clearInterval(timer)
          wakes.delete(look)
          workers.delete(worker)
          await looking
          await Promise.all(inHand)
        },
      }
      workers.add(worker)
      return worker
    },

    async dead(group) {
      const match = { group, diedAt: { $exists: true } }
      const found = await rows.find(match, { sort: { field: 'diedAt', order: 'desc' }, limit: 100 })
      return found.map(deadTask)
    },

    async retry({ group, id }) {
      const match = { _id: id, group, diedAt: { $exists: true } }
      const change = { $set: { due: now(), attempts: 0 }, $unset: { diedAt: true, reason: true } as const }
      const sent = await rows.update(match, change)
      if (sent) wake()
      return sent !== undefined
    },

    async close() {
      await Promise.all([...workers].map((worker) => worker.stop()))
    },
  }
}

function deadTask({ _id, group, content, attempts, reason, diedAt }: Row): DeadTask {
  return { id: _id, group, content, attempts, reason: reason ?? '', diedAt: diedAt ?? new Date(0) }
}

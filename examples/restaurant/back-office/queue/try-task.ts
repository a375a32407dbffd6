/** One try of a task, and what follows from it. The queues differ only in how they carry that out. */
import type { Log } from '../log.ts'
import { type DeadTask, type Handlers, type Retries, type Task, TaskFailure } from './queue.ts'

export type Outcome =
  | { next: 'done' }
  | { next: 'again'; seconds: number; reason: string }
  | { next: 'dead'; dead: DeadTask }

export async function tryTask(o: {
  task: Task
  /** From 1. */
  attempt: number
  handlers: Handlers
  retries: Retries
  now: () => Date
  log: Log
}): Promise<Outcome> {
  const { task, attempt, handlers, retries, now, log } = o
  const told = { task: task.id, attempt }
  const seconds = retries.pauses[Math.min(attempt, retries.pauses.length) - 1] ?? 0
  let reason = 'Its worker ended in the middle of it, each time.'
  // More tries than there are: a task that kills its worker must not go round for ever.
  if (attempt <= retries.attempts) {
    try {
      await handlers.handle({ ...task, attempt, isLast: attempt === retries.attempts })
      return { next: 'done' }
    } catch (error) {
      const isOurs = error instanceof TaskFailure
      reason = isOurs ? error.message : 'Something unexpected happened; the log says more.'
      log.warn({ ...told, reason, ...(!isOurs && { err: error }) }, 'a task failed')
      if (attempt < retries.attempts && !(isOurs && error.isFinal)) return { next: 'again', seconds, reason }
    }
  }
  const dead: DeadTask = { ...task, attempts: attempt, reason, diedAt: now() }
  try {
    await handlers.bury?.(dead)
  } catch (error) {
    log.error({ ...told, err: error }, 'a task could not be given up')
    return { next: 'again', seconds: Math.max(seconds, 1), reason }
  }
  log.error({ ...told, reason }, 'a task was given up')
  return { next: 'dead', dead }
}

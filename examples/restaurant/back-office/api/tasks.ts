/** `/tasks`: what the worker has given up, for an admin to see and to send again. */
import { z } from 'zod'
import { rotas } from '../documents.ts'
import type { DeadTask } from '../queue/queue.ts'
import type { RotaDesk } from '../rota-desk/rota-desk.ts'
import { momentAnswer } from './fields.ts'
import { notFound, Problem } from './problem.ts'
import { type Kit, type Route, staffRoute } from './route.ts'

const taskAnswer = z
  .object({
    id: z.string(),
    kind: z.string().meta({ description: '`schedule`: make a rota; `tell`: send the mail about it' }),
    rota: z.string(),
    attempts: z.int(),
    reason: z.string(),
    diedAt: momentAnswer,
  })
  .meta({ id: 'Task' })

function view({ id, content, attempts, reason, diedAt }: DeadTask): z.infer<typeof taskAnswer> {
  const { kind = '', rota = '' } = content
  return { id, kind, rota, attempts, reason, diedAt: diedAt.toISOString() }
}

export function taskRoutes({ store, now, log }: Kit, { queue }: RotaDesk): Route[] {
  async function ask<T>(answer: Promise<T>, requestId: string): Promise<T> {
    try {
      return await answer
    } catch (error) {
      // Not as the problem's cause: what a broker's library says may hold its address, and a password in it.
      log.warn(
        { requestId, cause: error instanceof Error ? error.name : 'unknown' },
        'the queue does not answer',
      )
      throw new Problem(503, 'The queue does not answer. Try again soon.', {
        headers: { 'Retry-After': '5' },
      })
    }
  }

  return [
    staffRoute({
      method: 'get',
      path: '/tasks',
      permission: 'tasks.read',
      summary: 'What was given up, newest first',
      description: 'At most 100.',
      query: z.strictObject({ status: z.literal('dead').default('dead') }),
      answer: z.object({ items: z.array(taskAnswer) }),
      refusals: [503],
      async handle({ restaurant, requestId }) {
        const dead = await ask(queue.dead(restaurant), requestId)
        return { body: { items: dead.map(view) } }
      },
    }),
    staffRoute({
      method: 'post',
      path: '/tasks/{id}/retry',
      permission: 'tasks.update',
      summary: 'Send a task again that was given up',
      status: 202,
      refusals: [404, 503],
      async handle({ restaurant, id, requestId }) {
        const dead = (await ask(queue.dead(restaurant), requestId)).find((task) => task.id === id)
        if (!dead) throw notFound()
        // First: a worker may have the task before this answers. Should the queue fail now, it can be sent again.
        const match = { _id: dead.content.rota ?? '', restaurant, status: 'failed' }
        const change = { $set: { status: 'waiting', updatedAt: now() }, $inc: { version: 1 } }
        if (dead.content.kind === 'schedule') await store.collection(rotas).update(match, change)
        if (!(await ask(queue.retry({ group: restaurant, id }), requestId))) throw notFound()
        return {}
      },
    }),
  ]
}

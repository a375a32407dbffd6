/**
 * Does what was put off: asks the rota for those who did not wait, stores the answer, and tells the person. It may be
 * killed at any point: its tasks come again, and what is stored is stored under guards, so that a second time shows
 * nothing twice.
 */
import { BatchError, type Change, type Store, type Write } from 'maitred/storage'
import { z } from 'zod'
import { type Rota, rotas, staff } from '../documents.ts'
import { type DeadTask, type Delivery, type Handlers, type Task, TaskFailure } from '../queue/queue.ts'
import type { Letters } from './letters.ts'
import type { RotaAnswer } from './rota-answer.ts'
import type { RotaClient } from './rota-client.ts'
import { rotaQuestion } from './rota-question.ts'
import { RotaUnavailable } from './rota-unavailable.ts'

/** All that a task says: make this rota, or tell of this result of it. */
const content = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('schedule'), rota: z.string() }),
  z.strictObject({ kind: z.literal('tell'), rota: z.string(), result: z.enum(['done', 'failed']) }),
])
type Content = z.infer<typeof content>

export function scheduleTask({ _id, restaurant }: Pick<Rota, '_id' | 'restaurant'>): Task {
  return {
    id: _id,
    group: restaurant,
    content: { kind: 'schedule', rota: _id } satisfies Content,
  }
}

export interface WorkerOptions {
  store: Store
  client: RotaClient
  letters: Letters
  /** Promises a task in the batch of its cause. */
  tasks: { write(task: Task): Write; wake(): void }
  /** Where the pages are, for the links in letters. */
  origin: string
  now: () => Date
}

export function createWorker({ store, client, letters, tasks, origin, now }: WorkerOptions): Handlers {
  const all = store.collection(rotas)
  const unsettled = (_id: string) => ({ _id, status: { $in: ['waiting', 'working'] } })

  /** The last word on a rota and the promise to tell of it, together. Nothing happens when it has been said before. */
  async function settle(
    rota: Rota,
    $set: Partial<Rota> & { status: 'done' | 'failed' },
    more: Change = {},
  ): Promise<void> {
    const tell: Task = {
      // One for each result: a rota that failed may be sent again, and then succeed.
      id: `${rota._id}-${rota.version}`,
      group: rota.restaurant,
      content: { kind: 'tell', rota: rota._id, result: $set.status } satisfies Content,
    }
    const change = { ...more, $set: { ...$set, updatedAt: now() }, $inc: { version: 1 } }
    try {
      await store.batch([{ in: rotas, update: unsettled(rota._id), change }, tasks.write(tell)])
    } catch (error) {
      if (!(error instanceof BatchError)) throw error
      return
    }
    tasks.wake()
  }

  async function schedule(id: string): Promise<void> {
    const begin = { $set: { status: 'working', updatedAt: now() }, $inc: { attempts: 1, version: 1 } }
    const rota = await all.update(unsettled(id), begin)
    // Settled by another delivery of the same task.
    if (!rota) return
    try {
      const { assignments, unfilled } = await ask(rota)
      await settle(rota, { status: 'done', assignments, unfilled }, { $unset: { problem: true } })
    } catch (error) {
      if (!(error instanceof TaskFailure)) throw error
      const $set = { status: 'waiting', problem: error.message, updatedAt: now() }
      await all.update({ _id: id, version: rota.version }, { $set, $inc: { version: 1 } })
      throw error
    }
  }

  /** @throws TaskFailure */
  async function ask({ restaurant, week, requestId }: Rota): Promise<RotaAnswer> {
    const question = await rotaQuestion(store, restaurant, week)
    if (question.shifts.length === 0) throw new TaskFailure('There is no shift to fill.', { isFinal: true })
    try {
      return await client.schedule(question, { requestId })
    } catch (cause) {
      if (!(cause instanceof RotaUnavailable)) throw cause
      throw new TaskFailure(sentenceFor(cause), { isFinal: cause.trouble === 'refused', cause })
    }
  }

  async function tell(id: string, result: string, letter: string): Promise<void> {
    const rota = await all.get(id)
    const person = rota && (await store.collection(staff).get(rota.askedBy))
    // Nothing to somebody who has left, and nothing that is no longer so.
    if (!person?.active || rota?.status !== result) return
    try {
      const sent = await letters.send({
        id: letter,
        to: person.email,
        ...wordsFor(rota, person.firstName, origin),
      })
      if (!sent) throw new TaskFailure('Another worker is sending the mail.')
    } catch (cause) {
      if (cause instanceof TaskFailure) throw cause
      throw new TaskFailure('The mail could not be sent.', { cause })
    }
  }

  return {
    async handle({ id, content: given }: Delivery) {
      const wanted = content.parse(given)
      await (wanted.kind === 'schedule' ? schedule(wanted.rota) : tell(wanted.rota, wanted.result, id))
    },
    async bury({ content: given, reason }: DeadTask) {
      // What cannot be read was given up for just that, and concerns no rota.
      const { kind, rota: id } = content.safeParse(given).data ?? {}
      const rota = kind === 'schedule' && id ? await all.get(id) : undefined
      if (rota) await settle(rota, { status: 'failed', problem: reason })
    },
  }
}

/** For people; what exactly happened is in the log. */
export function sentenceFor({ trouble }: RotaUnavailable): string {
  switch (trouble) {
    case 'wrong':
      return 'The kitchen rota gave an answer that makes no sense.'
    case 'refused':
      return 'The kitchen rota does not accept what it was asked.'
    case 'slow':
      return 'The kitchen rota takes too long to answer.'
    default:
      return 'The kitchen rota does not answer.'
  }
}

function wordsFor(rota: Rota, firstName: string, origin: string): { subject: string; text: string } {
  const link = `${origin}/rotas/${rota._id}`
  if (rota.status === 'failed')
    return {
      subject: `The rota for ${rota.week} could not be made`,
      text: `Ciao ${firstName},\n\nthe rota for ${rota.week} could not be made. ${rota.problem ?? ''}\nNothing was changed. An administrator can send it again:\n${link}\n`,
    }
  const { length: given } = rota.assignments ?? []
  const { length: open } = rota.unfilled ?? []
  const left = open === 0 ? 'Every shift has somebody.' : `Nobody could be found for ${open} of them.`
  return {
    subject: `The rota for ${rota.week} is ready`,
    text: `Ciao ${firstName},\n\nthe rota for ${rota.week} is ready: ${given + open} shifts. ${left}\nLook at it, and accept it when you like it:\n${link}\n`,
  }
}

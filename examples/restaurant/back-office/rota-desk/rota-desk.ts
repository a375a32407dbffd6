/**
 * Having rotas made: the client that asks the kitchen rota, the worker that asks for those who do not wait, and its
 * letters; built in one place, with the queue between them. Who may ask, and what becomes of an answer, is the API's.
 */
import type { Store } from 'maitred/storage'
import { createEmbeddedQueue, type EmbeddedQueue } from '../queue/embedded-queue.ts'
import { openBroker } from '../queue/open-broker.ts'
import type { Queue, Retries } from '../queue/queue.ts'
import { createLetters } from './letters.ts'
import { createPost } from './post.ts'
import { createRotaClient, type RotaClient, type RotaClientOptions } from './rota-client.ts'
import { createWorker } from './worker.ts'

export interface RotaDeskOptions extends RotaClientOptions {
  store: Store
  /** Where the pages are, for the links in letters. */
  origin: string
  /** `smtp://…`, or a folder for `.eml` files. */
  mailTo: string
  /** `amqp://…` or `kafka://…`; absent, the store is the queue. */
  queueUrl?: string | undefined
  retries?: Retries
  leaseMs?: number
  /** How long a letter is left to a worker that may be dead. All tries of a task must take longer. */
  letterLeaseMs?: number
}

export interface RotaDesk {
  readonly client: RotaClient
  /** Where tasks are written, in the batch of their cause. */
  readonly tasks: Pick<EmbeddedQueue, 'write' | 'wake'>
  /** Where they are worked on, and where the dead lie. */
  readonly queue: Queue
  close(): Promise<void>
}

/** @throws TypeError for a queue that is none */
export async function openRotaDesk(o: RotaDeskOptions): Promise<RotaDesk> {
  const broker = o.queueUrl === undefined ? undefined : await openBroker(o.queueUrl, o)
  const client = createRotaClient(o)
  const post = createPost(o.mailTo)
  const letters = createLetters({ ...o, post, leaseMs: o.letterLeaseMs })
  // Tasks begin in the store in any case, because only there they can be promised in the batch of their cause.
  const embedded = createEmbeddedQueue({ ...o, ...(broker && { retries: untilItGoes }) })
  if (broker) embedded.work({ handle: ({ id, group, content }) => broker.send({ id, group, content }) })
  const queue = broker ?? embedded
  queue.work(createWorker({ ...o, client, letters, tasks: embedded }))

  return {
    client,
    tasks: embedded,
    queue,
    async close() {
      await embedded.close()
      await broker?.close()
      client.close()
      post.close()
    },
  }
}

/** A broker that is away comes back. */
const untilItGoes: Retries = { attempts: Number.MAX_SAFE_INTEGER, pauses: [1, 2, 5, 15] }

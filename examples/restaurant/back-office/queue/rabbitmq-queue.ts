/**
 * The queue on RabbitMQ (3.10 and later). A task lies in one of three places: the queue that workers read, a queue for
 * each pause in which it waits for its next try and from which it falls back by itself, and the queue of the dead.
 * From one place to the next it is first written there, confirmed, and then acknowledged here: when anything breaks in
 * between it is there twice, never not at all.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Channel, ChannelModel, ConsumeMessage } from 'amqplib'
import { z } from 'zod'
import type { BrokerOptions } from './open-broker.ts'
import { type DeadTask, type Handlers, type Queue, type Task, task, usualRetries } from './queue.ts'
import { openLine } from './rabbitmq-line.ts'
import { tryTask } from './try-task.ts'

const MOST_DEAD_READ = 1_000
const MOST_DEAD_SHOWN = 100
const PAUSE_MS = 1_000

const death = z.object({ attempts: z.number(), reason: z.string(), diedAt: z.coerce.date() })

export function openRabbitmqQueue(url: string, o: BrokerOptions): Queue {
  const { log, name = 'bella-napoli.tasks', retries = usualRetries } = o
  const dead = `${name}.dead`
  const waiting = (seconds: number) => `${name}.wait.${Math.round(seconds * 1_000)}`
  const workers = new Set<{ stop(): Promise<void> }>()
  let browsing: Promise<unknown> = Promise.resolve()

  async function declare(channel: Channel): Promise<void> {
    // Quorum queues count deliveries, and write to the disk before they confirm.
    const quorum = { 'x-queue-type': 'quorum', 'x-dead-letter-exchange': '' }
    // What cannot even be read is rejected, and lies with the dead for whoever looks there.
    await channel.assertQueue(name, { arguments: { ...quorum, 'x-dead-letter-routing-key': dead } })
    for (const seconds of new Set([...retries.pauses, 1])) {
      await channel.assertQueue(waiting(seconds), {
        arguments: {
          ...quorum,
          'x-message-ttl': Math.round(seconds * 1_000),
          'x-dead-letter-routing-key': name,
          // The way back is confirmed too; these two belong together.
          'x-dead-letter-strategy': 'at-least-once',
          'x-overflow': 'reject-publish',
        },
      })
    }
    await channel.assertQueue(dead, { durable: true })
  }

  const line = openLine(url, { declare, log })

  async function handle(message: ConsumeMessage, channel: Channel, handlers: Handlers): Promise<void> {
    const read = readTask(message)
    if (!read) {
      log.error({}, 'a message is no task and lies with the dead now')
      channel.reject(message, false)
      return
    }
    const attempt = triesOf(message) + 1
    const outcome = await tryTask({ ...o, retries, task: read, attempt, handlers })
    if (outcome.next === 'again')
      await line.publish(waiting(outcome.seconds), message.content, { tries: attempt })
    if (outcome.next === 'dead') {
      const { attempts, reason, diedAt } = outcome.dead
      await line.publish(dead, message.content, { attempts, reason, diedAt: diedAt.toISOString() })
    }
    channel.ack(message)
  }

  /** Looks at the dead one by one, until `look` says to stop. One at a time, because who looks holds them. */
  function browse(
    look: (channel: Channel, found: DeadTask, message: ConsumeMessage) => Promise<boolean>,
  ): Promise<void> {
    const browsed = browsing.then(() =>
      line.borrow(async (channel) => {
        for (let read = 0; read < MOST_DEAD_READ; read += 1) {
          const message = await channel.get(dead)
          if (!message) return
          const found = readDead(message as unknown as ConsumeMessage)
          if (found && (await look(channel, found, message as unknown as ConsumeMessage))) return
        }
      }),
    )
    browsing = browsed.catch(() => {})
    return browsed
  }

  return {
    send: async (sent) => line.publish(name, Buffer.from(JSON.stringify(task.parse(sent))), {}),

    work(handlers, { concurrency = 4 } = {}) {
      const inHand = new Set<Promise<void>>()
      let current: { channel: Channel; consumerTag: string } | undefined
      let stopped = false

      function take(message: ConsumeMessage, channel: Channel): void {
        const work: Promise<void> = handle(message, channel, handlers)
          .catch(async (error: unknown) => {
            log.warn({ err: error }, 'what became of a task could not be noted; it comes again')
            await wait(PAUSE_MS, undefined, { ref: false })
            // On a channel that is gone it is back already.
            if (channel === current?.channel) channel.nack(message)
          })
          .catch(() => {})
          .finally(() => inHand.delete(work))
        inHand.add(work)
      }

      async function open(model: ChannelModel): Promise<void> {
        const channel = await model.createChannel()
        channel.on('error', () => {})
        channel.once('close', () => {
          current = undefined
          // With its connection: then the next one opens another.
          if (!stopped) setTimeout(() => void open(model).catch(() => {}), PAUSE_MS).unref()
        })
        await channel.prefetch(concurrency)
        const { consumerTag } = await channel.consume(name, (message) => {
          if (message) take(message, channel)
          else void channel.close().catch(() => {})
        })
        current = { channel, consumerTag }
      }

      const forget = line.eachTime(open)
      const worker = {
        async stop() {
          stopped = true
          forget()
          workers.delete(worker)
          await current?.channel.cancel(current.consumerTag).catch(() => {})
          await Promise.all(inHand)
          await current?.channel.close().catch(() => {})
        },
      }
      workers.add(worker)
      return worker
    },

    async dead(group) {
      const all: DeadTask[] = []
      await browse(async (_, found) => {
        if (found.group === group) all.push(found)
        return false
      })
      return all.sort((a, b) => b.diedAt.getTime() - a.diedAt.getTime()).slice(0, MOST_DEAD_SHOWN)
    },

    async retry({ group, id }) {
      let isSent = false
      await browse(async (channel, found, message) => {
        if (found.group !== group || found.id !== id) return false
        await line.publish(name, message.content, {})
        channel.ack(message)
        isSent = true
        return true
      })
      return isSent
    },

    async close() {
      await Promise.all([...workers].map((worker) => worker.stop()))
      await line.close()
    },
  }
}

function readTask({ content }: ConsumeMessage): Task | undefined {
  try {
    return task.safeParse(JSON.parse(content.toString('utf8'))).data
  } catch {
    return undefined
  }
}

function readDead(message: ConsumeMessage): DeadTask | undefined {
  const read = readTask(message)
  const died = death.safeParse(message.properties.headers).data
  return read && died && { ...read, ...died }
}

/** Tries that ended with a failure, and deliveries whose worker died. */
function triesOf({ properties: { headers } }: ConsumeMessage): number {
  return Number(headers?.tries ?? 0) + Number(headers?.['x-delivery-count'] ?? 0)
}

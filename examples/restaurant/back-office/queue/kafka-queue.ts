/**
 * The queue on Kafka. A log is no queue, so three kinds of topics make one: tasks, those that wait for their next try
 * (a topic for each pause, so that nobody stands behind one that waits longer), and the dead. A message is left behind
 * only when what follows from it is written.
 *
 * Two promises are weaker here than elsewhere. Tries whose worker died are not counted, because Kafka does not count
 * deliveries. And a worker that joins or leaves makes the others begin again after their last note, so tasks come
 * twice more often.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type Consumer, type EachBatchPayload, Kafka, type KafkaMessage, logLevel } from 'kafkajs'
import { openKafkaDead } from './kafka-dead.ts'
import type { BrokerOptions } from './open-broker.ts'
import { type Handlers, type Queue, type Task, task, usualRetries } from './queue.ts'
import { tryTask } from './try-task.ts'

/** As many may be in hand at once, over all processes. */
const PARTITIONS = 8
const MOST_DEAD_SHOWN = 100
const BEAT_MS = 3_000
const AGAIN_MS = 1_000
/** A pause ends, and a worker stops, at most so much late: the broker answers so late when it has nothing. */
const LOOK_MS = 250

/** @throws TypeError for an address that says more than where the broker is: nobody would heed it */
export function openKafkaQueue(url: string, o: BrokerOptions): Queue {
  const { log, now, name = 'bella-napoli.tasks', retries = usualRetries } = o
  const { host, username, password, pathname, search } = new URL(url)
  if (username || password || pathname.length > 1 || search)
    throw new TypeError('A queue on Kafka takes kafka://host:port and no user, password, path or parameter')
  const kafka = new Kafka({
    clientId: name,
    brokers: [host],
    logLevel: logLevel.ERROR,
    logCreator: () => (entry) => log.warn({ kafka: entry.log.message }, 'Kafka complains'),
  })
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  const dead = openKafkaDead({ kafka, topic: `${name}.dead`, producer, random: randomUUID })
  const pauses = [...new Set([...retries.pauses, 1])]
  const waiting = (seconds: number) => `${name}.wait.${Math.round(seconds * 1_000)}`
  const workers = new Set<{ stop(): Promise<void> }>()
  let preparing: Promise<void> | undefined

  async function prepare(): Promise<void> {
    const admin = kafka.admin()
    await admin.connect()
    try {
      const compacted = [{ name: 'cleanup.policy', value: 'compact' }]
      await admin.createTopics({
        waitForLeaders: true,
        topics: [
          { topic: name, numPartitions: PARTITIONS },
          ...pauses.map((seconds) => ({ topic: waiting(seconds), numPartitions: 1 })),
          { topic: `${name}.dead`, numPartitions: 1, configEntries: compacted },
        ],
      })
    } finally {
      await admin.disconnect()
    }
    await producer.connect()
  }

  function ready(): Promise<void> {
    preparing ??= prepare().catch((error: unknown) => {
      preparing = undefined
      throw error
    })
    return preparing
  }

  async function publish(topic: string, about: Task, headers: Record<string, string> = {}): Promise<void> {
    const { id, group, content } = about
    const messages = [{ key: id, value: JSON.stringify({ id, group, content }), headers }]
    await producer.send({ topic, acks: -1, messages })
  }

  async function handle(message: KafkaMessage, handlers: Handlers): Promise<void> {
    const read = readTask(message)
    if (!read) return log.error({}, 'a message is no task and is passed over')
    const attempt = Number(message.headers?.tries ?? 0) + 1
    const outcome = await tryTask({ ...o, retries, task: read, attempt, handlers })
    if (outcome.next === 'again') await publish(waiting(outcome.seconds), read, { tries: String(attempt) })
    if (outcome.next === 'dead') await dead.bury(outcome.dead)
  }

  /** Sends on what has waited long enough, and comes back for the first that has not. */
  async function sendOn({
    batch,
    resolveOffset,
    heartbeat,
    pause,
    isRunning,
  }: EachBatchPayload): Promise<void> {
    const pauseMs = Number(batch.topic.split('.').at(-1))
    for (const message of batch.messages) {
      const left = Number(message.timestamp) + pauseMs - now().getTime()
      if (left > 0) {
        setTimeout(pause(), left).unref()
        return
      }
      if (!isRunning()) return
      const read = readTask(message)
      if (read) await publish(name, read, { tries: String(message.headers?.tries ?? 0) })
      resolveOffset(message.offset)
      await heartbeat()
    }
  }

  /** Adds its consumers to `open` as soon as they hold a connection. */
  async function consume(handlers: Handlers, concurrency: number, open: Consumer[]): Promise<void> {
    await ready()
    const worker = kafka.consumer({ groupId: `${name}.workers`, maxWaitTimeInMs: LOOK_MS })
    const waiter = kafka.consumer({ groupId: `${name}.waiters`, maxWaitTimeInMs: LOOK_MS })
    open.push(worker, waiter)
    await worker.connect()
    await worker.subscribe({ topic: name, fromBeginning: true })
    await worker.run({
      partitionsConsumedConcurrently: concurrency,
      autoCommitThreshold: 1,
      async eachMessage({ message, heartbeat }) {
        const beat = setInterval(() => void heartbeat().catch(() => {}), BEAT_MS)
        await handle(message, handlers).finally(() => clearInterval(beat))
      },
    })
    await waiter.connect()
    await waiter.subscribe({ topics: pauses.map(waiting), fromBeginning: true })
    await waiter.run({
      partitionsConsumedConcurrently: pauses.length,
      autoCommitThreshold: 1,
      eachBatchAutoResolve: false,
      eachBatch: sendOn,
    })
  }

  return {
    async send(sent) {
      const checked = task.parse(sent)
      await ready()
      await publish(name, checked)
    },

    work(handlers, { concurrency = 4 } = {}) {
      const open: Consumer[] = []
      let stopped = false
      const letGo = async () => {
        for (const consumer of open.splice(0)) await consumer.disconnect()
      }
      async function begin(): Promise<void> {
        while (!stopped) {
          try {
            return await consume(handlers, concurrency, open)
          } catch {
            log.warn({}, 'Kafka does not answer')
            await letGo()
            await wait(AGAIN_MS)
          }
        }
      }
      const begun = begin()
      const worker = {
        async stop() {
          stopped = true
          workers.delete(worker)
          await begun
          await letGo()
        },
      }
      workers.add(worker)
      return worker
    },

    async dead(group) {
      await ready()
      const all = await dead.list(group)
      return all.sort((a, b) => b.diedAt.getTime() - a.diedAt.getTime()).slice(0, MOST_DEAD_SHOWN)
    },

    async retry({ group, id }) {
      await ready()
      const found = (await dead.list(group)).find((one) => one.id === id)
      if (!found) return false
      await publish(name, found)
      await dead.remove(found)
      return true
    },

    async close() {
      await Promise.all([...workers].map((worker) => worker.stop()))
      await dead.close()
      await producer.disconnect()
    },
  }
}

function readTask({ value }: KafkaMessage): Task | undefined {
  try {
    return task.safeParse(JSON.parse(String(value))).data
  } catch {
    return undefined
  }
}

/**
 * The dead on Kafka: a compacted topic in which the last word on each task counts, and no word at all (a tombstone)
 * means that it was sent again. Read from its beginning once, then followed.
 */
import type { Consumer, Kafka, KafkaMessage, Producer } from 'kafkajs'
import { z } from 'zod'
import { type DeadTask, task } from './queue.ts'

const dead = task.extend({ attempts: z.number(), reason: z.string(), diedAt: z.coerce.date() })

export interface KafkaDead {
  bury(dead: DeadTask): Promise<void>
  /** Those of the group, as of now. */
  list(group: string): Promise<DeadTask[]>
  remove(dead: DeadTask): Promise<void>
  close(): Promise<void>
}

const CATCH_UP_MS = 20
/** The broker answers so late when it has nothing, and whoever closes waits for that. */
const LOOK_MS = 500

export function openKafkaDead(o: {
  kafka: Kafka
  topic: string
  producer: Producer
  random: () => string
}): KafkaDead {
  const { kafka, topic, producer } = o
  const known = new Map<string, DeadTask>()
  let following: Promise<Consumer> | undefined
  /** The offset behind the last message that was read. */
  let position = 0

  function read({ key, value, offset }: KafkaMessage): void {
    position = Number(offset) + 1
    const name = String(key)
    const found = value ? dead.safeParse(parsed(value)).data : undefined
    if (found) known.set(name, found)
    else known.delete(name)
  }

  async function follow(): Promise<Consumer> {
    // A group of one's own: every process reads all of it, and commits nothing.
    const consumer = kafka.consumer({ groupId: `${topic}.${o.random()}`, maxWaitTimeInMs: LOOK_MS })
    await consumer.connect()
    await consumer.subscribe({ topic, fromBeginning: true })
    await consumer.run({ autoCommit: false, eachMessage: async ({ message }) => read(message) })
    return consumer
  }

  /** Resolves when everything is read that was there when it was called. */
  async function catchUp(): Promise<void> {
    following ??= follow().catch((error: unknown) => {
      following = undefined
      throw error
    })
    await following
    const admin = kafka.admin()
    await admin.connect()
    const [offsets] = await admin.fetchTopicOffsets(topic).finally(() => admin.disconnect())
    while (position < Number(offsets?.high ?? 0))
      await new Promise((resolve) => setTimeout(resolve, CATCH_UP_MS))
  }

  const write = async (about: DeadTask, value: string | null) => {
    await producer.send({ topic, acks: -1, messages: [{ key: keyOf(about), value }] })
  }

  return {
    bury: (about) => write(about, JSON.stringify(about)),
    async list(group) {
      await catchUp()
      return [...known.values()].filter((one) => one.group === group)
    },
    remove: (about) => write(about, null),
    async close() {
      await (await following)?.disconnect()
    },
  }
}

function keyOf({ group, id }: DeadTask): string {
  return JSON.stringify([group, id])
}

function parsed(value: Buffer): unknown {
  try {
    return JSON.parse(value.toString('utf8'))
  } catch {
    return undefined
  }
}

import { openKafkaQueue } from '../../examples/restaurant/back-office/queue/kafka-queue.ts'
import type { Queue } from '../../examples/restaurant/back-office/queue/queue.ts'
import { contractRetries, queueContract } from '../restaurant/queue-contract.ts'
import { keepingLog } from '../restaurant/rota-place.ts'
import { kafka, withoutTool } from './foreign-tools.ts'
import { type KafkaBroker, startKafka } from './start-kafka.ts'

const left = withoutTool(kafka)

describe(`RF-8 the queue on Kafka${left ? ` (left out: ${left})` : ''}`, function () {
  this.timeout(90_000)
  let broker: KafkaBroker
  let number = 0

  before(async function () {
    if (left) return this.skip()
    this.timeout(120_000)
    broker = await startKafka(kafka.find() ?? '')
  })
  after(() => broker?.stop())

  async function open(): Promise<{ queue: Queue; another(): Promise<Queue>; close(): Promise<void> }> {
    number += 1
    const all: Queue[] = []
    const o = {
      name: `contract.${number}`,
      retries: contractRetries,
      now: () => new Date(),
      log: keepingLog(),
    }
    const another = async () => {
      const queue = openKafkaQueue(broker.url, o)
      all.push(queue)
      return queue
    }
    const close = async () => {
      for (const queue of all.splice(0)) await queue.close()
    }
    return { queue: await another(), another, close }
  }

  describe('keeps the contract', () => queueContract(open))
})

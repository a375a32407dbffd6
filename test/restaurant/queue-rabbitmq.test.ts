import { expect } from 'chai'
import type { Queue } from '../../examples/restaurant/back-office/queue/queue.ts'
import { openRabbitmqQueue } from '../../examples/restaurant/back-office/queue/rabbitmq-queue.ts'
import { type Rabbitmq, sharedRabbitmq, withoutRabbitmq } from '../support/rabbitmq.ts'
import { until } from '../support/until.ts'
import { contractRetries, queueContract } from './queue-contract.ts'
import { keepingLog } from './rota-place.ts'

const left = withoutRabbitmq()

describe(`RF-8 the queue on RabbitMQ${left ? ` (left out: ${left})` : ''}`, function () {
  this.timeout(60_000)
  let broker: Rabbitmq
  let number = 0

  before(async function () {
    if (left) return this.skip()
    this.timeout(120_000)
    broker = await sharedRabbitmq()
  })

  async function open(): Promise<{ queue: Queue; another(): Promise<Queue>; close(): Promise<void> }> {
    number += 1
    const name = `contract.${number}`
    const all: Queue[] = []
    const another = async () => {
      const log = keepingLog()
      const queue = openRabbitmqQueue(broker.url, {
        name,
        retries: contractRetries,
        now: () => new Date(),
        log,
      })
      all.push(queue)
      await until(() => expect(log.lines.join()).to.contain('connected'), 10_000)
      return queue
    }
    const close = async () => {
      for (const queue of all.splice(0)) await queue.close()
    }
    return { queue: await another(), another, close }
  }

  describe('keeps the contract', () => queueContract(open))
})

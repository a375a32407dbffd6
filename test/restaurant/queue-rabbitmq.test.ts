import { connect } from 'amqplib'
import { expect } from 'chai'
import { openBroker } from '../../examples/restaurant/back-office/queue/open-broker.ts'
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

  it('passes over what is no task, and lets it lie with the dead', async () => {
    const { queue, close } = await open()
    const line = await connect(broker.url)
    const channel = await line.createConfirmChannel()
    try {
      for (const text of ['no JSON', '{"id":"x"}'])
        channel.sendToQueue(`contract.${number}`, Buffer.from(text))
      await channel.waitForConfirms()
      await queue.send({ id: 'task-0', group: 'trattoria', content: {} })
      const seen: string[] = []
      queue.work({ handle: async ({ id }) => void seen.push(id) })
      await until(() => expect(seen).to.deep.equal(['task-0']))
      await until(async () => {
        expect(await channel.checkQueue(`contract.${number}.dead`)).to.have.property('messageCount', 2)
      })
      expect(await queue.dead('trattoria')).to.deep.equal([])
    } finally {
      await line.close()
      await close()
    }
  })

  it('says at once that it keeps nothing without a connection, and never the password', async () => {
    const log = keepingLog()
    const url = broker.url.replace('guest:guest', 'guest:not-the-password')
    const queue = await openBroker(url, { now: () => new Date(), log })
    await until(() => expect(log.lines.join()).to.contain('does not answer'))
    const sent = await queue
      .send({ id: 'task-0', group: 'trattoria', content: {} })
      .catch((error: unknown) => error)
    expect(sent).to.be.instanceOf(Error)
    await queue.close()
    const unknown = await openBroker('redis://me:not-the-password@localhost', { now: () => new Date(), log })
      .then(() => undefined)
      .catch((error: unknown) => error)
    expect(unknown).to.be.instanceOf(TypeError)
    expect(`${log.lines} ${sent} ${unknown}`).to.not.contain('not-the-password')
  })
})

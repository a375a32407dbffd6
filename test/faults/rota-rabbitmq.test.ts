import { setTimeout as wait } from 'node:timers/promises'
import { engines } from '../support/engines.ts'
import { type Rabbitmq, startRabbitmq, withoutRabbitmq } from '../support/rabbitmq.ts'
import { openRotaBench, type RotaBench } from './rota-bench.ts'

const left = withoutRabbitmq()
const [engine] = engines()

describe(`RF-8 rotas over RabbitMQ${left ? ` (left out: ${left})` : ''}`, function () {
  this.timeout(400_000)
  let broker: Rabbitmq
  let bench: RotaBench

  before(function () {
    if (left || !engine) this.skip()
  })
  beforeEach(async () => {
    broker = await startRabbitmq()
    if (engine) bench = await openRotaBench(engine, { queueUrl: broker.url })
  })
  afterEach(async () => {
    await bench?.stop()
    await broker?.stop()
  })

  it('are each made, shown and told of once though the worker is killed', async () => {
    bench.smtp.mood.slowMs = 20
    await bench.promise(60)
    await bench.killAtRandom(6, 400)
    await bench.startWorker()
    await bench.expectAll({ mostRepeated: 24 })
  })

  it('survive the broker: promised while it is away, and killed while it has them', async () => {
    await bench.startWorker()
    await bench.promise(10)
    await broker.kill()
    await bench.promise(10)
    await broker.start()
    await bench.promise(20)
    await wait(Math.random() * 300)
    await broker.kill()
    await broker.start()
    await bench.expectAll({ mostRepeated: 0 })
  })
})

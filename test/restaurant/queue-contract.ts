/**
 * What every queue of the back office promises:
 * `describe('…', () => queueContract(async () => ({ … })))`.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import {
  type DeadTask,
  type Delivery,
  type Handlers,
  type Queue,
  type Retries,
  type Task,
  TaskFailure,
} from '../../examples/restaurant/back-office/queue/queue.ts'
import { until } from '../support/until.ts'

/** Three tries, and pauses that a test can wait for. */
export const contractRetries: Retries = { attempts: 3, pauses: [0.1, 0.2] }

export interface QueueBench {
  /** With `contractRetries`. */
  queue: Queue
  /** The same queue as another process has it. */
  another(): Promise<Queue>
  /** Closes all. */
  close(): Promise<void>
}

const PATIENCE_MS = 20_000

export function queueContract(open: () => Promise<QueueBench>): void {
  let bench: QueueBench
  let queue: Queue

  beforeEach(async () => {
    bench = await open()
    queue = bench.queue
  })
  afterEach(() => bench.close())

  const taskOf = (n: number, group = 'trattoria'): Task => ({
    id: `task-${n}`,
    group,
    content: { rota: `r${n}` },
  })
  const send = async (count: number) => {
    for (let n = 0; n < count; n += 1) await queue.send(taskOf(n))
  }
  const ids = (count: number) => Array.from({ length: count }, (_, n) => `task-${n}`).sort()
  const eventually = (check: () => unknown) => until(check, PATIENCE_MS)

  /** Works and keeps what it was given. */
  function collect(on: Queue = queue, o: Partial<Handlers> & { concurrency?: number } = {}) {
    const seen: (Delivery & { at: number })[] = []
    const buried: DeadTask[] = []
    const { handle, bury, concurrency } = o
    const handlers: Handlers = {
      async handle(delivery) {
        seen.push({ ...delivery, at: performance.now() })
        await handle?.(delivery)
      },
      async bury(dead) {
        buried.push(dead)
        await bury?.(dead)
      },
    }
    const worker = on.work(handlers, concurrency === undefined ? {} : { concurrency })
    return { seen, buried, worker, ids: () => seen.map(({ id }) => id).sort() }
  }
  const always = (reason: string, isFinal = false) => ({
    handle: async () => {
      throw new TaskFailure(reason, { isFinal })
    },
  })

  it('delivers each task once, as it was sent', async () => {
    const worker = collect()
    await send(5)
    await eventually(() => expect(worker.ids()).to.deep.equal(ids(5)))
    await worker.worker.stop()
    expect(worker.ids()).to.deep.equal(ids(5))
    const { id, group, content, attempt, isLast } = worker.seen.find((one) => one.id === 'task-3') as Delivery
    const expected = { ...taskOf(3), attempt: 1, isLast: false }
    expect({ id, group, content, attempt, isLast }).to.deep.equal(expected)
  })

  it('keeps what was sent while nobody works, for another process', async () => {
    await send(3)
    await queue.close()
    const { ids: seen } = collect(await bench.another())
    await eventually(() => expect(seen()).to.deep.equal(ids(3)))
  })

  it('gives each task to one of several workers', async () => {
    const workers = [collect(), collect(await bench.another()), collect(await bench.another())]
    await send(30)
    const all = () => workers.flatMap(({ seen }) => seen.map(({ id }) => id)).sort()
    await eventually(() => expect(all()).to.have.length.at.least(30))
    await Promise.all(workers.map(({ worker }) => worker.stop()))
    expect(all()).to.deep.equal(ids(30))
  })

  it('has no more in hand than it may', async () => {
    let [inHand, most] = [0, 0]
    const { seen } = collect(queue, {
      concurrency: 2,
      handle: async () => {
        inHand += 1
        most = Math.max(most, inHand)
        await wait(20)
        inHand -= 1
      },
    })
    await send(8)
    await eventually(() => expect(seen).to.have.length(8))
    expect(most).to.be.at.most(2)
  })

  it('tries again after each pause, and counts', async () => {
    const { seen } = collect(queue, {
      handle: async ({ attempt }) => {
        if (attempt < 3) throw new TaskFailure('not yet')
      },
    })
    await send(1)
    await eventually(() => expect(seen).to.have.length(3))
    expect(seen.map(({ attempt, isLast }) => [attempt, isLast])).to.deep.equal([
      [1, false],
      [2, false],
      [3, true],
    ])
    const [first, second, third] = seen.map(({ at }) => at) as [number, number, number]
    // Timers and clocks round; the point is that it does not come back at once.
    expect(second - first).to.be.at.least(95)
    expect(third - second).to.be.at.least(190)
    expect(await queue.dead('trattoria')).to.deep.equal([])
  })

  it('lets others pass while one waits for its next try', async () => {
    const order: string[] = []
    collect(queue, {
      concurrency: 1,
      handle: async ({ id, attempt }) => {
        if (id === 'task-0' && attempt === 1) throw new TaskFailure('later')
        order.push(id)
      },
    })
    await send(2)
    await eventually(() => expect(order).to.deep.equal(['task-1', 'task-0']))
  })

  it('gives up after the last try: told first, then among the dead with the reason', async () => {
    let deadWhenTold: DeadTask[] | undefined
    const { seen, buried } = collect(queue, {
      ...always('the rota lies'),
      bury: async () => {
        deadWhenTold = await queue.dead('trattoria')
      },
    })
    await send(1)
    await eventually(async () => expect(await queue.dead('trattoria')).to.have.length(1))
    expect(seen).to.have.length(3)
    expect(deadWhenTold).to.deep.equal([])
    const [dead] = (await queue.dead('trattoria')) as [DeadTask]
    expect(dead).to.deep.equal(buried[0])
    expect(dead).to.deep.include({ ...taskOf(0), attempts: 3, reason: 'the rota lies' })
    expect(dead.diedAt.getTime()).to.be.closeTo(Date.now(), 60_000)
  })

  it('gives up at once what is of no use to try again, and tells nobody what was unexpected', async () => {
    collect(queue, always('it never will', true))
    await send(1)
    await eventually(async () => expect(await queue.dead('trattoria')).to.have.length(1))
    expect((await queue.dead('trattoria'))[0]).to.include({ attempts: 1, reason: 'it never will' })
    await bench.close()
    bench = await open()
    queue = bench.queue
    collect(queue, {
      handle: async () => {
        throw new Error('password 1234')
      },
    })
    await send(1)
    await eventually(async () => expect(await queue.dead('trattoria')).to.have.length(1))
    expect(JSON.stringify(await queue.dead('trattoria'))).to.not.contain('1234')
  })

  it('tells again of what is given up until that is heard', async () => {
    let told = 0
    const { seen } = collect(queue, {
      ...always('no', true),
      bury: async () => {
        told += 1
        if (told === 1) throw new Error('the store is away')
      },
    })
    await send(1)
    await eventually(async () => expect(await queue.dead('trattoria')).to.have.length(1))
    expect(told).to.equal(2)
    expect(seen).to.have.length(2)
  })

  it('shows each group its own dead, newest first', async () => {
    collect(queue, { ...always('no', true), concurrency: 1 })
    for (const task of [taskOf(0), taskOf(1, 'osteria'), taskOf(2)]) {
      await queue.send(task)
      await eventually(async () => {
        const dead = await queue.dead(task.group)
        expect(dead.map(({ id }) => id)).to.include(task.id)
      })
      await wait(5)
    }
    const shown = async (group: string) => (await queue.dead(group)).map(({ id }) => id)
    expect(await shown('trattoria')).to.deep.equal(['task-2', 'task-0'])
    expect(await shown('osteria')).to.deep.equal(['task-1'])
    expect(await shown('nobody')).to.deep.equal([])
  })

  it('sends a dead task again from the beginning, once, and only for its own group', async () => {
    let well = false
    const { seen } = collect(queue, {
      handle: async () => {
        if (!well) throw new TaskFailure('no')
      },
    })
    await send(2)
    await eventually(async () => expect(await queue.dead('trattoria')).to.have.length(2))
    expect(await queue.retry({ group: 'osteria', id: 'task-0' })).to.equal(false)
    expect(await queue.retry({ group: 'trattoria', id: 'task-9' })).to.equal(false)
    expect(seen).to.have.length(6)
    well = true
    expect(await queue.retry({ group: 'trattoria', id: 'task-0' })).to.equal(true)
    expect(await queue.retry({ group: 'trattoria', id: 'task-0' })).to.equal(false)
    await eventually(() => expect(seen).to.have.length(7))
    expect(seen[6]).to.deep.include({ ...taskOf(0), attempt: 1 })
    await eventually(async () => {
      const left = await queue.dead('trattoria')
      expect(left.map(({ id }) => id)).to.deep.equal(['task-1'])
    })
  })

  it('finishes what is in hand when it is stopped, and loses nothing of the rest', async () => {
    let finished = 0
    const first = collect(queue, {
      concurrency: 2,
      handle: async () => {
        await wait(100)
        finished += 1
      },
    })
    await send(6)
    await eventually(() => expect(first.seen).to.have.length.at.least(2))
    await first.worker.stop()
    expect(finished).to.equal(first.seen.length)
    expect(finished).to.be.below(6)
    const second = collect(await bench.another())
    await eventually(() => expect([...first.ids(), ...second.ids()].sort()).to.deep.equal(ids(6)))
  })

  it('takes one that is sent twice at least once', async () => {
    await queue.send(taskOf(0))
    await queue.send(taskOf(0))
    const { seen } = collect()
    await eventually(() => expect(seen).to.have.length.within(1, 2))
    expect(new Set(seen.map(({ id }) => id)).size).to.equal(1)
  })

  it('refuses what is no task', async () => {
    const wrong = [
      { ...taskOf(0), content: { rota: 'x'.repeat(201) } },
      { ...taskOf(0), id: '' },
      { ...taskOf(0), token: 'x' },
    ]
    for (const one of wrong) {
      const error = await queue.send(one).catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(Error)
    }
  })
}

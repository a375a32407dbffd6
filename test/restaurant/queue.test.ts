import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import type { Store } from 'maitred/storage'
import {
  createEmbeddedQueue,
  type EmbeddedQueue,
  tasks,
} from '../../examples/restaurant/back-office/queue/embedded-queue.ts'
import { engines, type Place } from '../support/engines.ts'
import { until } from '../support/until.ts'
import { contractRetries, queueContract } from './queue-contract.ts'
import { keepingLog } from './rota-place.ts'

const collections = [tasks]

for (const engine of engines()) {
  describe(`RF-8 the embedded queue on ${engine.name}`, () => {
    let place: Place
    let open: { close(): Promise<void> }[]

    async function openQueue(o: { now?: () => Date; leaseMs?: number } = {}) {
      const store: Store = await engine.open({ collections }, place)
      const retries = contractRetries
      const now = () => new Date()
      const queue: EmbeddedQueue = createEmbeddedQueue({
        store,
        now,
        log: keepingLog(),
        retries,
        pollMs: 50,
        ...o,
      })
      open.push(store, queue)
      return { store, queue }
    }
    async function close() {
      for (const one of open.splice(0).reverse()) await one.close()
      await place.remove()
    }
    const begin = async () => {
      place = await engine.place()
      open = []
    }

    describe('keeps the contract', () => {
      queueContract(async () => {
        await begin()
        const { queue } = await openQueue()
        return { queue, another: async () => (await openQueue()).queue, close }
      })
    })

    describe('and its leases', () => {
      beforeEach(begin)
      afterEach(close)

      const task = { id: 'task-0', group: 'trattoria', content: {} }

      it('takes up the task of a worker that died, and counts its try', async () => {
        const { store, queue } = await openQueue()
        await queue.send(task)
        // As a process does that is killed right after it took the task.
        const inHand = { $set: { due: new Date(Date.now() + 300) }, $inc: { fence: 1, attempts: 1 } }
        await store.collection(tasks).update({ _id: task.id }, inHand)
        const attempts: number[] = []
        queue.work({ handle: async ({ attempt }) => void attempts.push(attempt) })
        await wait(100)
        expect(attempts).to.deep.equal([])
        await until(() => expect(attempts).to.deep.equal([2]))
      })

      it('keeps a task in hand for as long as its worker lives', async () => {
        const [one, two] = [await openQueue({ leaseMs: 150 }), await openQueue({ leaseMs: 150 })]
        let [finished, begun] = [0, 0]
        const handle = async () => {
          begun += 1
          await wait(600)
          finished += 1
        }
        one.queue.work({ handle })
        two.queue.work({ handle })
        await one.queue.send(task)
        await until(() => expect(finished).to.equal(1))
        await until(async () => expect(await one.store.collection(tasks).count({})).to.equal(0))
        expect(begun).to.equal(1)
      })

      it('does not let a worker that lost its task touch it any more', async () => {
        const { store, queue } = await openQueue()
        const rows = store.collection(tasks)
        await queue.send(task)
        queue.work({
          handle: async () => {
            // Meanwhile somebody else took it, because this process had been asleep.
            await rows.update(
              { _id: task.id },
              { $set: { due: new Date(Date.now() + 60_000) }, $inc: { fence: 1 } },
            )
          },
        })
        await until(async () => expect((await rows.get(task.id))?.fence).to.equal(2))
        await queue.close()
        expect(await rows.get(task.id)).to.include({ fence: 2 })
      })

      it('gives up a task that kills its worker each time', async () => {
        const { store, queue } = await openQueue()
        await queue.send(task)
        await store.collection(tasks).update({ _id: task.id }, { $inc: { fence: 3, attempts: 3 } })
        queue.work({ handle: async () => expect.fail('it was tried again') })
        await until(async () => expect(await queue.dead(task.group)).to.have.length(1))
      })

      it('writes a task in the batch of its cause: both or neither', async () => {
        const { store, queue } = await openQueue()
        const seen: string[] = []
        queue.work({ handle: async ({ id }) => void seen.push(id) })
        await store.batch([queue.write(task), queue.write({ ...task, id: 'task-1' })])
        queue.wake()
        await until(() => expect(seen.sort()).to.deep.equal(['task-0', 'task-1']))
        const failing = [queue.write({ ...task, id: 'task-2' }), { in: tasks, take: { _id: 'nothing' } }]
        await store.batch(failing).catch(() => {})
        expect(await store.collection(tasks).get('task-2')).to.equal(undefined)
      })
    })
  })
}

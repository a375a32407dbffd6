import { expect } from 'chai'
import { ABANDONED_MS } from '../../src/outbox/claims.ts'
import {
  createOutbox,
  type Outbox,
  type OutboxOptions,
  type OutboxRow,
  outboxCollection,
} from '../../src/outbox/outbox.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'
import { until } from '../support/until.ts'

const work = outboxCollection('work')
const silent = { info() {}, warn() {}, error() {} }
const again = (seconds: number) => () => ({ reason: 'not now', next: 'again', seconds }) as const

for (const engine of engines()) {
  describe(`SB-6 the outbox on ${engine.name}`, () => {
    let store: Store
    let ahead = 0
    let opened: Outbox[] = []
    /** What a worker that is dead or busy waits for. */
    let hanging = Promise.withResolvers<void>()
    const now = () => new Date(Date.now() + ahead)

    before(async () => {
      store = await engine.open({ collections: [work], now })
    })
    beforeEach(async () => {
      await store.collection(work).remove({})
    })
    afterEach(async () => {
      hanging.resolve()
      hanging = Promise.withResolvers()
      await Promise.all(opened.map((outbox) => outbox.stop()))
      opened = []
    })
    after(() => store.close())

    /** A worker such as each process has one. */
    function worker(o: Partial<OutboxOptions> & Pick<OutboxOptions, 'send'>): Outbox {
      const outbox = createOutbox({ store, collection: work, now, log: silent, judge: again(1), ...o })
      opened.push(outbox)
      return outbox
    }
    const rows = () => store.collection(work).find({})
    const claimed = () =>
      until(async () => expect((await rows()).filter(({ claim }) => claim !== undefined)).to.have.length(1))
    async function promise(outbox: Outbox, about: string): Promise<void> {
      await store.batch([outbox.write({ about, content: { about } })])
    }

    it('does what was promised, once, and forgets it', async () => {
      const done: OutboxRow[] = []
      const outbox = worker({ send: async (row) => void done.push(row) })
      await promise(outbox, 'a')
      await promise(outbox, 'b')
      await outbox.pass()
      await outbox.pass()
      expect(done.map(({ content }) => content.about)).to.have.members(['a', 'b'])
      expect(await rows()).to.deep.equal([])
    })

    it('promises nothing when the batch of the cause fails', async () => {
      const outbox = worker({ send: async () => expect.fail('there is nothing to do') })
      const failing = { in: work, take: { _id: 'nobody' } }
      const error = await store.batch([outbox.write({ about: 'a', content: {} }), failing]).catch((e) => e)
      expect(error).to.be.an('error')
      await outbox.pass()
    })

    it('takes a key for one promise while it waits', async () => {
      const outbox = worker({ send: async () => {} })
      const write = () => store.batch([outbox.write({ about: 'a', content: {}, key: 'k' })])
      await write()
      expect(await write().catch((error) => error)).to.have.property('code', 'conflict')
      await outbox.pass()
      await write()
    })

    it('shares the work among four workers: each row is done by one', async () => {
      const done: string[] = []
      const workers = [1, 2, 3, 4].map(() => worker({ send: async ({ about }) => void done.push(about) }))
      const abouts = Array.from({ length: 60 }, (_, index) => `row ${index}`)
      const [first] = workers
      await Promise.all(abouts.map((about) => promise(first as Outbox, about)))
      await Promise.all(workers.map((outbox) => outbox.pass()))
      expect(done.sort()).to.deep.equal(abouts.sort())
    }).timeout(20_000)

    it('does no more at once than it may', async () => {
      let begun = 0
      const release = Promise.withResolvers<void>()
      const outbox = worker({
        concurrency: 3,
        async send() {
          begun += 1
          await release.promise
        },
      })
      await Promise.all(Array.from({ length: 10 }, (_, index) => promise(outbox, `row ${index}`)))
      const passing = outbox.pass()
      await until(() => expect(begun).to.equal(3))
      expect((await rows()).filter(({ claim }) => claim !== undefined)).to.have.length(3)
      release.resolve()
      await passing
      expect(begun).to.equal(10)
    })

    it('tries again when the time has come, not before', async () => {
      const tries: number[] = []
      const outbox = worker({
        send: async ({ attempts }) => {
          tries.push(attempts)
          if (attempts < 3) throw new Error('down')
        },
        judge: again(30),
      })
      await promise(outbox, 'a')
      await outbox.pass()
      ahead += 29_000
      await outbox.pass()
      expect(tries).to.deep.equal([1])
      expect((await rows())[0]).to.include({ attempts: 1, failure: 'not now' })
      ahead += 2_000
      await outbox.pass()
      ahead += 31_000
      await outbox.pass()
      expect(tries).to.deep.equal([1, 2, 3])
      expect(await rows()).to.deep.equal([])
    })

    it('gives up visibly, and keeps nothing of what the row said', async () => {
      const told: object[] = []
      const outbox = worker({
        send: async () => {
          throw new Error('no')
        },
        judge: () => ({ reason: 'no such person', next: 'dead' }),
        log: { ...silent, error: (o) => told.push(o) },
      })
      await promise(outbox, 'a')
      await outbox.pass()
      ahead += 3_600_000
      await outbox.pass()
      const dead = await outbox.dead()
      expect(dead).to.have.length(1)
      expect(dead[0]).to.deep.include({ about: 'a', attempts: 1, failure: 'no such person', content: {} })
      expect(told).to.have.length(1)
      expect(told[0]).to.include({ about: 'a', reason: 'no such person' })
      ahead += 31 * 86_400_000
      expect(await outbox.dead()).to.deep.equal([])
    })

    it('waits as a whole while nothing goes through, and sends all soon after', async () => {
      let down = true
      let tries = 0
      const outbox = worker({
        concurrency: 2,
        async send() {
          tries += 1
          if (down) throw new Error('down')
        },
        judge: () => ({ reason: 'down', next: 'outage' }),
      })
      await Promise.all(Array.from({ length: 20 }, (_, index) => promise(outbox, `row ${index}`)))
      for (let second = 0; second < 200; second += 1) {
        ahead += 1_000
        await outbox.pass()
      }
      // More than three minutes of an outage, and two tries each quarter of a minute.
      expect(tries).to.be.within(20, 44)
      for (const { attempts } of await rows()) expect(attempts).to.equal(0)
      down = false
      ahead += 15_000
      await outbox.pass()
      expect(await rows()).to.deep.equal([])
    }).timeout(60_000)

    it('takes over from a worker that died, but not from a living one', async () => {
      const dead = worker({ send: () => hanging.promise })
      const done: string[] = []
      const heir = worker({ send: async ({ about }) => void done.push(about) })
      await promise(dead, 'a')
      void dead.pass()
      await claimed()
      // The clock of the heir is minutes ahead: that alone is no reason.
      ahead += 300_000
      await heir.pass()
      expect(done).to.deep.equal([])
      ahead += ABANDONED_MS - 1_000
      await store.collection(work).update({ about: 'a' }, { $inc: { beats: 1 } })
      await heir.pass()
      ahead += ABANDONED_MS - 1_000
      await heir.pass()
      expect(done).to.deep.equal([])
      ahead += 2_000
      await heir.pass()
      expect(done).to.deep.equal(['a'])
      expect(await rows()).to.deep.equal([])
    })

    it('counts nobody as dead while the store was away', async () => {
      const busy = worker({ send: () => hanging.promise })
      const done: string[] = []
      let away = false
      const flaky: Store = {
        ...store,
        collection: (spec) => {
          const found = store.collection(spec)
          return {
            ...found,
            find: async (match, options) => {
              if (away) throw new Error('away')
              return await found.find(match, options)
            },
          }
        },
      }
      const other = worker({ store: flaky, send: async ({ about }) => void done.push(about) })
      await promise(busy, 'a')
      void busy.pass()
      await claimed()
      await other.pass()
      away = true
      ahead += ABANDONED_MS + 1_000
      await other.pass()
      away = false
      await other.pass()
      expect(done).to.deep.equal([])
    })

    it('notes what is done as soon as the store is back, and does it once', async () => {
      let away = true
      let tries = 0
      const flaky: Store = {
        ...store,
        collection: (spec) => {
          const found = store.collection(spec)
          return {
            ...found,
            take: async (match) => {
              if (away) throw new Error('away')
              return await found.take(match)
            },
          }
        },
      }
      const outbox = worker({
        store: flaky,
        async send() {
          tries += 1
        },
      })
      await promise(outbox, 'a')
      const passing = outbox.pass()
      await until(() => expect(tries).to.equal(1))
      away = false
      await passing
      expect(tries).to.equal(1)
      expect(await rows()).to.deep.equal([])
    })

    it('finds by itself what another process promised, and is woken for its own', async function () {
      // It waits for real seconds: not in the quick tests.
      if (process.env.QUICK === '1') this.skip()
      const done: string[] = []
      const outbox = worker({ send: async ({ about }) => void done.push(about) })
      outbox.start()
      await promise(outbox, 'from elsewhere')
      await until(() => expect(done).to.have.length(1))
      await promise(outbox, 'own')
      const began = Date.now()
      outbox.wake()
      await until(() => expect(done).to.have.length(2))
      expect(Date.now() - began).to.be.below(1_500)
    })

    it('ends what it has begun before it stops, and begins nothing more', async () => {
      const release = Promise.withResolvers<void>()
      const done: string[] = []
      const outbox = worker({
        concurrency: 1,
        async send({ about }) {
          await release.promise
          done.push(about)
        },
      })
      await promise(outbox, 'a')
      await promise(outbox, 'b')
      outbox.start()
      await claimed()
      const stopping = outbox.stop()
      release.resolve()
      await stopping
      expect(done).to.have.length(1)
      expect(await rows()).to.have.length(1)
    })
  })
}

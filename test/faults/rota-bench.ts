/** What the tests of a dying worker share: a real Maitred, the rota, a store, a mail server, workers to kill. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect } from 'chai'
import type { Store } from 'maitred/storage'
import {
  availability,
  backOfficeCollections,
  type Rota,
  rotas,
  shifts,
  staff,
} from '../../examples/restaurant/back-office/documents.ts'
import { createEmbeddedQueue, tasks } from '../../examples/restaurant/back-office/queue/embedded-queue.ts'
import { letters } from '../../examples/restaurant/back-office/rota-desk/letters.ts'
import { scheduleTask } from '../../examples/restaurant/back-office/rota-desk/worker.ts'
import { keepingLog, openRotaPlace, type RotaPlace, WORKER } from '../restaurant/rota-place.ts'
import type { Engine } from '../support/engines.ts'
import { type SmtpBench, startSmtp } from '../support/smtp.ts'
import { until } from '../support/until.ts'

export interface RotaBench extends RotaPlace {
  store: Store
  smtp: SmtpBench
  /** Promises so many rotas, as the API does. */
  promise(count: number): Promise<void>
  /** Starts a worker and waits until it works. */
  startWorker(): Promise<{ kill(): Promise<void> }>
  /** Kills a fresh worker after a while of at most that, so often. */
  killAtRandom(times: number, mostMs: number): Promise<void>
  /** Waits until all that was promised is made and told of, and looks that nothing was made or told of twice. */
  expectAll(o: { mostRepeated: number }): Promise<void>
  stop(): Promise<void>
}

export async function openRotaBench(engine: Engine, o: { queueUrl?: string } = {}): Promise<RotaBench> {
  const place = await openRotaPlace()
  const where = await engine.place()
  const smtp = await startSmtp()
  const store = await engine.open({ collections: backOfficeCollections }, where)
  const now = () => new Date()
  const queue = createEmbeddedQueue({ store, now, log: keepingLog() })
  const children = new Set<ChildProcess>()
  const results = new Map<string, string>()
  let promised = 0
  let looking = true
  const watched = watch()
  await seed(store)

  /** Keeps each result as it was when it was first seen. */
  async function watch(): Promise<void> {
    while (looking) {
      for (const rota of await store.collection(rotas).find({ status: 'done' })) {
        if (!results.has(rota._id)) results.set(rota._id, JSON.stringify(rota))
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async function startWorker() {
    const env = {
      PATH: process.env.PATH,
      ...where.env,
      ISSUER: place.app.url,
      ROTA_URL: place.rota.url,
      CLIENT_ID: WORKER,
      CLIENT_SECRET: place.secret,
      SMTP_URL: smtp.url,
      ...(o.queueUrl && { QUEUE_URL: o.queueUrl }),
    }
    const child = spawn(process.execPath, [join(import.meta.dirname, 'rota-worker.ts')], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.add(child)
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk
    })
    await until(() => expect(said).to.contain('working'), 30_000)
    return {
      async kill() {
        const ended = once(child, 'close')
        child.kill('SIGKILL')
        await ended
        children.delete(child)
      },
    }
  }

  return {
    ...place,
    store,
    smtp,
    async promise(count) {
      for (let n = 0; n < count; n += 1) {
        promised += 1
        const rota = rotaOf(promised)
        await store.batch([{ in: rotas, insert: rota }, queue.write(scheduleTask(rota))])
      }
    },
    startWorker,
    async killAtRandom(times, mostMs) {
      for (let n = 0; n < times; n += 1) {
        const worker = await startWorker()
        await new Promise((resolve) => setTimeout(resolve, Math.random() * mostMs))
        await worker.kill()
      }
    },
    async expectAll({ mostRepeated }) {
      const all = store.collection(rotas)
      await until(async () => expect(await all.count({ status: 'done' }), 'made').to.equal(promised), 120_000)
      const told = () => new Set(smtp.received.map(({ messageId }) => messageId))
      await until(() => expect(told().size, 'told of').to.equal(promised), 120_000)
      await until(async () => expect(await store.collection(tasks).count({})).to.equal(0), 30_000)
      await until(() => expect(results.size).to.equal(promised), 20_000)
      for (const rota of await all.find({})) {
        expect(rota.assignments).to.have.length(2)
        expect(JSON.stringify(rota), 'a result was changed after it was shown').to.equal(
          results.get(rota._id),
        )
      }
      expect(told().size).to.equal(promised)
      expect(await store.collection(letters).count({ sentAt: { $exists: true } })).to.equal(promised)
      expect(smtp.received.length - promised, 'mails that came again').to.be.at.most(mostRepeated)
    },
    async stop() {
      looking = false
      for (const child of children) child.kill('SIGKILL')
      await watched
      await queue.close()
      await store.close()
      await where.remove()
      await smtp.stop()
      await place.close()
    },
  }
}

function rotaOf(n: number): Rota {
  const at = new Date()
  const dates = { createdAt: at, updatedAt: at, version: 1 }
  const asked = { restaurant: 'napoli', week: '2026-W47', askedBy: 'staff-bruno', requestId: `request-${n}` }
  return { _id: `rota-${n}`, ...asked, mode: 'async', status: 'waiting', attempts: 0, ...dates }
}

async function seed(store: Store): Promise<void> {
  const at = new Date()
  const restaurant = 'napoli'
  const dates = { createdAt: at, updatedAt: at, version: 1 }
  const name = { email: 'bruno@bella-napoli.example', firstName: 'Bruno', lastName: 'Conti', search: [] }
  const slots = [1, 2].map((weekday) => ({ weekday, from: '10:00', to: '00:00' }))
  const times = { restaurant, from: '17:00', to: '23:00', job: 'manager', version: 1 } as const
  const bruno = { _id: 'staff-bruno', restaurant }
  await store.collection(staff).insert({ ...bruno, ...name, job: 'manager', active: true, ...dates })
  await store.collection(availability).insert({ ...bruno, slots, updatedAt: at, version: 1 })
  await store.collection(shifts).insert({ _id: 'monday', day: '2026-11-16', ...times })
  await store.collection(shifts).insert({ _id: 'tuesday', day: '2026-11-17', ...times })
}

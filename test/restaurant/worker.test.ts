import { expect } from 'chai'
import type { Store } from 'maitred/storage'
import {
  backOfficeCollections,
  type Rota,
  rotas,
  shifts,
  staff,
} from '../../examples/restaurant/back-office/documents.ts'
import { createEmbeddedQueue, tasks } from '../../examples/restaurant/back-office/queue/embedded-queue.ts'
import { type Handlers, type Task, TaskFailure } from '../../examples/restaurant/back-office/queue/queue.ts'
import { createLetters, letters } from '../../examples/restaurant/back-office/rota-desk/letters.ts'
import { createPost, type Post } from '../../examples/restaurant/back-office/rota-desk/post.ts'
import type { RotaClient } from '../../examples/restaurant/back-office/rota-desk/rota-client.ts'
import { RotaUnavailable } from '../../examples/restaurant/back-office/rota-desk/rota-unavailable.ts'
import { createWorker, scheduleTask } from '../../examples/restaurant/back-office/rota-desk/worker.ts'
import { engines } from '../support/engines.ts'
import { type SmtpBench, startSmtp } from '../support/smtp.ts'
import { keepingLog } from './rota-place.ts'

for (const engine of engines()) {
  describe(`RF-8 the worker (${engine.name})`, () => {
    let store: Store
    let smtp: SmtpBench
    let post: Post
    let worker: Handlers
    let answers: RotaClient['schedule']
    let clock: number

    beforeEach(async () => {
      clock = Date.parse('2026-11-10T10:00:00Z')
      const now = () => new Date(clock)
      store = await engine.open({ collections: backOfficeCollections, now })
      smtp = await startSmtp()
      post = createPost(smtp.url)
      answers = async () => ({ assignments: [{ shift: 'monday', staff: 'staff-bruno' }], unfilled: [] })
      const client: RotaClient = { schedule: (question, o) => answers(question, o), close() {} }
      const queue = createEmbeddedQueue({ store, now, log: keepingLog() })
      const origin = 'http://localhost:3003'
      worker = createWorker({
        store,
        client,
        letters: createLetters({ store, post, now }),
        tasks: queue,
        origin,
        now,
      })
      await seed(store, now())
    })
    afterEach(async () => {
      post.close()
      await smtp.stop()
      await store.close()
    })

    const schedule = scheduleTask({ _id: 'rota-1', restaurant: 'napoli' })
    const handle = (task: Task, attempt = 1) => worker.handle({ ...task, attempt, isLast: false })
    const rota = async () => (await store.collection(rotas).get('rota-1')) as Rota
    const promised = async () =>
      (await store.collection(tasks).find({})).map(
        ({ _id: id, group, content }): Task => ({ id, group, content }),
      )
    const failureOf = (work: Promise<void>) => work.then(() => undefined).catch((error: unknown) => error)

    it('stores one result and promises one mail, however often the task is delivered', async () => {
      await Promise.all([1, 2, 3, 4, 5].map((attempt) => handle(schedule, attempt)))
      const first = await rota()
      expect(first).to.deep.include({ status: 'done', unfilled: [] })
      answers = async () => ({ assignments: [], unfilled: ['monday'] })
      await handle(schedule, 6)
      await worker.bury?.({ ...schedule, attempts: 6, reason: 'too late', diedAt: new Date(clock) })
      expect(await rota()).to.deep.equal(first)
      expect(await promised()).to.have.length(1)
    })

    it('sends one mail, however often and however simultaneously it is asked to', async () => {
      await handle(schedule)
      const [tell] = (await promised()) as [Task]
      smtp.mood.slowMs = 50
      const failures = await Promise.all([1, 2, 3, 4, 5].map(() => failureOf(handle(tell))))
      expect(smtp.received).to.have.length(1)
      // Who came too early is told to come again, and finds it done.
      for (const failure of failures.filter(Boolean)) expect(failure).to.be.instanceOf(TaskFailure)
      await handle(tell)
      expect(smtp.received).to.have.length(1)
      const [mail] = smtp.received
      expect(mail?.receivers).to.deep.equal(['bruno@bella-napoli.example'])
      expect(mail?.messageId).to.equal(`<${tell.id}@bella-napoli.example>`)
      expect(mail?.text).to.contain('Ciao Bruno').and.to.contain('http://localhost:3003/rotas/rota-1')
    })

    it('leaves a letter to whoever is sending it, until they must be dead', async () => {
      await handle(schedule)
      const [tell] = (await promised()) as [Task]
      const until = new Date(clock + 60_000)
      await store.collection(letters).insert({ _id: tell.id, until, expires: new Date(clock + 9e9) })
      expect(await failureOf(handle(tell))).to.be.instanceOf(TaskFailure)
      expect(smtp.received).to.have.length(0)
      clock += 61_000
      await handle(tell)
      expect(smtp.received).to.have.length(1)
    })

    it('sends a mail later that the server would not have', async () => {
      await handle(schedule)
      const [tell] = (await promised()) as [Task]
      smtp.mood.refuse = 450
      expect(await failureOf(handle(tell)))
        .to.be.instanceOf(TaskFailure)
        .and.to.have.property('message', 'The mail could not be sent.')
      smtp.mood.refuse = undefined
      await handle(tell)
      expect(smtp.received).to.have.length(1)
    })

    it('tells nothing to somebody who has left', async () => {
      await handle(schedule)
      await store.collection(staff).update({ _id: 'staff-bruno' }, { $set: { active: false } })
      for (const tell of await promised()) await handle(tell)
      expect(smtp.received).to.have.length(0)
    })

    it('says of a failure what people can understand, and whether trying again is of use', async () => {
      for (const [trouble, isFinal] of [
        ['wrong', false],
        ['refused', true],
        ['resting', false],
      ] as const) {
        answers = () => Promise.reject(new RotaUnavailable(trouble, 'inner words', { retryAfter: 1 }))
        const failure = await failureOf(handle(schedule))
        expect(failure).to.be.instanceOf(TaskFailure).and.to.have.property('isFinal', isFinal)
        expect(await rota()).to.deep.include({ status: 'waiting', problem: (failure as Error).message })
        expect((failure as Error).message).to.not.contain('inner words')
      }
      expect((await rota()).attempts).to.equal(3)
      await store.collection(shifts).remove({})
      expect(await failureOf(handle(schedule))).to.have.property('isFinal', true)
    })

    it('shows a rota as failed when its task is given up, tells that, and can be sent again', async () => {
      const dead = { ...schedule, attempts: 6, reason: 'It does not answer.', diedAt: new Date(clock) }
      await worker.bury?.(dead)
      await worker.bury?.(dead)
      expect(await rota()).to.include({ status: 'failed', problem: 'It does not answer.' })
      const [tell, ...more] = (await promised()) as [Task]
      expect(more).to.deep.equal([])
      await handle(tell)
      expect(smtp.received[0]?.subject).to.contain('could not be made')
      await store.collection(rotas).update({ _id: 'rota-1' }, { $set: { status: 'waiting' } })
      await handle(schedule)
      expect(await rota())
        .to.include({ status: 'done' })
        .and.to.not.have.property('problem')
    })

    it('does not do what it cannot read, and lets it be given up', async () => {
      const strange: Task = { ...schedule, content: { kind: 'dance' } }
      expect(await failureOf(handle(strange))).to.be.instanceOf(Error)
      await worker.bury?.({ ...strange, attempts: 1, reason: '', diedAt: new Date(clock) })
      expect(await rota()).to.include({ status: 'waiting', attempts: 0 })
    })
  })
}

async function seed(store: Store, at: Date): Promise<void> {
  const restaurant = 'napoli'
  const dates = { createdAt: at, updatedAt: at, version: 1 }
  const name = { email: 'bruno@bella-napoli.example', firstName: 'Bruno', lastName: 'Conti', search: [] }
  const asked = { week: '2026-W47', askedBy: 'staff-bruno', requestId: 'request-1', attempts: 0 }
  const evening = { from: '17:00', to: '23:00', job: 'manager', version: 1 } as const
  await store
    .collection(staff)
    .insert({ _id: 'staff-bruno', restaurant, ...name, job: 'manager', active: true, ...dates })
  await store.collection(shifts).insert({ _id: 'monday', restaurant, day: '2026-11-16', ...evening })
  await store
    .collection(rotas)
    .insert({ _id: 'rota-1', restaurant, ...asked, mode: 'async', status: 'waiting', ...dates })
}

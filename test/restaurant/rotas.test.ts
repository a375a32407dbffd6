import { expect } from 'chai'
import { availability, rotas, shifts, staff } from '../../examples/restaurant/back-office/documents.ts'
import { tasks } from '../../examples/restaurant/back-office/queue/embedded-queue.ts'
import { letters } from '../../examples/restaurant/back-office/rota-desk/letters.ts'
import { lies } from '../../examples/restaurant/rota/behaviour.ts'
import { engines } from '../support/engines.ts'
import { until } from '../support/until.ts'
import { openRotas, type RotasHouse, WEEK } from './rotas-house.ts'

for (const engine of engines()) {
  describe(`RF-7 RF-8 rotas by the API (${engine.name})`, function () {
    this.timeout(30_000)
    let house: RotasHouse
    let call: RotasHouse['call']

    before(async () => {
      house = await openRotas(engine)
      call = house.call
    })
    after(() => house?.stop())
    beforeEach(async () => {
      house.rota.behaviour = 'well'
      // Until a rest that the test before has caused is over.
      await until(async () => {
        await house.plan(1)
        expect((await ask()).status).to.equal(201)
      })
      await house.plan(2)
      await house.store.batch([rotas, tasks, letters].map((spec) => ({ in: spec, remove: {} })))
    })

    const ask = (headers: Record<string, string> = {}, body: object = { week: WEEK }) =>
      call('bruno', 'POST', '/rotas', { body, headers })
    const askLater = () => ask({ Prefer: 'respond-async, wait=10' })
    const settled = (id: string, status = 'done') =>
      until(async () => {
        const { body } = await call('bruno', 'GET', `/rotas/${id}`)
        expect(body.status).to.equal(status)
        return body
      }, 10_000)
    const accept = (id: string) => call('bruno', 'POST', `/rotas/${id}/accept`)
    const shift = async (id: string) => (await call('carla', 'GET', `/shifts/${id}`)).body

    describe('while somebody waits', () => {
      it('are made at once', async () => {
        const { status, headers, body } = await ask()
        expect(status).to.equal(201)
        expect(headers.get('location')).to.equal(`/api/rotas/${body.id}`)
        expect(body).to.deep.include({ week: WEEK, mode: 'sync', status: 'done', attempts: 1, unfilled: [] })
        expect(body.assignments).to.deep.include.members([
          { shift: 'lunch-1', staff: 'staff-carla' },
          { shift: 'evening-2', staff: 'staff-bruno' },
        ])
        expect((await call('bruno', 'GET', `/rotas/${body.id}`)).body).to.deep.equal(body)
        expect((await call('bruno', 'GET', `/rotas?week=${WEEK}`)).body.items).to.deep.equal([body])
        expect((await call('rosa', 'GET', `/rotas/${body.id}`)).status).to.equal(404)
        expect(house.mails()).to.deep.equal([])
      })

      it('are refused with what can be done instead, when the rota is down, slow or lies', async () => {
        for (const behaviour of [
          'down',
          'slow',
          ...lies.filter((lie) => lie !== 'double-booking'),
        ] as const) {
          house.rota.behaviour = behaviour
          const began = performance.now()
          const { status, headers, body } = await ask({ 'X-Request-Id': `request-${behaviour}` })
          expect(status, behaviour).to.equal(503)
          expect(performance.now() - began).to.be.below(3_000)
          expect(headers.get('retry-after')).to.equal('1')
          expect(headers.get('content-type')).to.contain('application/problem+json')
          expect(body.code).to.equal('rota_unavailable')
          expect(body.detail).to.contain('The kitchen rota').and.to.contain('told by mail')
          const lines = house.log.lines.filter((line) => line.includes(`"request-${behaviour}"`))
          expect(lines.join(), behaviour).to.contain('the rota gave no answer')
        }
        expect(await house.store.collection(rotas).count({})).to.equal(0)
        const began = performance.now()
        expect((await call('carla', 'GET', `/shifts?week=${WEEK}`)).status).to.equal(200)
        expect(performance.now() - began).to.be.below(1_000)
      })

      it('need a week with shifts, and the permission', async () => {
        const empty = await ask({}, { week: '2026-W50' })
        expect(empty.status).to.equal(422)
        expect(empty.body.errors).to.deep.equal([{ field: 'week', message: 'has no shift to fill' }])
        expect((await ask({}, { week: 'soon' })).status).to.equal(422)
        expect((await call('carla', 'POST', '/rotas', { body: { week: WEEK } })).status).to.equal(403)
        expect((await call(undefined, 'POST', '/rotas', { body: { week: WEEK } })).status).to.equal(401)
      })
    })

    it('are described with all that can be answered', async () => {
      const description = await (await fetch(`${house.backOffice.url}/api/openapi.json`)).json()
      const statuses = (path: string) => Object.keys(description.paths[path].post.responses)
      expect(statuses('/rotas')).to.include.members(['201', '202', '422', '503'])
      expect(statuses('/rotas/{id}/accept')).to.include.members(['200', '404', '409'])
      expect(statuses('/tasks/{id}/retry')).to.include.members(['202', '404'])
    })

    describe('when nobody waits', () => {
      it('are promised, made by the worker, and told of by one mail', async () => {
        const { status, headers, body } = await askLater()
        expect(status).to.equal(202)
        expect(headers.get('preference-applied')).to.equal('respond-async')
        expect(headers.get('location')).to.equal(`/api/rotas/${body.id}`)
        expect(body).to.include({ mode: 'async', status: 'waiting', attempts: 0 })
        const before = house.mails().length
        const done = await settled(body.id)
        expect(done.assignments).to.have.length(4)
        expect(done.attempts).to.equal(1)
        await until(() => expect(house.mails()).to.have.length(before + 1))
        const mail = house.mails().find((one) => one.includes(body.id)) ?? ''
        expect(mail).to.contain('To: bruno@bella-napoli.example')
        expect(mail).to.contain(`Subject: The rota for ${WEEK} is ready`)
        expect(mail).to.contain(`${house.backOffice.url}/rotas/${body.id}`)
        await until(async () => expect(await house.store.collection(tasks).count({})).to.equal(0))
      })

      it('say on the way what goes wrong, and are tried again', async () => {
        house.rota.behaviour = 'down'
        const { body } = await askLater()
        await until(async () => {
          const { body: now } = await call('bruno', 'GET', `/rotas/${body.id}`)
          expect(now).to.include({ status: 'waiting', problem: 'The kitchen rota does not answer.' })
          expect(now.attempts).to.be.at.least(1)
        })
        house.rota.behaviour = 'well'
        const done = await settled(body.id)
        expect(done).to.not.have.property('problem')
        expect(done.attempts).to.be.at.least(2)
      })

      it('are given up when nothing helps, shown to an admin, and sent again by one', async () => {
        house.rota.behaviour = 'nonsense'
        const { body } = await askLater()
        const failed = await settled(body.id, 'failed')
        const reason = 'The kitchen rota gave an answer that makes no sense.'
        expect(failed).to.include({ problem: reason, attempts: 3 })
        await until(() =>
          expect(house.mails().join()).to.contain(`Subject: The rota for ${WEEK} could not be made`),
        )

        const dead = await until(async () => {
          const { body: list } = await call('bruno', 'GET', '/tasks?status=dead')
          expect(list.items).to.have.length(1)
          return list.items[0]
        })
        expect(dead).to.deep.include({ id: body.id, kind: 'schedule', rota: body.id, attempts: 3, reason })
        expect((await call('rosa', 'GET', '/tasks?status=dead')).body.items).to.deep.equal([])
        expect((await call('rosa', 'POST', `/tasks/${body.id}/retry`)).status).to.equal(404)
        expect((await call('bruno', 'POST', `/tasks/${body.id}/retry`)).status).to.equal(403)
        expect((await call('carla', 'GET', '/tasks?status=dead')).status).to.equal(403)

        house.rota.behaviour = 'well'
        const again = await call('ada', 'POST', `/tasks/${body.id}/retry`)
        expect(again.status).to.equal(202)
        await settled(body.id)
        await until(() => {
          const about = house.mails().filter((mail) => mail.includes(body.id))
          expect(about).to.have.length(2)
        })
        expect((await call('ada', 'POST', `/tasks/${body.id}/retry`)).status).to.equal(404)
      })
    })

    describe('that are accepted', () => {
      it('are in the shifts, and those given by hand stay', async () => {
        const given = { staff: 'staff-carla' }
        await call('bruno', 'PATCH', '/shifts/lunch-1', { body: given, headers: { 'If-Match': '"1"' } })
        const { body: rota } = await ask()
        expect(rota.assignments.map((one: { shift: string }) => one.shift).sort()).to.deep.equal([
          'evening-1',
          'evening-2',
          'lunch-2',
        ])
        const accepted = await accept(rota.id)
        expect(accepted.status).to.equal(200)
        expect(accepted.body.acceptedAt).to.be.a('string')
        expect(await shift('lunch-1'))
          .to.include(given)
          .and.to.not.have.property('rota')
        expect(await shift('evening-1')).to.include({ staff: 'staff-bruno', rota: rota.id })
        expect((await accept(rota.id)).body).to.deep.equal(accepted.body)
      })

      it('replace an earlier rota, and empty what nobody can take any more', async () => {
        const first = await ask()
        await accept(first.body.id)
        await house.store.collection(availability).take({ _id: 'staff-carla' })
        const { body: second } = await ask()
        expect(second.unfilled).to.have.members(['lunch-1', 'lunch-2'])
        expect((await accept(second.id)).status).to.equal(200)
        expect(await shift('lunch-1')).to.not.have.any.keys('staff', 'rota')
        expect(await shift('evening-1')).to.include({ staff: 'staff-bruno', rota: second.id })
      })

      const changes: [what: string, make: () => Promise<unknown>][] = [
        ['a shift was given by hand', () => patch('lunch-1', { staff: 'staff-carla' })],
        ['a shift was moved to where nobody has time', () => patch('lunch-1', { from: '06:00' })],
        ['a shift was dropped', () => house.store.collection(shifts).take({ _id: 'evening-1' })],
        [
          'somebody has left',
          () => house.store.collection(staff).update({ _id: 'staff-carla' }, { $set: { active: false } }),
        ],
        [
          'somebody has no time any more',
          () => house.store.collection(availability).take({ _id: 'staff-carla' }),
        ],
        ['somebody works elsewhere at that time', () => another()],
      ]
      const patch = (id: string, body: object) =>
        call('bruno', 'PATCH', `/shifts/${id}`, { body, headers: { 'If-Match': '"1"' } })
      const another = () =>
        call('bruno', 'POST', '/shifts', {
          body: { day: '2026-11-16', from: '14:00', to: '16:00', job: 'waiter', staff: 'staff-carla' },
        })
      for (const [what, change] of changes) {
        it(`are not, when ${what}; then nothing is changed`, async () => {
          const { body: rota } = await ask()
          await change()
          const before = await house.store.collection(shifts).find({})
          const { status, body } = await accept(rota.id)
          expect(status).to.equal(409)
          expect(body.detail).to.contain('have changed')
          expect(await house.store.collection(shifts).find({})).to.deep.equal(before)
          await house.store.collection(staff).update({ _id: 'staff-carla' }, { $set: { active: true } })
        })
      }

      it('are not before they are made, nor another restaurant’s', async () => {
        house.rota.behaviour = 'slow'
        const { body } = await askLater()
        expect((await accept(body.id)).status).to.equal(409)
        expect((await call('rosa', 'POST', `/rotas/${body.id}/accept`)).status).to.equal(404)
        house.rota.behaviour = 'well'
        await settled(body.id)
      })

      it('are written once though two people accept at the same moment', async () => {
        const { body: rota } = await ask()
        const answers = await Promise.all([accept(rota.id), accept(rota.id), accept(rota.id)])
        expect(answers.map(({ status }) => status)).to.deep.equal([200, 200, 200])
        expect(await house.store.collection(shifts).get('lunch-1')).to.include({ version: 2, rota: rota.id })
      })
    })
  })
}

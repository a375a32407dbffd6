import { expect } from 'chai'
import { shifts as shiftCollection } from '../../examples/restaurant/back-office/documents.ts'
import { dayOf, weekOf } from '../../examples/restaurant/calendar.ts'
import { type BackOfficeHouse, openBackOffice, type PersonName } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'

for (const engine of engines()) {
  describe(`RF-5 shifts and availability by the API (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse
    let call: BackOfficeHouse['call']

    before(async () => {
      house = await openBackOffice(engine)
      call = house.call
    })
    after(() => house?.stop())

    const evening = { day: '2026-11-16', from: '18:00', to: '23:30', job: 'waiter' }
    const plan = (more: object = {}, who: PersonName = 'bruno') =>
      call(who, 'POST', '/shifts', { body: { ...evening, ...more } })
    const change = (id: string, body: object, version = 1) =>
      call('bruno', 'PATCH', `/shifts/${id}`, { body, headers: { 'If-Match': `"${version}"` } })

    it('are planned, given to somebody, moved and dropped', async () => {
      const made = await plan()
      expect(made.status, JSON.stringify(made.body)).to.equal(201)
      expect(made.headers.get('location')).to.equal(`/api/shifts/${made.body.id}`)
      expect(made.body).to.deep.equal({ id: made.body.id, ...evening })
      const { id } = made.body
      const given = await change(id, { staff: 'staff-carla' })
      expect([given.status, given.headers.get('etag')]).to.deep.equal([200, '"2"'])
      expect((await change(id, { staff: null })).status).to.equal(412)
      const moved = await change(id, { day: '2026-11-17', staff: null }, 2)
      expect(moved.body).to.deep.equal({ id, ...evening, day: '2026-11-17' })
      expect((await call('carla', 'GET', `/shifts/${id}`)).body).to.deep.equal(moved.body)
      expect((await call('rosa', 'GET', `/shifts/${id}`)).status).to.equal(404)
      const list = await call('carla', 'GET', '/shifts?week=2026-W47')
      expect(list.body.items).to.deep.equal([moved.body])
      expect((await call('bruno', 'DELETE', `/shifts/${id}`)).status).to.equal(428)
      const headers = { 'If-Match': '"3"' }
      expect((await call('bruno', 'DELETE', `/shifts/${id}`, { headers })).status).to.equal(204)
      expect((await call('bruno', 'DELETE', `/shifts/${id}`, { headers })).status).to.equal(404)
    })

    it('are no rota’s any more once somebody is named by hand', async () => {
      const { body } = await plan({ day: '2026-11-23' })
      const shifts = house.store.collection(shiftCollection)
      await shifts.update(
        { _id: body.id },
        { $set: { staff: 'staff-carla', rota: 'rota-1' }, $inc: { version: 1 } },
      )
      const later = await change(body.id, { to: '23:00' }, 2)
      expect(later.body).to.include({ staff: 'staff-carla', rota: 'rota-1' })
      const given = await change(body.id, { staff: 'staff-bruno' }, 3)
      expect([given.status, given.body.staff, given.body.rota]).to.deep.equal([200, 'staff-bruno', undefined])
    })

    it('are read by week, by the staff of the restaurant, and one’s own apart', async () => {
      const week = { day: '2026-12-28' }
      const [mine, open] = [await plan({ ...week, staff: 'staff-carla' }), await plan({ day: '2027-01-03' })]
      await plan({ day: '2027-01-04' })
      const { body } = await call('carla', 'GET', '/shifts?week=2026-W53')
      expect(body.items).to.deep.equal([mine.body, open.body])
      expect((await call('carla', 'GET', '/shifts?week=2026-W53&mine=true')).body.items).to.deep.equal([
        mine.body,
      ])
      expect((await call('rosa', 'GET', '/shifts?week=2026-W53')).body.items).to.deep.equal([])
      const { body: usual } = await call('carla', 'GET', '/shifts')
      const thisWeek = weekOf(dayOf(new Date(), 'Europe/Rome'))
      expect(usual).to.deep.equal((await call('carla', 'GET', `/shifts?week=${thisWeek}`)).body)
      for (const week of ['2025-W53', '2026-53', 'x'])
        expect((await call('carla', 'GET', `/shifts?week=${week}`)).status, week).to.equal(422)
    })

    it('are planned by managers, within their restaurant', async () => {
      expect((await plan({}, 'carla')).status).to.equal(403)
      expect((await plan({}, 'dario')).status).to.equal(403)
      const { body } = await plan({ day: '2026-10-05' })
      const headers = { 'If-Match': '"1"' }
      const stranger = await call('rosa', 'PATCH', `/shifts/${body.id}`, { body: { job: 'chef' }, headers })
      expect(stranger.status).to.equal(404)
      expect((await call('rosa', 'DELETE', `/shifts/${body.id}`, { headers })).status).to.equal(404)
      const wrong: [field: string, more: object][] = [
        ['staff', { staff: 'staff-rosa' }],
        ['staff', { staff: 'nobody' }],
        ['day', { day: '2026-02-29' }],
        ['from', { from: '24:00' }],
        ['to', { to: '18:00' }],
        ['job', { job: 'pirate' }],
      ]
      for (const [field, more] of wrong) {
        const { status, body } = await plan(more)
        expect([status, body.errors[0].field], JSON.stringify(more)).to.deep.equal([422, field])
      }
    })

    it('give nobody two at the same time, over midnight neither', async () => {
      const staff = 'staff-carla'
      const night = await plan({ day: '2026-09-01', from: '22:00', to: '02:00', staff })
      expect(night.status).to.equal(201)
      expect((await plan({ day: '2026-09-02', from: '01:30', to: '04:00', staff })).status).to.equal(422)
      expect(
        (await plan({ day: '2026-09-02', from: '01:30', to: '04:00', staff: 'staff-bruno' })).status,
      ).to.equal(201)
      expect((await plan({ day: '2026-09-02', from: '02:00', to: '04:00', staff })).status).to.equal(201)
      expect((await change(night.body.id, { to: '02:30' })).status).to.equal(422)
      expect((await change(night.body.id, { to: '01:00' })).status).to.equal(200)

      const racing = Array.from({ length: 10 }, () => plan({ day: '2026-09-10', staff }))
      const statuses = (await Promise.all(racing)).map(({ status }) => status)
      expect(statuses.sort()).to.deep.equal([201, ...Array(9).fill(422)])
    })

    it('follow availability that everybody says for themselves', async () => {
      const nothing = await call('carla', 'GET', '/availability/me')
      expect(nothing.body).to.deep.equal({ staff: 'staff-carla', slots: [] })
      const say = (slots: object[], headers: Record<string, string> = {}) =>
        call('carla', 'PUT', '/availability/me', { body: { slots }, headers })
      const slots = [
        { weekday: 1, from: '17:00', to: '23:00' },
        { weekday: 7, from: '22:00', to: '02:00' },
      ]
      const said = await say(slots)
      expect([said.status, said.headers.get('etag')]).to.deep.equal([200, '"1"'])
      expect((await call('carla', 'GET', '/availability/me')).body).to.deep.equal(said.body)
      expect((await say([], { 'If-Match': '"7"' })).status).to.equal(412)
      expect((await say(slots, { 'If-Match': '"1"' })).headers.get('etag')).to.equal('"2"')

      const wrong = [
        [{ weekday: 8, from: '17:00', to: '23:00' }],
        [{ weekday: 1, from: '7:00', to: '23:00' }],
        [slots[1], { weekday: 1, from: '01:00', to: '03:00' }],
        [slots[0], slots[0]],
      ] as object[][]
      for (const some of wrong) expect((await say(some)).status, JSON.stringify(some)).to.equal(422)

      const all = await call('bruno', 'GET', '/availability')
      expect(all.body.items.map(({ lastName }: { lastName: string }) => lastName)).to.deep.equal([
        'Conti',
        'Esposito',
        'Rossi',
      ])
      expect(all.body.items[1]).to.deep.include({ staff: 'staff-carla', slots, job: 'waiter' })
      expect(all.body.items[0].slots).to.deep.equal([])
      expect((await call('carla', 'GET', '/availability')).status).to.equal(403)
      expect((await call('dario', 'GET', '/availability/me')).status).to.equal(403)
      const first = (await call('bruno', 'GET', '/availability?limit=2')).body
      expect((await call('bruno', 'GET', `/availability?after=${first.next}`)).body.items).to.have.length(1)
    })
  })
}

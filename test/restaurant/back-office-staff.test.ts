import { expect } from 'chai'
import { type BackOfficeHouse, openBackOffice } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'

for (const engine of engines()) {
  describe(`SB-2 RF-5 staff by the API (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse
    let call: BackOfficeHouse['call']

    before(async () => {
      house = await openBackOffice(engine)
      call = house.call
    })
    after(() => house?.stop())

    it('is created, read, changed and deleted', async () => {
      const body = { email: 'Gino@Bella-Napoli.example', firstName: 'Gìno', lastName: 'Ferri', job: 'chef' }
      const made = await call('ada', 'POST', '/staff', { body })
      expect(made.status, JSON.stringify(made.body)).to.equal(201)
      const path = made.headers.get('location')?.replace('/api', '') ?? ''
      expect(path).to.equal(`/staff/${made.body.id}`)
      expect(made.headers.get('etag')).to.equal('"1"')
      expect(made.body).to.deep.include({
        email: 'gino@bella-napoli.example',
        restaurant: 'napoli',
        active: true,
        linked: false,
      })

      const read = await call('carla', 'GET', path)
      expect(read.body).to.deep.equal(made.body)
      const again = await call('carla', 'GET', path, { headers: { 'If-None-Match': '"1"' } })
      expect([again.status, again.body]).to.deep.equal([304, ''])

      const patch = { headers: { 'If-Match': '"1"' }, body: { phone: '+39 081 555', lastName: 'Neri' } }
      const after = await call('ada', 'PATCH', path, patch)
      expect([after.status, after.headers.get('etag')]).to.deep.equal([200, '"2"'])
      expect(after.body).to.deep.include({ phone: '+39 081 555', lastName: 'Neri', firstName: 'Gìno' })
      const without = await call('ada', 'PATCH', path, {
        headers: { 'If-Match': '"2"' },
        body: { phone: null },
      })
      expect(without.body).to.not.have.property('phone')

      expect((await call('ada', 'GET', '/staff?q=neri%20gin')).body.items).to.have.length(1)
      expect((await call('ada', 'GET', '/staff?q=ferri')).body.items).to.deep.equal([])

      // Whoever may look may not change; whether the version is right is not even looked at.
      for (const who of ['bruno', 'carla', 'dario'] as const) {
        const refused = [
          await call(who, 'PATCH', path, { headers: { 'If-Match': '"3"' }, body: { job: 'owner' } }),
          await call(who, 'DELETE', path, { headers: { 'If-Match': '"3"' } }),
        ]
        expect(
          refused.map(({ status }) => status),
          who,
        ).to.deep.equal([403, 403])
      }
      const gone = await call('ada', 'DELETE', path, { headers: { 'If-Match': '"3"' } })
      expect([gone.status, gone.body]).to.deep.equal([204, ''])
      expect((await call('ada', 'GET', path)).status).to.equal(404)
    })
  })

  describe(`SB-2 customers by the API (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse
    let call: BackOfficeHouse['call']

    before(async () => {
      house = await openBackOffice(engine)
      call = house.call
    })
    after(() => house?.stop())

    it('are created, listed, read, changed and deleted', async () => {
      const body = { firstName: 'Zita', lastName: 'Quaglia', email: 'Zita@Guests.example', note: 'Vegan' }
      const made = await call('bruno', 'POST', '/customers', { body })
      expect([made.status, made.headers.get('location'), made.headers.get('etag')]).to.deep.equal([
        ...[201, `/api/customers/${made.body.id}`, '"1"'],
      ])
      expect(made.body).to.deep.include({ ...body, email: 'zita@guests.example', restaurant: 'napoli' })
      const path = `/customers/${made.body.id}`
      expect((await call('carla', 'GET', path)).body).to.deep.equal(made.body)
      const { items } = (await call('carla', 'GET', '/customers?q=quag')).body
      expect(items.map(({ id }: { id: string }) => id)).to.deep.equal([made.body.id])

      const change = (version: string, more: object) => ({ headers: { 'If-Match': version }, body: more })
      const after = await call('bruno', 'PATCH', path, change('"1"', { firstName: 'Zita Maria', note: null }))
      expect([after.status, after.headers.get('etag'), after.body.firstName, after.body.note]).to.deep.equal([
        ...[200, '"2"', 'Zita Maria', undefined],
      ])
      expect((await call('bruno', 'PATCH', path, change('"1"', { note: 'late' }))).status).to.equal(412)
      expect((await call('carla', 'PATCH', path, change('"2"', { note: 'mine' }))).status).to.equal(403)

      const named = { headers: { 'If-Match': '"2"' } }
      expect((await call('carla', 'DELETE', path, named)).status).to.equal(403)
      const gone = await call('bruno', 'DELETE', path, named)
      expect([gone.status, gone.body]).to.deep.equal([204, ''])
      expect((await call('bruno', 'GET', path)).status).to.equal(404)
      expect((await call('bruno', 'DELETE', path, named)).status).to.equal(404)
    })
  })
}

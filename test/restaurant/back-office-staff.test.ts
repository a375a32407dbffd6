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

      const gone = await call('ada', 'DELETE', path, { headers: { 'If-Match': '"3"' } })
      expect([gone.status, gone.body]).to.deep.equal([204, ''])
      expect((await call('ada', 'GET', path)).status).to.equal(404)
    })
  })
}

import { expect } from 'chai'
import { bookings } from '../../examples/restaurant/back-office/documents.ts'
import { type BackOfficeHouse, openBackOffice, type PersonName } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'

const hourMs = 3_600_000

for (const engine of engines()) {
  describe(`RF-5 how many tables a guest may have booked (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse

    before(async () => {
      house = await openBackOffice(engine)
    })
    after(() => house?.stop())
    afterEach(() => house.store.collection(bookings).remove({}))

    const inDays = (days: number) => new Date(Date.now() + days * 24 * hourMs).toISOString()

    function book(who: PersonName, days: number, more: object = {}) {
      const body = { restaurant: 'napoli', name: 'Dario Greco', at: inDays(days), guests: 2, ...more }
      return house.call(who, 'POST', '/bookings', { body })
    }

    async function bookMany(count: number): Promise<string[]> {
      const ids: string[] = []
      for (let day = 1; day <= count; day += 1) {
        const { status, body } = await book('dario', day, { restaurant: day % 2 ? 'napoli' : 'roma' })
        expect(status, JSON.stringify(body)).to.equal(201)
        ids.push(body.id)
      }
      return ids
    }

    it('refuses the eleventh to come, in whatever restaurant, and says why', async () => {
      const [first] = await bookMany(10)
      for (const restaurant of ['napoli', 'roma']) {
        const { status, body } = await book('dario', 20, { restaurant })
        expect([status, body.code]).to.deep.equal([409, 'too-many-bookings'])
        expect(body.detail).to.match(/10 tables/)
      }
      const headers = { 'If-Match': '"1"' }
      await house.call('dario', 'PATCH', `/bookings/${first}`, { headers, body: { status: 'cancelled' } })
      expect((await book('dario', 20)).status).to.equal(201)
      expect((await book('elena', 20, { name: 'Elena Marino' })).status).to.equal(201)
    })

    it('counts none that is over, and lets none come back that way', async () => {
      const [first = ''] = await bookMany(10)
      const at = new Date(Date.now() - hourMs)
      await house.store.collection(bookings).update({ _id: first }, { $set: { at } })
      expect((await book('dario', 20)).status).to.equal(201)
      const change = { headers: { 'If-Match': '"1"' }, body: { at: inDays(30) } }
      expect((await house.call('dario', 'PATCH', `/bookings/${first}`, change)).status).to.equal(409)
    })

    it('is not for the staff, who book for whoever calls', async () => {
      await bookMany(10)
      const { body } = await house.call('carla', 'GET', '/bookings?limit=1')
      const { customer } = body.items[0]
      const more = { customer, at: inDays(20), guests: 2 }
      expect((await house.call('carla', 'POST', '/bookings', { body: more })).status).to.equal(201)
    })

    it('holds when many are booked at the same moment, all over the chain', async () => {
      await bookMany(8)
      const days = Array.from({ length: 8 }, (_, index) => 20 + index)
      const answers = await Promise.all(
        days.map((day) => book('dario', day, { restaurant: day % 2 ? 'napoli' : 'roma' })),
      )
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, 201, ...Array(6).fill(409)])
    })

    it('stands in the description of the API', async () => {
      const document = await (await fetch(`${house.backOffice.url}/api/openapi.json`)).json()
      const { description, responses } = document.paths['/bookings'].post
      expect(description).to.include('10 tables').and.include('`too-many-bookings`')
      expect(responses).to.have.property('409')
    })
  })
}

import { expect } from 'chai'
import {
  type Booking,
  bookings,
  customers,
  products,
  transactions,
} from '../../examples/restaurant/back-office/documents.ts'
import {
  type ApiAnswer,
  type BackOfficeHouse,
  openBackOffice,
  type PersonName,
} from '../support/back-office.ts'
import { engines } from '../support/engines.ts'

const hourMs = 3_600_000

for (const engine of engines()) {
  describe(`RF-5 SB-3 bookings and bills by the API (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse
    let call: BackOfficeHouse['call']
    /** Each test has hours of its own, so that no table of another is in its way. */
    let hours = 24

    before(async () => {
      house = await openBackOffice(engine)
      call = house.call
      const pizza = { name: 'Margherita', amount: 950, category: 'Pizza', search: ['margherita'] }
      await house.store
        .collection(products)
        .insert({ _id: 'margherita', restaurant: 'napoli', ...pizza, version: 1 })
    })
    after(() => house?.stop())
    beforeEach(async () => {
      hours += 24
      // A guest may have only so many tables to come.
      await house.store.collection(bookings).remove({ status: 'booked' })
    })

    const later = (more = 0) =>
      new Date(Math.floor(Date.now() / 1000) * 1000 + (hours + more) * hourMs).toISOString()

    function book(who: PersonName, more: object = {}): Promise<ApiAnswer> {
      const body = { restaurant: 'napoli', name: 'Dario Greco', at: later(), guests: 2, ...more }
      return call(who, 'POST', '/bookings', { body })
    }

    function patch(who: PersonName, id: string, body: object, version: number): Promise<ApiAnswer> {
      return call(who, 'PATCH', `/bookings/${id}`, { body, headers: { 'If-Match': `"${version}"` } })
    }

    async function statusAfter(who: PersonName, id: string, body: object): Promise<number> {
      const { headers } = await call('bruno', 'GET', `/bookings/${id}`)
      return (await patch(who, id, body, Number(headers.get('etag')?.slice(1, -1)))).status
    }

    /** A booking of Dario's that is billed. */
    async function billed(): Promise<Booking> {
      const made = await book('dario')
      expect(made.status, JSON.stringify(made.body)).to.equal(201)
      expect(await statusAfter('carla', made.body.id, { status: 'seated' })).to.equal(200)
      const body = {
        customer: made.body.customer,
        booking: made.body.id,
        lines: [{ product: 'margherita', quantity: 2 }],
      }
      const bill = await call('carla', 'POST', '/transactions', { body })
      expect(bill.status, JSON.stringify(bill.body)).to.equal(201)
      const booking = await house.store.collection(bookings).get(made.body.id)
      expect(booking?.status).to.equal('billed')
      return booking as Booking
    }

    it('makes a guest who books a customer of the restaurant, once', async () => {
      const [first, second] = [
        await book('dario'),
        await book('dario', { at: later(3), note: 'By the window' }),
      ]
      expect(first.status, JSON.stringify(first.body)).to.equal(201)
      expect(first.headers.get('location')).to.equal(`/api/bookings/${first.body.id}`)
      expect(first.body).to.deep.include({
        restaurant: 'napoli',
        name: 'Dario Greco',
        guests: 2,
        status: 'booked',
      })
      expect(second.body).to.deep.include({ customer: first.body.customer, note: 'By the window' })
      const customer = await house.store.collection(customers).get(first.body.customer)
      expect(customer).to.deep.include({ firstName: 'Dario', lastName: 'Greco', restaurant: 'napoli' })
      expect((await book('dario', { restaurant: 'roma', at: later(6) })).body.customer).to.not.equal(
        customer?._id,
      )
    })

    it('makes one customer and one booking of many at the same moment', async () => {
      const name = 'Elena Marino'
      const answers = await Promise.all(Array.from({ length: 12 }, () => book('elena', { name })))
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([201, ...Array(11).fill(422)])
      const known = await house.store.collection(customers).find({ restaurant: 'napoli', firstName: 'Elena' })
      expect(known).to.have.length(1)
    })

    it('refuses what cannot be, naming the field', async () => {
      const absurd: [field: string, more: object][] = [
        ['guests', { guests: 0 }],
        ['guests', { guests: 21 }],
        ['guests', { guests: 2.5 }],
        ['at', { at: new Date(Date.now() - 60_000).toISOString() }],
        ['at', { at: new Date(Date.now() + 400 * 24 * hourMs).toISOString() }],
        ['at', { at: 'tomorrow' }],
        ['restaurant', { restaurant: 'atlantis' }],
        ['restaurant', { restaurant: undefined }],
        ['customer', { customer: 'somebody' }],
        ['status', { status: 'paid' }],
        ['sub', { sub: 'somebody' }],
      ]
      for (const [field, more] of absurd) {
        const { status, body } = await book('dario', more)
        expect(status, JSON.stringify(more)).to.equal(422)
        expect(body.errors[0].field, JSON.stringify(more)).to.equal(field)
      }
      expect((await book('dario', { name: 'Dario Greco' })).status).to.equal(201)
      expect((await book('dario', { at: later(1.9) })).status).to.equal(422)
      expect((await book('dario', { at: later(2) })).status).to.equal(201)
    })

    it('shows guests their own, and the staff those of their restaurant', async () => {
      const { body: own } = await book('dario')
      const { body: other } = await book('elena', { name: 'Elena Marino' })
      const { body: roma } = await book('dario', { restaurant: 'roma', at: later(5) })
      const idsOf = async (who: PersonName) =>
        (await call(who, 'GET', '/bookings?limit=100')).body.items.map(({ id }: { id: string }) => id)
      expect(await idsOf('dario'))
        .to.include.members([own.id, roma.id])
        .and.not.include(other.id)
      expect(await idsOf('carla'))
        .to.include.members([own.id, other.id])
        .and.not.include(roma.id)
      expect(await idsOf('rosa'))
        .to.include(roma.id)
        .and.not.include(own.id)

      for (const [who, id] of [
        ['dario', other.id],
        ['rosa', own.id],
        ['carla', roma.id],
      ] as const)
        for (const path of [`/bookings/${id}`, `/bookings/${id}/bill`])
          expect((await call(who, 'GET', path)).status, `${who} ${path}`).to.equal(404)
      expect((await patch('elena', own.id, { status: 'cancelled' }, 1)).status).to.equal(404)
      expect((await call('elena', 'POST', `/bookings/${own.id}/payment`)).status).to.equal(404)
      expect((await call('dario', 'GET', `/bookings/${own.id}`)).body).to.deep.equal(own)
    })

    it('goes from one status to the next and no other way', async () => {
      const { body } = await book('dario')
      for (const status of ['seated', 'billed', 'paid'])
        expect(await statusAfter('dario', body.id, { status }), status).to.equal(422)
      for (const status of ['billed', 'paid'])
        expect(await statusAfter('carla', body.id, { status }), status).to.equal(422)
      expect(await statusAfter('carla', body.id, { status: 'seated' })).to.equal(200)
      for (const change of [
        { status: 'cancelled' },
        { status: 'booked' },
        { status: 'billed' },
        { guests: 3 },
      ])
        expect(await statusAfter('carla', body.id, change), JSON.stringify(change)).to.equal(422)
      for (const change of [{ status: 'cancelled' }, { note: 'late' }])
        expect(await statusAfter('dario', body.id, change), JSON.stringify(change)).to.equal(422)
      expect(await statusAfter('carla', body.id, { note: 'a birthday' })).to.equal(200)
    })

    it('is moved and cancelled by its guest, who names the version', async () => {
      const { body } = await book('dario')
      const { body: other } = await book('dario', { at: later(4) })
      expect((await call('dario', 'PATCH', `/bookings/${body.id}`, { body: { guests: 3 } })).status).to.equal(
        428,
      )
      expect((await patch('dario', body.id, { guests: 3 }, 7)).status).to.equal(412)
      expect((await patch('dario', body.id, { at: later(3) }, 1)).status).to.equal(422)
      const moved = await patch('dario', body.id, { at: later(1), guests: 3, note: null }, 1)
      expect([moved.status, moved.headers.get('etag')]).to.deep.equal([200, '"2"'])
      expect((await call('dario', 'GET', `/bookings/${body.id}`)).body).to.deep.equal(moved.body)
      expect(await statusAfter('dario', other.id, { status: 'cancelled' })).to.equal(200)
      expect((await patch('dario', body.id, { at: later(4) }, 2)).status).to.equal(200)
    })

    it('is made by the staff for guests who come or call', async () => {
      const at = new Date(Date.now() - 60_000).toISOString()
      const walkIn = await book('carla', { name: 'Pia', at })
      expect(walkIn.status, JSON.stringify(walkIn.body)).to.equal(201)
      const { customer } = walkIn.body
      const body = { customer, at: later(), guests: 4 }
      const again = await call('carla', 'POST', '/bookings', { body })
      expect(again.body).to.deep.include({ customer, name: 'Pia', guests: 4 })
      expect((await call('rosa', 'POST', '/bookings', { body })).status).to.equal(422)
      expect((await book('carla', { restaurant: 'roma' })).status).to.equal(422)
    })

    it('has a bill that 50 payments at once pay once', async () => {
      const { _id, transaction = '' } = await billed()
      const bill = await call('dario', 'GET', `/bookings/${_id}/bill`)
      expect(bill.body).to.deep.include({ status: 'billed', total: 1900, currency: 'EUR' })
      const pay = () => call('dario', 'POST', `/bookings/${_id}/payment`)
      const answers = await Promise.all(Array.from({ length: 50 }, pay))
      expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]))
      expect(new Set(answers.map(({ body }) => body.paidAt)).size).to.equal(1)

      const [booking, paid] = await Promise.all([
        house.store.collection(bookings).get(_id),
        house.store.collection(transactions).get(transaction),
      ])
      expect([booking?.status, booking?.version, paid?.version]).to.deep.equal(['paid', 4, 2])
      expect((await pay()).body).to.deep.equal(answers[0]?.body)
      expect((await call('carla', 'GET', `/bookings/${_id}/bill`)).body).to.deep.equal(answers[0]?.body)
    })

    it('has nothing to pay before there is a bill', async () => {
      const { body } = await book('dario')
      expect((await call('dario', 'GET', `/bookings/${body.id}/bill`)).status).to.equal(404)
      expect((await call('dario', 'POST', `/bookings/${body.id}/payment`)).status).to.equal(409)
      expect((await call('carla', 'POST', `/bookings/${body.id}/payment`)).status).to.equal(403)
    })

    it('is paid at the till when the staff says so', async () => {
      const { _id, transaction = '' } = await billed()
      expect(await statusAfter('carla', _id, { status: 'paid' })).to.equal(200)
      expect(await house.store.collection(transactions).get(transaction)).to.have.property('paidAt')
    })

    it('is listed by day and status, in pages', async () => {
      await book('dario')
      const { body } = await book('dario', { at: later(3), restaurant: 'roma' })
      const day = body.at.slice(0, 10)
      const first = await call(
        'dario',
        'GET',
        `/bookings?from=${day}&to=${day}&order=asc&limit=1&status=booked`,
      )
      expect(first.body.items).to.have.length(1)
      const beyond = await call('dario', 'GET', '/bookings?from=2020-01-01&to=2020-12-31')
      expect(beyond.body).to.deep.equal({ items: [] })
      const all: string[] = []
      let after = ''
      do {
        const page = await call('dario', 'GET', `/bookings?limit=4${after}`)
        all.push(...page.body.items.map(({ id }: { id: string }) => id))
        after = page.body.next ? `&after=${page.body.next}` : ''
      } while (after)
      const { sub = '' } = (await house.store.collection(bookings).get(body.id)) ?? {}
      const mine = await house.store.collection(bookings).find({ sub })
      expect(new Set(all)).to.deep.equal(new Set(mine.map(({ _id }) => _id)))
      expect(all).to.have.length(mine.length)
    })
  })
}

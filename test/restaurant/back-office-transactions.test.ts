import { expect } from 'chai'
import { bookings, days } from '../../examples/restaurant/back-office/documents.ts'
import { type BackOfficeHouse, openBackOffice } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'

for (const engine of engines()) {
  describe(`SB-3 RF-5 transactions by the API (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse
    let call: BackOfficeHouse['call']
    let guest = ''
    let pizza = ''
    let wine = ''

    before(async () => {
      house = await openBackOffice(engine)
      call = house.call
      guest = await made('/customers', { firstName: 'Ugo', lastName: 'Tognazzi' })
      pizza = await made('/products', { name: 'Pizza Margherita', amount: 850, category: 'Pizza' })
      wine = await made('/products', { name: 'Vino', amount: 1900, category: 'Wine' })
    })
    after(() => house?.stop())

    async function made(path: string, body: object): Promise<string> {
      const answer = await call('ada', 'POST', path, { body })
      expect(answer.status, JSON.stringify(answer.body)).to.equal(201)
      return answer.body.id
    }

    const sold = (more: object = {}) => ({
      body: { customer: guest, lines: [{ product: pizza, quantity: 2 }], ...more },
    })

    it('works out names, amounts, total, currency and the day where the restaurant is', async () => {
      const lines = [
        { product: pizza, quantity: 2 },
        { product: wine, quantity: 1 },
      ]
      // In Rome it is the 2nd of March already.
      const answer = await call('carla', 'POST', '/transactions', sold({ lines, at: '2026-03-01T23:30:00Z' }))
      expect(answer.status).to.equal(201)
      expect(answer.body).to.deep.include({
        restaurant: 'napoli',
        customer: guest,
        staff: 'staff-carla',
        currency: 'EUR',
        total: 3600,
        day: '2026-03-02',
        at: '2026-03-01T23:30:00.000Z',
        lines: [
          { product: pizza, quantity: 2, name: 'Pizza Margherita', amount: 850 },
          { product: wine, quantity: 1, name: 'Vino', amount: 1900 },
        ],
      })
    })

    for (const field of ['total', 'currency', 'day', 'restaurant', 'paidAt'])
      it(`believes no ${field} from outside`, async () => {
        const answer = await call('carla', 'POST', '/transactions', sold({ [field]: 'x' }))
        expect(answer.status).to.equal(422)
        expect(answer.body.errors).to.deep.equal([{ field, message: 'is not known here' }])
      })

    const wrong: [string, () => object, string][] = [
      ['an unknown customer', () => ({ customer: 'nobody' }), 'customer'],
      ['an unknown product', () => ({ lines: [{ product: 'none', quantity: 1 }] }), 'lines.0.product'],
      ['no lines', () => ({ lines: [] }), 'lines'],
      ['half a pizza', () => ({ lines: [{ product: pizza, quantity: 0.5 }] }), 'lines.0.quantity'],
      ['somebody of another restaurant', () => ({ staff: 'staff-rosa' }), 'staff'],
      ['an unknown booking', () => ({ booking: 'none' }), 'booking'],
      ['the future', () => ({ at: '2090-01-01T00:00:00Z' }), 'at'],
      ['a day without a moment', () => ({ at: '2026-01-01' }), 'at'],
    ]
    for (const [what, more, field] of wrong)
      it(`refuses ${what}, naming the field`, async () => {
        const answer = await call('carla', 'POST', '/transactions', sold(more()))
        expect(answer.status).to.equal(422)
        expect(answer.headers.get('content-type')).to.equal('application/problem+json')
        expect(answer.body.errors[0].field).to.equal(field)
      })

    it('keeps the daily summary in step', async () => {
      const at = '2026-04-10T18:00:00Z'
      const summary = (day: string) => house.store.collection(days).get(`napoli:${day}`)
      const one = await call('carla', 'POST', '/transactions', sold({ at }))
      await call('bruno', 'POST', '/transactions', sold({ at, lines: [{ product: wine, quantity: 1 }] }))
      expect(await summary('2026-04-10')).to.deep.include({ count: 2, total: 3600, weekday: 5 })

      const path = `/transactions/${one.body.id}`
      const patch = { lines: [{ product: pizza, quantity: 1 }], at: '2026-04-11T18:00:00Z' }
      const after = await call('carla', 'PATCH', path, { body: patch, headers: { 'If-Match': '"1"' } })
      expect(after.body).to.deep.include({ total: 850, day: '2026-04-11' })
      expect(await summary('2026-04-10')).to.deep.include({ count: 1, total: 1900 })
      expect(await summary('2026-04-11')).to.deep.include({ count: 1, total: 850 })

      expect((await call('carla', 'DELETE', path, { headers: { 'If-Match': '"2"' } })).status).to.equal(204)
      expect(await summary('2026-04-11')).to.deep.include({ count: 0, total: 0 })
    })

    it('keeps what a product cost when it was sold', async () => {
      const tea = await made('/products', { name: 'Tè', amount: 300, category: 'Drinks' })
      const first = await call(
        'carla',
        'POST',
        '/transactions',
        sold({ lines: [{ product: tea, quantity: 1 }] }),
      )
      await call('ada', 'PATCH', `/products/${tea}`, {
        body: { amount: 500 },
        headers: { 'If-Match': '"1"' },
      })
      const more = { body: { lines: [{ product: tea, quantity: 3 }] }, headers: { 'If-Match': '"1"' } }
      expect((await call('carla', 'PATCH', `/transactions/${first.body.id}`, more)).body.total).to.equal(900)
      await call('ada', 'DELETE', `/products/${tea}`, { headers: { 'If-Match': '"2"' } })
      const kept = { body: { lines: [{ product: tea, quantity: 2 }] }, headers: { 'If-Match': '"2"' } }
      expect((await call('carla', 'PATCH', `/transactions/${first.body.id}`, kept)).body.total).to.equal(600)
      const anew = await call(
        'carla',
        'POST',
        '/transactions',
        sold({ lines: [{ product: tea, quantity: 1 }] }),
      )
      expect(anew.status).to.equal(422)
    })

    it('bills a booking once, and seats it again when the bill is taken back', async () => {
      const at = new Date('2026-05-01T18:00:00Z')
      const dates = { createdAt: at, updatedAt: at, version: 1 }
      const table = { restaurant: 'napoli', customer: guest, name: 'Ugo', at, guests: 2, ...dates }
      const all = house.store.collection(bookings)
      await all.insert({ _id: 'table-1', ...table, status: 'seated' })
      const tries = await Promise.all(
        [1, 2, 3].map(() => call('carla', 'POST', '/transactions', sold({ booking: 'table-1' }))),
      )
      expect(tries.map(({ status }) => status).sort()).to.deep.equal([201, 409, 409])
      const bill = tries.find(({ status }) => status === 201)?.body
      expect(await all.get('table-1')).to.deep.include({ status: 'billed', transaction: bill.id })

      const gone = await call('carla', 'DELETE', `/transactions/${bill.id}`, {
        headers: { 'If-Match': '"1"' },
      })
      expect(gone.status).to.equal(204)
      expect(await all.get('table-1'))
        .to.deep.include({ status: 'seated' })
        .and.not.have.property('transaction')
    })

    it('finds by days, guest and staff, the latest first, page by page', async () => {
      const other = await made('/customers', { firstName: 'Vittorio', lastName: 'Gassman' })
      for (const day of ['01', '02', '03', '04', '05'])
        await call(
          'bruno',
          'POST',
          '/transactions',
          sold({ customer: other, at: `2026-06-${day}T23:00:00Z` }),
        )
      const seen: string[] = []
      let next = ''
      do {
        const page = await call(
          'carla',
          'GET',
          `/transactions?customer=${other}&limit=2${next && `&after=${next}`}`,
        )
        seen.push(...page.body.items.map(({ day }: { day: string }) => day))
        next = page.body.next ?? ''
      } while (next)
      expect(seen).to.deep.equal(['06', '05', '04', '03', '02'].map((day) => `2026-06-${day}`))
      const some = await call('carla', 'GET', `/transactions?from=2026-06-03&to=2026-06-04&staff=staff-bruno`)
      expect(some.body.items.map(({ day }: { day: string }) => day)).to.deep.equal([
        '2026-06-04',
        '2026-06-03',
      ])
    })

    it('keeps the guests and the staff that it names', async () => {
      const match = { headers: { 'If-Match': '*' } }
      expect((await call('bruno', 'DELETE', `/customers/${guest}`, match)).status).to.equal(409)
      expect((await call('ada', 'DELETE', '/staff/staff-carla', match)).status).to.equal(409)
    })

    it('loses no change of the summary when many sell at once', async () => {
      const at = '2026-07-07T18:00:00Z'
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          call(index % 2 ? 'carla' : 'bruno', 'POST', '/transactions', sold({ at })),
        ),
      )
      expect(answers.map(({ status }) => status)).to.deep.equal(Array(12).fill(201))
      const summary = await house.store.collection(days).get('napoli:2026-07-07')
      expect(summary).to.deep.include({ count: 12, total: 12 * 1700 })
    })
  })
}

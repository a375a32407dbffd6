import { expect } from 'chai'
import { customers, days, products, transactions } from '../../examples/restaurant/back-office/documents.ts'
import { rebuildSummaries } from '../../examples/restaurant/back-office/rebuild-summaries.ts'
import { addDays, dayOf } from '../../examples/restaurant/calendar.ts'
import { type BackOfficeHouse, openBackOffice, type PersonName } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'

const reports = ['/reports/sales', '/reports/staff', '/reports/transactions']
const march = 'from=2026-03-28&to=2026-03-30'

for (const engine of engines()) {
  describe(`SB-9 reports by the API (${engine.name})`, function () {
    this.timeout(30_000)
    let house: BackOfficeHouse
    let call: BackOfficeHouse['call']

    before(async () => {
      house = await openBackOffice(engine)
      call = house.call
      const { store } = house
      const at = new Date('2026-01-02T10:00:00Z')
      for (const restaurant of ['napoli', 'roma']) {
        const guest = { firstName: '=HYPERLINK("http://evil.example")', lastName: 'Greco', search: [] }
        const dates = { createdAt: at, updatedAt: at, version: 1 }
        await store
          .collection(customers)
          .insert({ _id: `guest-${restaurant}`, restaurant, ...guest, ...dates })
        for (const [name, amount] of [
          ['Margherita', 950],
          ['Acqua, liscia', 300],
        ] as const) {
          const product = { name, amount, category: 'All', search: [], version: 1 }
          await store.collection(products).insert({ _id: `${restaurant}-${amount}`, restaurant, ...product })
        }
      }
      await sell('carla', '2026-03-28T22:30:00Z', 2)
      // Still the 28th for the server, but not in Rome; the clocks change in that night.
      await sell('carla', '2026-03-28T23:30:00Z', 1)
      await sell('bruno', '2026-03-29T21:30:00Z', 3)
      await sell('rosa', '2026-03-29T18:00:00Z', 50)
    })
    after(() => house?.stop())

    async function sell(who: PersonName, at: string, quantity: number): Promise<string> {
      const restaurant = who === 'rosa' ? 'roma' : 'napoli'
      const lines = [
        { product: `${restaurant}-950`, quantity },
        { product: `${restaurant}-300`, quantity: 1 },
      ]
      const body = { customer: `guest-${restaurant}`, at, lines }
      const made = await call(who, 'POST', '/transactions', { body })
      expect(made.status, JSON.stringify(made.body)).to.equal(201)
      return made.body.id
    }

    async function report(path: string, who: PersonName = 'bruno') {
      const { status, body } = await call(who, 'GET', `/reports/${path}`)
      expect(status, JSON.stringify(body)).to.equal(200)
      return body
    }

    async function csv(path: string, headers: Record<string, string> = {}): Promise<string> {
      const answer = await call('bruno', 'GET', `/reports/${path}`, { headers })
      expect(answer.headers.get('content-type')).to.equal('text/csv; charset=utf-8')
      expect(answer.headers.get('content-disposition')).to.match(
        /^attachment; filename="[a-z-]+-[\d-]+\.csv"$/,
      )
      return answer.body
    }

    it('add up days as they are where the restaurant is', async () => {
      expect(await report(`sales?${march}`)).to.deep.equal({
        from: '2026-03-28',
        to: '2026-03-30',
        currency: 'EUR',
        by: 'day',
        items: [
          { day: '2026-03-28', weekday: 6, count: 1, total: 2200 },
          { day: '2026-03-29', weekday: 7, count: 2, total: 4400 },
          { day: '2026-03-30', weekday: 1, count: 0, total: 0 },
        ],
      })
    })

    it('add up weekdays, products and what the staff sold', async () => {
      const weekdays = await report(`sales?by=weekday&${march}`)
      expect(weekdays.items).to.have.length(7)
      expect(weekdays.items[6]).to.deep.equal({
        weekday: 7,
        days: 1,
        count: 2,
        total: 4400,
        averagePerDay: 4400,
      })
      expect((await report(`sales?by=product&${march}`)).items).to.deep.equal([
        { product: 'napoli-950', name: 'Margherita', quantity: 6, amount: 5700 },
        { product: 'napoli-300', name: 'Acqua, liscia', quantity: 3, amount: 900 },
      ])
      expect((await report(`staff?${march}`)).items).to.deep.equal([
        { staff: 'staff-carla', name: 'Carla Esposito', count: 2, amount: 3450, averagePerTransaction: 1725 },
        { staff: 'staff-bruno', name: 'Bruno Conti', count: 1, amount: 3150, averagePerTransaction: 3150 },
      ])
    })

    it('tell the history with names, the latest first, in pages', async () => {
      const first = await report(`transactions?${march}&limit=2`)
      const second = await report(`transactions?${march}&limit=2&after=${first.next}`)
      const entries = [...first.items, ...second.items]
      expect(entries.map(({ staffName, day, total }) => [staffName, day, total])).to.deep.equal([
        ['Bruno Conti', '2026-03-29', 3150],
        ['Carla Esposito', '2026-03-29', 1250],
        ['Carla Esposito', '2026-03-28', 2200],
      ])
      expect(second).to.not.have.property('next')
      expect((await report(`transactions?${march}&staff=staff-bruno`)).items).to.have.length(1)
      expect((await report(`transactions?${march}&customer=guest-roma`)).items).to.have.length(0)
    })

    it('show everybody their own restaurant only', async () => {
      const rome = await report(`sales?by=product&${march}`, 'rosa')
      expect(rome.items.map(({ product }: { product: string }) => product)).to.deep.equal([
        'roma-950',
        'roma-300',
      ])
      expect((await report(`transactions?${march}`, 'rosa')).items).to.have.length(1)
      expect((await report(`staff?${march}`, 'rosa')).items).to.have.length(1)
      for (const path of reports) {
        expect((await call('carla', 'GET', path)).status, `carla ${path}`).to.equal(403)
        expect((await call('dario', 'GET', path)).status, `dario ${path}`).to.equal(403)
        expect((await call(undefined, 'GET', path)).status, path).to.equal(401)
      }
    })

    it('are tables too, with amounts as people write them', async () => {
      expect(await csv(`sales?${march}&format=csv`)).to.equal(
        'Day,Weekday,Transactions,Sales,Currency\r\n' +
          '2026-03-28,Saturday,1,22.00,EUR\r\n2026-03-29,Sunday,2,44.00,EUR\r\n2026-03-30,Monday,0,0.00,EUR\r\n',
      )
      expect(await csv(`sales?by=product&${march}&format=csv`)).to.include(
        '\r\n"Acqua, liscia",3,9.00,EUR\r\n',
      )
      expect(await csv(`sales?by=weekday&${march}&format=csv`)).to.include(
        '\r\nSunday,1,2,44.00,44.00,EUR\r\n',
      )
      expect(await csv(`staff?${march}&format=csv`)).to.include('\r\nCarla Esposito,2,34.50,17.25,EUR\r\n')
    })

    it('give a long history as it is read, a part at a time, and nothing twice', async () => {
      const [sale] = await house.store.collection(transactions).find({ restaurant: 'napoli' }, { limit: 1 })
      if (!sale) throw new Error('nothing was sold')
      // Many at the same moment, so that a page ends between two of them.
      const { booking: _, ...plain } = sale
      const many = Array.from({ length: 950 }, (_, index) => {
        const at = new Date(Date.UTC(2024, 0, 1, 12, Math.floor(index / 40)))
        return { ...plain, _id: `old-${index}`, at, day: '2024-01-01' }
      })
      await house.store.batch(many.map((insert) => ({ in: transactions, insert })))
      try {
        const path = 'transactions?from=2024-01-01&to=2024-01-01&format=csv'
        const answer = await call('bruno', 'GET', `/reports/${path}`)
        expect(answer.headers.has('content-length')).to.equal(false)
        const lines = String(answer.body).trimEnd().split('\r\n')
        expect(lines[0]).to.match(/^\ufeff?Id,Time,/)
        expect(new Set(lines.slice(1).map((line) => line.split(',')[0])).size).to.equal(950)
        expect(lines).to.have.length(951)
      } finally {
        await house.store.collection(transactions).remove({ day: '2024-01-01' })
      }
    })

    it('run no formula that a guest has for a name', async () => {
      const lines = (await csv(`transactions?${march}&format=csv&limit=1`)).trimEnd().split('\r\n')
      expect(lines).to.have.length(4)
      expect(lines[1]).to.include(
        ',2026-03-29 23:30,"\'=HYPERLINK(""http://evil.example"") Greco",Bruno Conti,"3 × Margherita; 1 × Acqua, liscia",31.50,EUR,',
      )
    })

    it('come in the form that the client likes better', async () => {
      const tables = ['text/csv', 'text/csv, */*;q=0.1', 'text/csv;q=0.9, application/json;q=0.5']
      for (const Accept of tables) await csv('sales', { Accept })
      for (const Accept of ['*/*', 'application/json', 'text/csv;q=0.5, application/json', 'text/html'])
        expect(
          (await call('bruno', 'GET', '/reports/sales', { headers: { Accept } })).body,
          Accept,
        ).to.have.property('items')
      const headers = { Accept: 'text/csv' }
      expect((await call('bruno', 'GET', '/reports/staff?format=json', { headers })).body).to.have.property(
        'items',
      )
    })

    it('are about the last 30 days unless told otherwise, and about no days that are not there', async () => {
      const today = dayOf(new Date(), 'Europe/Rome')
      const { from, to, items } = await report('sales')
      expect([from, to, items.length]).to.deep.equal([addDays(today, -29), today, 30])
      expect(await report('sales?to=2026-01-31')).to.deep.include({ from: '2026-01-02', to: '2026-01-31' })
      const wrong = [
        'from=2026-02-30',
        'from=2026-03-02&to=2026-03-01',
        'from=2020-01-01&to=2026-01-01',
        'by=year',
        'form=csv',
      ]
      for (const query of wrong)
        expect((await call('bruno', 'GET', `/reports/sales?${query}`)).status, query).to.equal(422)
    })

    it('follow a sale that is changed, moved to another day and taken back', async () => {
      const id = await sell('carla', '2026-05-01T18:00:00Z', 1)
      const totals = async () =>
        (await report('sales?from=2026-05-01&to=2026-05-02')).items.map(
          ({ total }: { total: number }) => total,
        )
      expect(await totals()).to.deep.equal([1250, 0])
      const change = (body: object, version: number) =>
        call('carla', 'PATCH', `/transactions/${id}`, { body, headers: { 'If-Match': `"${version}"` } })
      expect((await change({ lines: [{ product: 'napoli-950', quantity: 2 }] }, 1)).status).to.equal(200)
      expect(await totals()).to.deep.equal([1900, 0])
      expect((await change({ at: '2026-05-02T10:00:00Z', staff: 'staff-bruno' }, 2)).status).to.equal(200)
      expect(await totals()).to.deep.equal([0, 1900])
      const headers = { 'If-Match': '"3"' }
      expect((await call('carla', 'DELETE', `/transactions/${id}`, { headers })).status).to.equal(204)
      expect(await totals()).to.deep.equal([0, 0])
      expect((await report('staff?from=2026-05-01&to=2026-05-02')).items).to.deep.equal([])
      expect(await rebuildSummaries(house.store)).to.have.property('changed', 0)
    })

    it('miss none of many sales that one waiter notes at the same moment', async () => {
      const selling = Array.from({ length: 10 }, () => sell('carla', '2026-06-01T18:00:00Z', 1))
      await Promise.all(selling)
      const { items } = await report('sales?from=2026-06-01&to=2026-06-01')
      expect(items[0]).to.deep.include({ count: 10, total: 10 * 1250 })
    })

    it('read summaries, not transactions', async () => {
      const before = await report(`sales?by=product&${march}`)
      const { store } = house
      const kept = await store.collection(transactions).find({})
      await store.collection(transactions).remove({})
      expect(await report(`sales?by=product&${march}`)).to.deep.equal(before)
      await store.batch(kept.map((insert) => ({ in: transactions, insert })))
      await store.collection(days).remove({})
      expect((await report(`sales?by=product&${march}`)).items).to.deep.equal([])
      await rebuildSummaries(store)
      expect(await report(`sales?by=product&${march}`)).to.deep.equal(before)
    })
  })
}

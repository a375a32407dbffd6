import { expect } from 'chai'
import { dayOf, weekOf } from '../../examples/restaurant/calendar.ts'
import { addWeeks } from '../../examples/restaurant/web/when.ts'
import { engines } from '../support/engines.ts'
import { until } from '../support/until.ts'
import { type Page, textOf, type Visitor } from '../support/visitor.ts'
import { type Office, openOffice } from './back-office-pages-house.ts'

const first = (page: Page, pattern: RegExp) => pattern.exec(page.html)?.[1] ?? ''

for (const engine of engines()) {
  describe(`the pages of the back office (${engine.name})`, function () {
    this.timeout(60_000)
    let office: Office
    let ada: Visitor & { first: Page }
    let bruno: Visitor & { first: Page }

    before(async () => {
      office = await openOffice(engine)
      ada = await office.visit('ada')
      bruno = await office.visit('bruno')
    })
    after(() => office?.stop())

    /** Sends a form as a page of ours would, with fields of the same name. */
    async function post(visitor: Visitor, path: string, fields: [string, string][]): Promise<Page> {
      const response = await visitor.request(`${office.backOffice.url}${path}`, {
        method: 'POST',
        body: new URLSearchParams(fields),
        headers: { origin: office.backOffice.url, 'sec-fetch-site': 'same-origin' },
      })
      const html = await response.text()
      const location = response.headers.get('location')
      return location
        ? visitor.get(location)
        : { status: response.status, url: path, html, headers: response.headers }
    }

    describe('SB-2 customers and staff', () => {
      it('adds, finds, changes and deletes a customer', async () => {
        const form = await ada.get('/customers/new')
        const person = { firstName: 'Zoë', lastName: 'Quaranta', email: 'zoe@guests.example', do: 'save' }
        const made = await ada.submit(form, person, '/customers')
        expect(textOf(made.html)).to.include('It is saved.').and.include('Zoë Quaranta')

        const found = await ada.get('/customers?q=quaranta')
        expect(found.html).to.include('Zoë Quaranta').and.include('value="quaranta"')
        expect(textOf((await ada.get('/customers?q=nobodyatall')).html)).to.include('Nothing found')

        const path = new URL(made.url).pathname
        const edit = await ada.get(`${path}/edit`)
        const changed = await ada.submit(edit, { ...person, email: '', note: 'Vegan', do: 'save' }, path)
        expect(textOf(changed.html)).to.include('Your changes are saved.').and.include('Vegan')
        expect(changed.html).not.to.include('zoe@guests.example')

        const sure = await ada.get(`${path}/delete`)
        expect(textOf(sure.html)).to.include('Delete Zoë Quaranta?')
        expect(textOf((await ada.submit(sure, {}, '/delete')).html)).to.include('It is deleted.')
        expect((await ada.get(path)).status).to.equal(404)
      })

      it('says beside the field what is wrong and keeps what was typed', async () => {
        const form = await ada.get('/customers/new')
        const typed = { firstName: '<b>Ugo</b>', lastName: 'Neri', phone: 'call me', do: 'save' }
        const refused = await ada.submit(form, typed, '/customers')
        expect(refused.status).to.equal(422)
        expect(refused.html)
          .to.include('value="&lt;b&gt;Ugo&lt;/b&gt;"')
          .and.include('value="call me"')
          .and.include('aria-invalid="true"')
        expect(textOf(refused.html)).to.include('Telephone : must be a telephone number')
      })

      it('goes through a long list and back', async () => {
        const one = await ada.get('/customers')
        const two = await ada.get(first(one, /rel="next" href="([^"]+)"/))
        expect(two.html).to.include('rel="prev"').and.not.include('rel="next"')
        const names = (page: Page) =>
          [...page.html.matchAll(/href="\/customers\/([^"/]+)"/g)].map(([, id]) => id)
        expect(new Set([...names(one), ...names(two)]).size).to.be.greaterThan(20)
        const back = await ada.get(first(two, /rel="prev" href="([^"]+)"/))
        expect(names(back)).to.deep.equal(names(one))
      })

      it('merges what two people changed, and loses nothing typed when both changed the same', async () => {
        const list = await ada.get('/customers')
        const path = first(list, /href="(\/customers\/[^"/]+-c\d+)"/)
        const [mine, theirs] = [await ada.get(`${path}/edit`), await bruno.get(`${path}/edit`)]
        const name = { firstName: 'Piero', lastName: 'Lungo' }
        await bruno.submit(theirs, { ...name, note: 'By the window', do: 'save' }, path)

        const both = await ada.submit(
          mine,
          { ...name, phone: '+39 081 5551', note: 'No nuts', do: 'save' },
          path,
        )
        expect(both.status).to.equal(409)
        expect(textOf(both.html)).to.include('Somebody else changed this').and.include('By the window')
        expect(both.html).to.include('value="No nuts"').and.include('value="+39 081 5551"')
        const saved = await ada.submit(
          both,
          { ...name, phone: '+39 081 5551', note: 'No nuts', do: 'save' },
          path,
        )
        expect(textOf(saved.html)).to.include('Your changes are saved.').and.include('No nuts')
      })

      it('keeps who still has transactions, and says why', async () => {
        const transactions = await ada.get('/transactions')
        const bill = await ada.get(first(transactions, /href="(\/transactions\/(?!new)[^"?/]+)"/))
        const path = first(bill, /href="(\/customers\/[^"]+)"/)
        const refused = await ada.submit(await ada.get(`${path}/delete`), {}, '/delete')
        expect(refused.status).to.equal(409)
        expect(textOf(refused.html)).to.match(/They have \d+ bills/)
      })

      it('lets owners alone change the staff: others see no button, and are refused without one', async () => {
        expect((await ada.get('/staff')).html).to.include('/staff/new')
        const list = await bruno.get('/staff')
        expect(list.html).not.to.include('/staff/new')
        const path = first(list, /href="(\/staff\/[^"]+)"/)
        expect((await bruno.get(path)).html).not.to.include('/edit')
        expect((await bruno.get(`${path}/edit`)).status).to.equal(403)
        expect((await post(bruno, path, [['do', 'save']])).status).to.equal(403)
        const carla = await office.visit('carla')
        expect((await carla.get('/analytics')).status).to.equal(403)
        expect(carla.first.html).not.to.include('/analytics')
      })
    })

    describe('SB-3 transactions', () => {
      it('adds one with its lines, corrects and deletes it', async () => {
        const form = await ada.get('/transactions/new')
        const customer = first(form, /<option value="([^"]+-c\d+)"/)
        const product = first(form, /name="product"[\s\S]*?<option value="([^"]+)"/)
        const when = first(form, /type="datetime-local"[^>]*value="([^"]+)"/)
        const fields: [string, string][] = [
          ...([
            ['customer', customer],
            ['staff', first(form, /<option value="([^"]+-s\d+)" selected/)],
          ] as const),
          ...([
            ['at', when],
            ['product', ''],
            ['quantity', ''],
          ] as const),
          ...([
            ['product', product],
            ['quantity', '3'],
            ['do', 'save'],
          ] as const),
        ].map(([name, value]) => [name, value])
        const made = await post(ada, '/transactions', fields)
        expect(textOf(made.html))
          .to.include('It is saved.')
          .and.match(/3 × \S/)
        const path = new URL(made.url).pathname

        const edit = await ada.get(`${path}/edit`)
        const version = first(edit, /name="version" value="(\d+)"/)
        const none = [...fields.filter(([name]) => name !== 'product'), ['version', version]] as [
          string,
          string,
        ][]
        const refused = await post(ada, path, none)
        expect(refused.status).to.equal(422)
        expect(textOf(refused.html)).to.include('choose at least one product')
        const six = [
          ...fields.filter(([name, value]) => name !== 'quantity' || value !== '3'),
          ['quantity', '6'],
        ]
        const more = await post(ada, path, [...six, ['version', version]] as [string, string][])
        expect(textOf(more.html)).to.match(/6 × \S/)

        const sure = await ada.get(`${path}/delete`)
        expect(textOf((await ada.submit(sure, {}, '/delete')).html)).to.include('It is deleted.')
      })

      it('finds a customer and gives more rows without losing the rest', async () => {
        const found = await post(ada, '/transactions', [
          ['find', 'ros'],
          ['product', ''],
          ['do', 'find'],
        ])
        expect(found.html).to.include('value="ros"')
        const rows = (page: Page) => page.html.split('name="product"').length - 1
        const more = await post(ada, '/transactions', [...Array(6).fill(['product', '']), ['do', 'more']])
        expect(rows(more)).to.be.greaterThan(rows(found))
      })

      it('are made of what is on the menu, which an owner changes', async () => {
        const form = await ada.get('/products/new')
        const dish = { name: 'Sfogliatella', category: 'Dolci', amount: 'four', do: 'save' }
        const refused = await ada.submit(form, dish, '/products')
        expect(textOf(refused.html)).to.include('Price : must be an amount, like 12.50')
        const made = await ada.submit(refused, { ...dish, amount: '4,20' }, '/products')
        expect(textOf(made.html)).to.include('It is saved.').and.include('4.20')
        expect((await ada.get('/transactions/new')).html).to.include('Sfogliatella, €4.20')
        expect((await bruno.get('/products')).html)
          .to.include('Sfogliatella')
          .and.not.include('/products/new')
      })

      it('lists those of a time and of one customer', async () => {
        const all = await ada.get('/transactions')
        const bill = await ada.get(first(all, /href="(\/transactions\/(?!new)[^"?/]+)"/))
        const customer = first(bill, /href="\/customers\/([^"]+)"/)
        const theirs = await ada.get(`/transactions?customer=${customer}&from=2020-01-01`)
        expect(theirs.html).to.include(`value="${customer}" selected`)
        expect(textOf((await ada.get('/transactions?to=2020-01-01')).html)).to.include('Nothing found')
      })
    })

    describe('SB-9 analytics', () => {
      it('draws the sales with their numbers, and gives them as files', async () => {
        const page = await ada.get('/analytics?from=2025-11-22&to=2027-11-21')
        expect(page.html).to.include('<svg').and.include('role="img"').and.not.include('<script')
        const csv = await ada.request(`${office.backOffice.url}/analytics/sales-by-day.csv`)
        expect(csv.headers.get('content-type')).to.include('text/csv')
        expect(csv.headers.get('content-disposition')).to.match(/attachment; filename="sales-by-day-/)
        expect((await csv.text()).split('\r\n').length).to.be.greaterThan(30)
        expect(textOf((await ada.get('/analytics/staff')).html)).to.include('Sales by person')
        expect(textOf((await ada.get('/analytics/history')).html)).to.include('Transaction history')
      })

      it('falls back to the usual days when the address asks for nonsense', async () => {
        const page = await ada.get('/analytics?from=yesterday&to=%3Cb%3E')
        expect([page.status, textOf(page.html).includes('30 days')]).to.deep.equal([200, true])
      })
    })

    describe('RF-7 RF-8 the rota', () => {
      const week = () => addWeeks(weekOf(dayOf(new Date(), 'Europe/Rome')), 1)

      it('is asked at once, looked at and accepted', async () => {
        const made = await post(ada, '/rotas', [
          ['week', week()],
          ['do', 'now'],
        ])
        expect(textOf(made.html)).to.include('Accept and fill the shifts')
        const accepted = await ada.submit(made, {}, '/accept')
        expect(textOf(accepted.html)).to.include('The shifts of that week have their people now.')
        expect(textOf((await ada.get(`/shifts?week=${week()}`)).html)).not.to.include('Fill')
      })

      it('says what to do when the rota is down, and everything else goes on', async () => {
        office.rota.behaviour = 'down'
        const down = await post(ada, '/rotas', [
          ['week', week()],
          ['do', 'now'],
        ])
        expect([down.status, down.headers.has('retry-after')]).to.deep.equal([503, true])
        expect(textOf(down.html))
          .to.include('The kitchen rota does not answer.')
          .and.include('Nothing was changed')
          .and.include('Ask in the background')
        expect((await ada.get(`/shifts?week=${week()}`)).status).to.equal(200)
        office.rota.behaviour = 'well'
      })

      it('is asked in the background: the page shows how far it is, gives up, and an owner sends it again', async () => {
        office.rota.behaviour = 'down'
        const asked = await post(ada, '/rotas', [
          ['week', week()],
          ['do', 'later'],
        ])
        expect(textOf(asked.html)).to.include('Step')
        if (!/No rota came/.test(asked.html)) expect(asked.headers.get('refresh')).to.equal('3')
        expect((await ada.get(`${asked.url}?still=true`)).headers.has('refresh')).to.equal(false)
        await until(async () => {
          expect(textOf((await ada.get(asked.url)).html)).to.include('No rota came of it')
        }, 15_000)

        expect((await bruno.get('/stuck')).html).not.to.include('Send again')
        office.rota.behaviour = 'well'
        const sent = await ada.submit(await ada.get('/stuck'), {}, '/retry')
        expect(textOf(sent.html)).to.include('It is on its way again.')
        await until(async () => {
          expect(textOf((await ada.get(asked.url)).html)).to.include('Accept and fill the shifts')
        }, 15_000)
      })
    })

    describe('GW-9 whoever comes from elsewhere', () => {
      it('cannot post a form of ours, nor look without being signed in', async () => {
        const url = `${office.backOffice.url}/customers`
        const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
        expect((await ada.request(url, { method: 'POST', headers, body: 'do=save' })).status).to.equal(403)
        const response = await fetch(url, { redirect: 'manual' })
        expect([response.status, response.headers.get('location')]).to.deep.equal([
          303,
          '/sign-in?to=%2Fcustomers',
        ])
        expect(response.headers.get('content-security-policy')).to.include("default-src 'none'")
      })

      it('is told that the staff does not know them', async () => {
        const dario = await office.visit('dario')
        expect(dario.first.status).to.equal(403)
        expect(textOf(dario.first.html)).to.include('You are not in the staff')
      })
    })
  })
}

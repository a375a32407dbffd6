import { expect } from 'chai'
import { addDays, localTime, weekOf } from '../../examples/restaurant/calendar.ts'
import { freePort } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { type FrontHouse, type Guest, openFrontOfHouse } from '../support/front-of-house.ts'
import { createVisitor, formsIn, textOf } from '../support/visitor.ts'

/** A day of the restaurant's calendar, that many days from now. */
const dayIn = (days: number) => addDays(localTime(new Date(), 'Europe/Rome').slice(0, 10), days)

for (const engine of engines()) {
  describe(`RF-5 DC-5 GW-10 the front of house (${engine.name})`, function () {
    this.timeout(30_000)
    let house: FrontHouse

    before(async () => {
      house = await openFrontOfHouse(engine)
    })
    after(() => house?.stop())

    /** Books and gives the address of the booking's page. */
    async function book({ visitor }: Guest, days: number, fields: Record<string, string> = {}) {
      const form = await visitor.get('/book/napoli')
      const typed = { day: dayIn(days), time: '19:30', guests: '3', note: 'By the window', ...fields }
      return visitor.submit(form, typed, '/book/napoli')
    }

    describe('at the door', () => {
      it('says what it is for, and has no page for strangers', async () => {
        const visitor = createVisitor(house.frontOfHouse.url)
        const page = await visitor.get('/')
        expect(textOf(page.html)).to.include('Welcome to Bella Napoli')
        for (const path of ['/book', '/bookings', '/bookings/x', '/shifts', '/availability', '/you']) {
          const answer = await visitor.request(path)
          expect(answer.headers.get('location')).to.equal(`/sign-in?to=${encodeURIComponent(path)}`)
        }
      })

      it('leads back to the page that was wanted, and never to somebody else’s', async () => {
        const { landed } = await house.enter('carla', '/shifts?week=2026-W47')
        expect(new URL(landed.url).search).to.equal('?week=2026-W47')
        for (const path of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:1'])
          expect((await house.enter('dario', path)).landed.url).to.equal(`${house.frontOfHouse.url}/`)
      })

      it('goes straight to a new account when that is asked for', async () => {
        const { leaves } = await createVisitor(house.frontOfHouse.url).get('/sign-up')
        expect(new URL(String(leaves)).searchParams.get('prompt')).to.equal('create')
      })

      it('refuses a form of another site', async () => {
        const { visitor } = await house.enter('dario')
        const headers = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }
        const { status } = await visitor.request('/book/napoli', { method: 'POST', headers })
        expect(status).to.equal(403)
      })
    })

    describe('for a guest', () => {
      it('offers every restaurant of the chain', async () => {
        const dario = await house.enter('dario', '/book')
        expect(textOf(dario.landed.html)).to.include('Bella Napoli Roma').and.include('Your bookings')
        expect((await dario.visitor.get('/book/nowhere')).status).to.equal(404)
      })

      it('books a table at the restaurant’s own time, shows it, and gives it back', async () => {
        const dario = await house.enter('dario')
        const booked = await book(dario, 3)
        expect(textOf(booked.html)).to.include('Your table is booked').and.include('19:30')
        const id = new URL(booked.url).pathname.split('/').pop()
        const { body } = await house.call('carla', 'GET', `/bookings/${id}`)
        expect(localTime(new Date(body.at), 'Europe/Rome')).to.equal(`${dayIn(3)} 19:30`)
        expect(body).to.deep.include({ name: 'Dario Greco', guests: 3, note: 'By the window' })
        expect(await dario.read('/')).to.include('Booked')

        const asked = await dario.visitor.get(`/bookings/${id}/cancel`)
        const gone = await dario.visitor.submit(asked, {}, '/cancel')
        expect(textOf(gone.html)).to.include('Your booking is cancelled')
        expect(await dario.read('/bookings')).to.include('Cancelled')
      })

      it('says beside each field what is wrong, and keeps what was typed', async () => {
        const dario = await house.enter('dario')
        const typed = { day: dayIn(-1), guests: 'none', note: 'A <b>pram</b>' }
        const page = await book(dario, 0, typed)
        expect(page.status).to.equal(422)
        expect(page.html).to.match(/id="f-day"[^>]*aria-describedby="f-day-wrong"[^>]*aria-invalid="true"/)
        expect(page.html).to.include(`value="${typed.day}"`).and.include('value="none"')
        expect(page.html).to.include('A &lt;b&gt;pram&lt;/b&gt;')
      })

      it('says beside the field what only the API knows', async () => {
        const dario = await house.enter('dario')
        await book(dario, 5)
        const page = await book(dario, 5, { time: '20:00' })
        expect(page.status).to.equal(422)
        expect(/id="f-time-wrong">([^<]+)</.exec(page.html)?.[1]).to.match(/overlaps/i)
        const many = await book(dario, 6, { guests: '99' })
        expect(/id="f-guests-wrong">([^<]+)</.exec(many.html)?.[1]).to.equal(
          'We have tables for 1 to 20 guests.',
        )
      })

      it('asks for day and time at once, and takes a note of several lines', async () => {
        const elio = await house.enter('elio')
        const empty = textOf((await book(elio, 4, { day: '', time: '' })).html)
        expect(empty).to.include('Choose a day.').and.include('Choose a time.')
        const booked = await book(elio, 4, { note: ' A pram.\r\nA birthday! ' })
        expect(textOf(booked.html)).to.include('Your table is booked').and.include('A pram. A birthday!')
        const asked = await elio.visitor.get(`${new URL(booked.url).pathname}/cancel`)
        await elio.visitor.submit(asked, {}, '/cancel')
      })

      it('says how many tables somebody may have, when it is one too many', async () => {
        const elio = await house.enter('elio')
        const made: string[] = []
        for (let day = 20; day < 30; day += 1) made.push(new URL((await book(elio, day)).url).pathname)
        const page = await book(elio, 40)
        expect([page.status, textOf(page.html)]).to.satisfy(
          ([status, text]: [number, string]) =>
            status === 422 && text.includes('You have ten tables booked already.'),
        )
        expect(page.html).to.include('By the window')
        for (const path of made)
          await elio.visitor.submit(await elio.visitor.get(`${path}/cancel`), {}, '/cancel')
      })

      it('cancels only what was looked at', async () => {
        const dario = await house.enter('dario')
        const { pathname } = new URL((await book(dario, 7)).url)
        const asked = await dario.visitor.get(`${pathname}/cancel`)
        const { headers } = await house.call('carla', 'GET', pathname)
        const change = { headers: { 'If-Match': String(headers.get('etag')) }, body: { guests: 5 } }
        expect((await house.call('carla', 'PATCH', pathname, change)).status).to.equal(200)
        const late = await dario.visitor.submit(asked, {}, '/cancel')
        expect([late.status, textOf(late.html)]).to.satisfy(
          ([status, text]: [number, string]) => status === 409 && text.includes('Somebody was quicker'),
        )
        expect(textOf(late.html)).to.include('Look again')
        expect(await dario.read(pathname))
          .to.include('5 guests')
          .and.include('Booked')
      })

      it('shows the bill and pays it once', async () => {
        const dario = await house.enter('dario')
        const { pathname } = new URL((await book(dario, 9)).url)
        await house.serve(pathname.split('/').pop() ?? '')
        expect(await dario.read('/')).to.include('Bill to pay')
        const bill = await dario.visitor.get(pathname)
        expect(textOf(bill.html)).to.include('2 × Margherita').and.include('Pay €19.00')
        const [paid, again] = [
          await dario.visitor.submit(bill, {}, '/pay'),
          await dario.visitor.submit(bill, {}, '/pay'),
        ]
        for (const page of [paid, again]) expect(textOf(page.html)).to.include('Your bill is paid')
        expect(formsIn(paid.html).map(({ action }) => action)).to.not.include(`${pathname}/pay`)
      })

      it('has nothing of other people, and nothing of the staff', async () => {
        const made = await book(await house.enter('dario'), 11)
        const elio = await house.enter('elio', new URL(made.url).pathname)
        expect(elio.landed.status).to.equal(404)
        expect((await elio.visitor.get(`${new URL(made.url).pathname}/cancel`)).status).to.equal(404)
        const headers = { origin: house.frontOfHouse.url }
        const pay = await elio.visitor.request(`${made.url.split('?')[0]}/pay`, { method: 'POST', headers })
        expect(pay.status).to.equal(404)
        expect(await elio.read('/bookings')).to.not.include('To come')
        const dario = await house.enter('dario', '/availability')
        expect(dario.landed.status).to.equal(403)
        expect(await dario.read('/shifts')).to.include('Not yours to open')
        expect(await dario.read('/')).to.not.include('Your shifts')
      })
    })

    describe('for the staff', () => {
      it('shows the shifts of the week that are theirs', async () => {
        const day = dayIn(14)
        const shift = { day, from: '17:00', to: '23:30', job: 'waiter' }
        const carla = await house.enter('carla')
        for (const staff of ['staff-carla', 'staff-bruno']) {
          const { status } = await house.call('bruno', 'POST', '/shifts', { body: { ...shift, staff } })
          expect(status).to.equal(201)
        }
        const page = await carla.read(`/shifts?week=${weekOf(day)}`)
        expect(page.match(/17:00 to 23:30/g)).to.have.length(1)
        expect(await carla.read('/shifts?week=never')).to.include('You have no shift in this week')
      })

      it('takes the times at which somebody can work', async () => {
        const { visitor } = await house.enter('carla', '/availability')
        const send = (rows: [number, string, string][], more = '') =>
          visitor.request('/availability', {
            method: 'POST',
            headers: { origin: house.frontOfHouse.url },
            body: new URLSearchParams([
              ...rows.flatMap(([day, from, to]) => [
                ['day', `${day}`],
                ['from', from],
                ['to', to],
              ]),
              ...(more ? [['more', more]] : []),
            ]),
          })
        const added = await (await send([[1, '', '']], '1')).text()
        expect(added).to.match(/id="from-1-1"[^>]*autofocus/)

        const half = await send([
          [2, '', ''],
          [2, '18:00', ''],
        ])
        expect(half.status).to.equal(422)
        expect(await half.text())
          .to.match(/id="to-2-0"[^>]*value=""[^>]*aria-invalid="true"/)
          .and.include('Tuesday: Say until when.')

        const twice = await send([
          [3, '10:00', '14:00'],
          [3, '13:00', '15:00'],
        ])
        expect(twice.status).to.equal(422)
        expect(await twice.text()).to.include('Wednesday: This time overlaps with another.')

        const saved = await send([
          [5, '17:00', '01:00'],
          [1, '', ''],
          [1, '09:00', '14:00'],
        ])
        expect(saved.status).to.equal(303)
        const { body } = await house.call('carla', 'GET', '/availability/me')
        expect(body.slots).to.deep.equal([
          { weekday: 1, from: '09:00', to: '14:00' },
          { weekday: 5, from: '17:00', to: '01:00' },
        ])
        expect((await visitor.get('/availability')).html).to.include('value="17:00"')
      })

      it('has no table to book for who is no guest', async () => {
        const carla = await house.enter('carla', '/book')
        expect(carla.landed.status).to.equal(403)
        expect(await carla.read('/')).to.not.include('Book a table')
      })
    })

    it('answers 503 with a way on while the API is down, and lets people leave', async () => {
      const front = await house.openFront({ apiUrl: `http://localhost:${await freePort()}/api` })
      const { visitor, landed } = await house.enter('dario', '/bookings', front)
      expect([landed.status, landed.headers.get('retry-after')]).to.deep.equal([503, '5'])
      expect(textOf(landed.html)).to.include('do not answer just now').and.include('Try again')
      const home = await visitor.get('/')
      expect([home.status, textOf(home.html)]).to.satisfy(
        ([status, text]: [number, string]) => status === 503 && text.includes('Good to see you, Dario'),
      )
      const left = await visitor.submit(home, {}, '/leave')
      expect(textOf(left.html)).to.include('Welcome')
    })
  })
}

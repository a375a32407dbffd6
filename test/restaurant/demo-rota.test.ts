import { expect } from 'chai'
import { addDays, dayOf, weekOf } from '../../examples/restaurant/calendar.ts'
import { engines } from '../support/engines.ts'
import { until } from '../support/until.ts'
import { textOf, type Visitor } from '../support/visitor.ts'
import { bruno, carla, type DemoBrowser, type DemoHouse, dario, openDemo } from './demo-house.ts'

/** Who asks the rota passes here; with the gate closed the rota hangs, for whoever came in the meantime and comes. */
function gateBefore(rota: () => string) {
  const asked: string[] = []
  let opened = Promise.resolve()
  let open = () => {}
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input)
    if (url.startsWith(rota())) {
      asked.push(url)
      await opened
    }
    return globalThis.fetch(input, init)
  }
  return {
    fetch,
    asked,
    close() {
      opened = new Promise((resolve) => {
        open = resolve
      })
    },
    open: () => open(),
  }
}

for (const engine of engines()) {
  describe(`RF-7 RF-8 the restaurant while its kitchen rota is in trouble (${engine.name})`, function () {
    this.timeout(60_000)
    let house: DemoHouse
    let office: Visitor
    let visits: (() => Promise<void>)[]
    const gate = gateBefore(() => house?.rota.url ?? 'nowhere yet')

    before(async () => {
      house = await openDemo(engine, { fetch: gate.fetch })
      const { frontOfHouse, backOffice } = house
      const [manager, waiter, guest]: [DemoBrowser, DemoBrowser, DemoBrowser] = [
        house.openBrowser(),
        house.openBrowser(),
        house.openBrowser(),
      ]
      await manager.signIn(backOffice, bruno)
      await waiter.signIn(frontOfHouse, carla)
      await guest.signIn(frontOfHouse, dario)
      office = manager.at(backOffice)
      const page = (visitor: Visitor, path: string) => async () => {
        const { status, html } = await visitor.get(path)
        expect(status, `${path}: ${textOf(html)}`).to.equal(200)
      }
      visits = [
        ...['/', '/customers', '/transactions', '/shifts', '/rotas'].map((path) => page(office, path)),
        ...['/', '/shifts', '/availability'].map((path) => page(waiter.at(frontOfHouse), path)),
        ...['/', '/bookings'].map((path) => page(guest.at(frontOfHouse), path)),
      ]
    })
    after(() => house?.close())

    /** Its shifts are for the rota to fill. */
    const week = weekOf(addDays(dayOf(new Date(), 'Europe/Rome'), 7))

    /** In the order in which people click; none of them asks the rota anything, so none can wait for it. */
    async function visitAll(): Promise<void> {
      const before = gate.asked.length
      for (const visit of visits) await visit()
      expect(gate.asked.slice(before)).to.deep.equal([])
    }

    const ask = async (way: 'now' | 'later') =>
      office.submit(await office.get('/rotas'), { week, do: way }, '/rotas')

    it('tells by mail, where the provider shows its own, that a rota is there', async () => {
      const asked = await ask('later')
      expect(asked.status, textOf(asked.html)).to.equal(200)
      await until(async () => {
        const mails = await house.app.mail.sent()
        expect(mails.map(({ to, subject }) => `${to} ${subject}`).join()).to.match(/^bruno@.* rota/i)
      }, 20_000)
      const inbox = await house.openBrowser().provider.get('/dev/mail')
      expect(textOf(inbox.html)).to.match(/rota/i).and.include(bruno.email)
    })

    it('answers all other pages while it hangs and people wait for it', async () => {
      house.rota.behaviour = 'slow'
      gate.close()
      const before = gate.asked.length
      let answered = 0
      const waiting = [ask('now'), ask('now'), ask('now')]
      for (const one of waiting) void one.then(() => (answered += 1))
      await until(() => expect(gate.asked.length - before).to.equal(3), 10_000)
      await visitAll()
      // However long that took: those who asked wait still.
      expect(answered).to.equal(0)
      gate.open()
      for (const { status, html } of await Promise.all(waiting)) {
        expect(status).to.equal(503)
        expect(textOf(html)).to.include('The kitchen rota takes too long to answer')
      }
    })

    it('answers them while it is down, and says that it is', async () => {
      house.rota.behaviour = 'down'
      await visitAll()
      const { status, html } = await ask('now')
      expect([status, textOf(html)])
        .to.have.property('1')
        .that.includes('does not answer')
      expect(status).to.equal(503)
    })

    it('answers them when it is gone and the worker tries in vain, and so do the apps that never knew it', async () => {
      await house.rota.close()
      const asked = await ask('later')
      expect(asked.status, textOf(asked.html)).to.equal(200)
      for (const visit of visits) await visit()
    })
  })
}

import { expect } from 'chai'
import { addDays, dayOf, weekOf } from '../../examples/restaurant/calendar.ts'
import { engines } from '../support/engines.ts'
import { until } from '../support/until.ts'
import { textOf, type Visitor } from '../support/visitor.ts'
import { bruno, carla, type DemoBrowser, type DemoHouse, dario, openDemo } from './demo-house.ts'

/** How long each of the visits takes, the middle of several in milliseconds. */
async function paceOf(visits: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const paces = []
  for (const visit of visits) {
    const times = []
    for (let n = 0; n < 7; n += 1) {
      const begun = performance.now()
      await visit()
      times.push(performance.now() - begun)
    }
    paces.push(times.sort((a, b) => a - b)[3] ?? Number.NaN)
  }
  return paces
}

for (const engine of engines()) {
  describe(`RF-8 the restaurant while its kitchen rota is in trouble (${engine.name})`, function () {
    this.timeout(60_000)
    let house: DemoHouse
    let office: Visitor
    let visits: (() => Promise<unknown>)[]
    let atEase: number[]

    before(async () => {
      house = await openDemo(engine)
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
      // What is loaded and remembered at the first visit is not the question.
      await paceOf(visits)
      atEase = await paceOf(visits)
    })
    after(() => house?.close())

    /** Its shifts are for the rota to fill. */
    const week = weekOf(addDays(dayOf(new Date(), 'Europe/Rome'), 7))

    /** Nobody can prove that two times are equal; waiting for the rota would take seconds. */
    async function expectNormalPace(): Promise<void> {
      const now = await paceOf(visits)
      for (const [place, pace] of now.entries()) expect(pace).to.be.below((atEase[place] ?? 0) * 3 + 150)
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

    it('answers all other pages at their normal speed while it hangs and people wait for it', async () => {
      house.rota.behaviour = 'slow'
      const before = house.rota.asked
      const waiting = [ask('now'), ask('now'), ask('later')]
      await until(() => expect(house.rota.asked).to.be.above(before), 10_000)
      await expectNormalPace()
      const [answer] = await Promise.all(waiting)
      expect(answer?.status).to.equal(503)
      expect(textOf(answer?.html ?? '')).to.include('The kitchen rota takes too long to answer')
    })

    it('answers them while it is down, and says at once that it is', async () => {
      house.rota.behaviour = 'down'
      await expectNormalPace()
      const begun = performance.now()
      const page = await ask('now')
      expect([page.status, textOf(page.html)]).to.satisfy(
        ([status, text]: [number, string]) => status === 503 && text.includes('does not answer'),
      )
      expect(performance.now() - begun).to.be.below(5_000)
    })

    it('answers them when it is gone, and so do the apps that never knew it', async () => {
      await house.rota.close()
      await expectNormalPace()
    })
  })
}

import { expect } from 'chai'
import { generateSync } from 'otplib'
import type { WebApp } from '../../examples/restaurant/web/web-app.ts'
import { engines } from '../support/engines.ts'
import { spawnProgram } from '../support/server-process.ts'
import { until } from '../support/until.ts'
import { createVisitor, textOf } from '../support/visitor.ts'
import { bruno, carla, type DemoHouse, dario, openDemo } from './demo-house.ts'

for (const engine of engines()) {
  describe(`DC-5 the restaurant of the demo (${engine.name})`, function () {
    this.timeout(30_000)
    let house: DemoHouse
    let frontOfHouse: WebApp
    let kitchen: WebApp

    before(async () => {
      house = await openDemo(engine)
      ;({ frontOfHouse, kitchen } = house)
    })
    after(() => house?.close())

    it('shows name, role and what the role may do', async () => {
      const page = await house.openBrowser().signIn(kitchen, carla)
      expect(textOf(page.html)).to.include('Good to see you, Carla').and.include('As waiter you may')
    })

    it('knows in which restaurant somebody works by their proven address', async () => {
      const page = await house.openBrowser().signIn(frontOfHouse, carla)
      expect(textOf(page.html)).to.include('Good to see you, Carla').and.include('Your shifts this week')
    })

    it('knows the tables of a guest', async () => {
      const page = await house.openBrowser().signIn(frontOfHouse, dario)
      expect(textOf(page.html)).to.include('Your tables').and.include('Bella Napoli Roma')
    })

    it('lets a person into the second app without a password', async () => {
      const browser = house.openBrowser()
      await browser.signIn(frontOfHouse, carla)
      const page = await browser.land(kitchen, await browser.begin(kitchen))
      expect(textOf(page.html)).to.include('Carla Esposito')
    })

    it('asks the owner for a second factor', async () => {
      const browser = house.openBrowser()
      const page = await browser.begin(frontOfHouse)
      const ada = { identifier: 'ada@bella-napoli.example', password: 'saffron umbrella at nine' }
      const asked = await browser.provider.submit(page, ada)
      const code = generateSync({ secret: 'KVKFCRCPNZQUYMLXOVYDSQKJKZDTSRLD' })
      const landed = await browser.land(frontOfHouse, await browser.provider.submit(asked, { code }))
      expect(textOf(landed.html)).to.include('Good to see you, Ada')
      expect(await browser.you(frontOfHouse)).to.include('urn:maitred:acr:2fa')
    })

    it('has nothing in the kitchen for a customer', async () => {
      const page = await house.openBrowser().signIn(kitchen, dario)
      expect(textOf(page.html)).to.include('nothing to do here for the role customer')
    })

    it('shows the way to the other apps to whoever finds something there', async () => {
      const ways = async (who: typeof dario) => {
        const { html } = await house.openBrowser().signIn(frontOfHouse, who)
        return [kitchen, house.backOffice].map(({ url }) => html.includes(`href="${url}/sign-in"`))
      }
      expect(await ways(dario)).to.deep.equal([false, false])
      expect(await ways(carla)).to.deep.equal([true, true])
    })

    it('signs out of one app, and the other goes on', async () => {
      const browser = house.openBrowser()
      await browser.signIn(frontOfHouse, carla)
      await browser.land(kitchen, await browser.begin(kitchen))
      const visitor = browser.at(frontOfHouse)
      const left = await visitor.submit(await visitor.get('/'), {}, '/leave')
      expect(textOf(left.html)).to.include('Welcome')
      expect(await browser.home(kitchen)).to.include('Good to see you')
    })

    it('signs out of all apps on a device at once', async () => {
      const [browser, other] = [house.openBrowser(), house.openBrowser()]
      await other.signIn(kitchen, carla)
      await browser.signIn(frontOfHouse, carla)
      await browser.land(kitchen, await browser.begin(kitchen))

      const visitor = browser.at(frontOfHouse)
      const leaving = await visitor.submit(await visitor.get('/'), {}, '/sign-out')
      const asked = await browser.provider.get(String(leaving.leaves))
      const done = await browser.provider.submit(asked, { logout: 'yes' })
      const landed = await browser.land(frontOfHouse, done)
      expect(textOf(landed.html)).to.include('You are signed out')
      await until(async () => expect(await browser.home(kitchen)).to.include('Welcome'))
      expect(await other.home(kitchen)).to.include('Good to see you')
    })

    it('keeps tokens away from the browser', async () => {
      const browser = house.openBrowser()
      const page = await browser.signIn(frontOfHouse, carla)
      expect(page.html).to.not.match(/eyJ[\w-]+\./)
      for (const { value } of browser.at(frontOfHouse).cookies) expect(value).to.match(/^[\w-]{43}$/)
      const policy = page.headers.get('content-security-policy')
      expect(policy).to.include("default-src 'none'").and.not.include('unsafe')
    })

    it('refuses an answer that belongs to another browser, and one that comes twice', async () => {
      const [browser, stranger] = [house.openBrowser(), house.openBrowser()]
      const page = await browser.begin(frontOfHouse)
      const answer = await browser.provider.submit(page, {
        identifier: carla.email,
        password: carla.password,
      })
      const stolen = await stranger.land(frontOfHouse, answer)
      expect(stolen.status).to.equal(400)
      expect(textOf(stolen.html)).to.include('This sign-in is over')
      expect(textOf((await browser.land(frontOfHouse, answer)).html)).to.include('Carla')
      expect(textOf((await browser.land(frontOfHouse, answer)).html)).to.include('Carla')
    })

    it('tells who turned back that they are not signed in', async () => {
      const browser = house.openBrowser()
      const { leaves } = await browser.at(frontOfHouse).get('/sign-in')
      const { searchParams } = new URL(String(leaves))
      const answer = new URL('/callback', frontOfHouse.url)
      const query = { state: searchParams.get('state') ?? '', error: 'access_denied', iss: house.app.url }
      answer.search = `${new URLSearchParams(query)}`
      const page = await browser.at(frontOfHouse).get(answer.href)
      expect([page.status, textOf(page.html)])
        .to.satisfy(([status]: [number]) => status === 403)
        .and.satisfy(([, text]: [number, string]) => text.includes('You are not signed in'))
    })

    it('refuses a form from another site, and a logout token that is none', async () => {
      const visitor = createVisitor(frontOfHouse.url)
      const foreign = { method: 'POST', headers: { origin: house.app.url, 'sec-fetch-site': 'same-site' } }
      expect((await visitor.request('/sign-out', foreign)).status).to.equal(403)
      for (const body of ['', 'logout_token=x', `logout_token=${'x'.repeat(20_000)}`]) {
        const { status } = await visitor.request('/backchannel-logout', { method: 'POST', body })
        expect(status).to.equal(400)
      }
    })

    it('asks before somebody else’s app learns anything, and lends it what was allowed', async () => {
      const planner = house.tablePlanner
      for (const [who, name, shown] of [
        [bruno, 'Bruno Conti', /Who comes next (today|tomorrow|\d)/],
        [dario, 'Dario Greco', /The restaurant shows you no bookings/],
      ] as const) {
        const browser = house.openBrowser()
        const page = await browser.begin(planner)
        const signIn = { identifier: who.email, password: who.password }
        const asked = await browser.provider.submit(page, signIn)
        expect(textOf(asked.html)).to.include('Table Planner').and.include(name)
        const landed = await browser.land(planner, await browser.provider.submit(asked, {}, 'consent'))
        expect(textOf(landed.html)).to.include(`Good to see you, ${name}`).and.match(shown)
      }
    })

    it('signs a board in from a phone', async () => {
      const board = spawnProgram('examples/restaurant/menu-board/command.ts', [house.app.url])
      await until(() => expect(board.out() + board.err()).to.match(/the code: \S+\n/), 10_000)
      const [, link = ''] = /Open (\S+)/.exec(board.out()) ?? []
      const phone = house.openBrowser().provider
      const confirmed = await phone.submit(await phone.get(link), { confirm: 'yes' }, 'device')
      const signIn = { identifier: carla.email, password: carla.password }
      await phone.submit(confirmed, signIn)
      expect(await board.ended(), board.err()).to.equal(0)
      expect(board.out()).to.include('The board is signed in: Carla Esposito')
    })

    it('gives a machine the scopes it may have, and no other', async () => {
      const secret = 'demo-only-night-report-51b8fd2e6a07c394'
      const answer = await fetch(`${house.app.url}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`night-report:${secret}`)}` },
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          scope: 'bookings.read bookings.update shifts.read',
        }),
      })
      expect(await answer.json()).to.include({ scope: 'bookings.read shifts.read' })
    })
  })

  describe(`AA-9 an app of the demo whose access token ends (${engine.name})`, function () {
    this.timeout(30_000)
    let house: DemoHouse

    before(async () => {
      // Shorter than what the app wants to have left, so every page asks for new tokens.
      const day = 24 * 60 * 60
      const lifetimes = {
        accessToken: 20,
        refreshToken: 7 * day,
        session: 7 * day,
        code: 60,
        refreshGrace: 30,
      }
      house = await openDemo(engine, { config: { lifetimes } })
    })
    after(() => house?.close())

    it('gets new ones silently, also for two pages at once, until the person is shut out', async () => {
      const browser = house.openBrowser()
      await browser.signIn(house.frontOfHouse, carla)
      const pages = await Promise.all([1, 2, 3].map(() => browser.you(house.frontOfHouse)))
      const later = await browser.you(house.frontOfHouse)
      const ids = new Set([...pages, later].map((page) => /jti (\S+)/.exec(page)?.[1]))
      expect(ids).to.have.length.greaterThan(1).and.not.include(undefined)

      await house.apply((state) =>
        state.replace(`email: ${carla.email}`, `email: ${carla.email}\n    status: disabled`),
      )
      expect(await browser.home(house.frontOfHouse)).to.include('Welcome')
    })
  })
}

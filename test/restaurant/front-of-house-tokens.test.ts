import { expect } from 'chai'
import { engines } from '../support/engines.ts'
import { type FrontHouse, openFrontOfHouse } from '../support/front-of-house.ts'
import { until } from '../support/until.ts'
import { textOf } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`RF-5 DC-5 tokens at the front of house (${engine.name})`, function () {
    this.timeout(30_000)
    let house: FrontHouse

    before(async () => {
      house = await openFrontOfHouse(engine)
    })
    after(() => house?.stop())

    it('never reach the browser', async () => {
      const dario = await house.enter('dario')
      for (const path of ['/', '/you', '/book', '/bookings', '/nothing']) {
        const page = await dario.visitor.get(path)
        expect(page.html, path).to.not.match(/eyJ[\w-]+\./)
        expect([...page.headers.values()].join(), path).to.not.match(/eyJ[\w-]+\./)
        expect(page.headers.get('content-security-policy')).to.include("default-src 'none'")
      }
      for (const { value } of dario.visitor.cookies) expect(value).to.match(/^[\w-]{43}$/)
    })

    it('are renewed once for pages that are asked for at once', async () => {
      let later = 0
      const grants: string[] = []
      const front = await house.openFront({
        now: () => new Date(Date.now() + later),
        fetch: (url, init) => {
          if (`${url}`.endsWith('/token'))
            grants.push(new URLSearchParams(`${init?.body}`).get('grant_type') ?? '')
          return fetch(url, init)
        },
      })
      const { read } = await house.enter('dario', '/', front)
      expect(grants).to.deep.equal(['authorization_code'])
      later = 24 * 3_600_000
      const pages = await Promise.all(Array.from({ length: 8 }, () => read('/bookings')))
      for (const page of pages) expect(page).to.include('Your bookings')
      expect(grants).to.deep.equal(['authorization_code', 'refresh_token'])
    })

    it('that the API refuses lead to a new sign-in and back to the page', async () => {
      let broken = false
      const front = await house.openFront({ fetch: spoil(() => broken) })
      const carla = await house.enter('carla', '/', front)
      broken = true
      const turned = await carla.visitor.request('/shifts?week=2026-W47')
      expect([turned.status, turned.headers.get('location')]).to.deep.equal([
        303,
        '/sign-in?to=%2Fshifts%3Fweek%3D2026-W47',
      ])
      broken = false
      const { leaves } = await carla.visitor.get('/shifts?week=2026-W47')
      const done = await carla.provider.get(String(leaves))
      const back = await carla.visitor.get(String(done.leaves))
      expect(back.url).to.equal(`${front.url}/shifts?week=2026-W47`)
      expect(textOf(back.html)).to.include('Your shifts')
    })

    it('are renewed unnoticed when the API refuses one of them', async () => {
      let refusals = 1
      const front = await house.openFront({
        fetch: spoil((path) => path === '/api/shifts' && refusals-- > 0),
      })
      const { landed } = await house.enter('carla', '/shifts', front)
      expect([landed.status, landed.url]).to.deep.equal([200, `${front.url}/shifts`])
    })

    it('that the API never accepts do not send people round for ever', async () => {
      const noted: string[] = []
      const note = (o: object) => noted.push(String((o as { err: unknown }).err))
      const log = { warn: note, error: note }
      const front = await house.openFront({ fetch: spoil(() => true), log })
      const { landed } = await house.enter('carla', '/shifts', front)
      expect(landed.status).to.equal(500)
      expect(noted.join()).to.include('accepts no token of this app').and.not.include('eyJ')
    })

    it('are gone when the person leaves this app, or signs out', async () => {
      const front = await house.openFront()
      const [dario, phone] = [await house.enter('dario', '/', front), await house.enter('dario', '/', front)]
      const left = await dario.visitor.submit(await dario.visitor.get('/bookings'), {}, '/leave')
      expect(textOf(left.html)).to.include('Welcome')
      expect(await phone.read('/')).to.include('Good to see you')

      const everywhere = await phone.visitor.submit(await phone.visitor.get('/'), {}, '/sign-out')
      const asked = await phone.provider.get(String(everywhere.leaves))
      const done = await phone.provider.submit(asked, { logout: 'yes' })
      expect(done.leaves).to.equal(`${front.url}/signed-out`)
      await until(async () => expect(await phone.read('/')).to.include('Welcome'))
    })

    /** Between the app and the API: what it carries is no longer what the provider signed. */
    function spoil(when: (path: string) => boolean): typeof fetch {
      return (url, init) => {
        const { origin, pathname } = new URL(`${url}`)
        if (origin !== house.backOffice.url || !when(pathname)) return fetch(url, init)
        const headers = new Headers(init?.headers)
        headers.set('authorization', `${headers.get('authorization')}x`)
        return fetch(url, { ...init, headers })
      }
    }
  })
}

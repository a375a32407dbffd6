import { expect } from 'chai'
import { generateSync } from 'otplib'
import { engines } from '../support/engines.ts'
import { PASSWORD } from '../support/restaurant.ts'
import { authUrl, codeOf, type House, openHouse } from './house.ts'

const TWO_FACTORS = { acr_values: 'urn:maitred:acr:2fa' }

for (const engine of engines()) {
  describe(`a second factor is set up by who has just signed in (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House
    let ahead = 0

    before(async () => {
      house = await openHouse(engine, { now: () => new Date(Date.now() + ahead) })
    })
    after(() => house?.stop())

    it('M06: an unwatched browser’s old session does not do', async () => {
      const { visitor } = await codeOf(house)
      ahead = 20 * 60_000
      const page = await visitor.get(authUrl(house, TWO_FACTORS))
      expect(page.html).to.include('/sign-in?').and.not.to.include('enrolFactor')
      const silent = await visitor.get(authUrl(house, { ...TWO_FACTORS, prompt: 'none' }))
      expect(silent.leaves).to.include('error=login_required')
      // Whoever can, goes on with what was asked.
      ahead = 0
      const enrol = await visitor.submit(page, { password: PASSWORD }, 'sign-in')
      expect(enrol.html).to.include('enrolFactor')
      expect((await visitor.get(authUrl(house))).leaves).to.include('code=')
    })

    it('M06: a fresh session does', async () => {
      const { visitor } = await codeOf(house)
      expect((await visitor.get(authUrl(house, TWO_FACTORS))).html).to.include('enrolFactor')
    })

    it('S07 M15: to set one up proves nothing of who was there before, and makes no sign-in younger', async () => {
      const { visitor } = await codeOf(house)
      ahead = 10 * 60_000
      const offer = await visitor.get(authUrl(house, TWO_FACTORS))
      const secret = /id="secret">([A-Z2-7 ]+)</.exec(offer.html)?.[1]?.replaceAll(' ', '') ?? ''
      const code = generateSync({ secret, epoch: Math.floor((Date.now() + ahead) / 1_000) })
      const shown = await visitor.submit(offer, { code }, 'enrolFactor')
      expect((await visitor.submit(shown, {}, 'saved')).leaves).to.include('code=')
      const page = await visitor.get(`${house.url}/account/email`)
      const asked = await visitor.submit(page, { email: 'mallory@example.com' }, '/account/email')
      expect(asked.url).to.include('/flow/')
      expect(asked.html).to.include('/sign-in?')
      await house.mail.pass()
      expect((await house.mail.sent()).map(({ to }) => to)).not.to.include('mallory@example.com')
    })
  })
}

import { expect } from 'chai'
import { ADA, authUrl, codeOf, type House, login, openHouse, redeem } from '../attacks/house.ts'
import { engines } from '../support/engines.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`SB-5 RF-3 when more people sign in than can be served (${engine.name})`, () => {
    let house: House

    before(async () => {
      house = await openHouse(engine)
    })
    after(() => house?.stop())

    it('each is told to come again, by page and API, and what needs no password goes on', async () => {
      const { visitor } = await codeOf(house)
      const stranger = createVisitor(house.url)
      const door = await stranger.get(authUrl(house))
      // As for whoever would wait too long: no password is looked at any more.
      house.hasher.stop()
      const answer = await login(house, ADA)
      expect([answer.status, answer.json.code]).to.deep.equal([503, 'busy'])
      expect(Number(answer.headers['retry-after'])).to.be.above(0)
      const page = await stranger.submit(door, ADA, 'sign-in')
      expect(page.status).to.equal(503)
      expect(Number(page.headers.get('retry-after'))).to.be.above(0)
      expect(textOf(page.html)).to.include('Try again in a few seconds')
      const { code } = await codeOf(house, { visitor })
      expect((await redeem(house, code)).status).to.equal(200)
    })
  })
}

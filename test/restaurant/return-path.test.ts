import { expect } from 'chai'
import { engines } from '../support/engines.ts'
import { type FrontHouse, openFrontOfHouse } from '../support/front-of-house.ts'

describe('RF-5 W09 where a sign-in at the restaurant leads', function () {
  this.timeout(30_000)
  let house: FrontHouse

  before(async () => {
    const [engine] = engines()
    if (!engine) throw new Error('no engine')
    house = await openFrontOfHouse(engine)
  })
  after(() => house?.stop())

  it('is the page that was wanted', async () => {
    const { landed } = await house.enter('dario', '/you?x=1')
    expect(landed.url).to.equal(`${house.frontOfHouse.url}/you?x=1`)
  })

  it('is never another site, however its name is put', async () => {
    const dario = await house.enter('dario')
    for (const to of [
      'https://elsewhere.example/',
      '//elsewhere.example/',
      '/\\elsewhere.example/',
      '/.//elsewhere.example/',
      '/.\\/elsewhere.example/',
      '/a/..//elsewhere.example/',
      `${house.frontOfHouse.url}//elsewhere.example/`,
      'javascript:alert(1)',
    ]) {
      const answer = await dario.visitor.request(`/sign-in?to=${encodeURIComponent(to)}`)
      expect([answer.status, answer.headers.get('location')], to).to.deep.equal([303, '/'])
    }
    const { landed } = await house.enter('dario', '/.//elsewhere.example/')
    expect(landed.url).to.equal(`${house.frontOfHouse.url}/`)
  })
})

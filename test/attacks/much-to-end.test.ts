import { expect } from 'chai'
import { type SessionDocument, sessionCollection } from '../../src/accounts/accounts.ts'
import { engines } from '../support/engines.ts'
import { signInToAccount } from '../support/resident.ts'
import { PASSWORD } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { type House, openHouse, tokensOf, userinfo } from './house.ts'

for (const engine of engines()) {
  describe(`S04 S05 what ends, however much it is (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House

    before(async () => {
      house = await openHouse(engine, { realHashes: false })
    })
    after(() => house?.stop())

    const sessionsOf = (person: string): Promise<SessionDocument[]> =>
      house.store.collection(sessionCollection).find({ person })

    it('a session that has given out more than a batch holds', async () => {
      const email = 'gina@example.com'
      const { _id } = await house.accounts.create({ email, emailVerified: true, password: PASSWORD })
      const { access_token } = await tokensOf(house, { as: { identifier: email, password: PASSWORD } })
      const [session] = await sessionsOf(_id)
      if (!session) return expect.fail('no session')
      const more = Array.from({ length: 1_100 }, (_, at) => [`grant-${at}`, { openid: { scope: 'openid' } }])
      const grants = { ...session.grants, ...Object.fromEntries(more) }
      await house.store.collection(sessionCollection).update({ _id: session._id }, { $set: { grants } })
      await house.oidc.endings.endSession({ ...session, grants })
      expect(await sessionsOf(_id)).to.deep.equal([])
      await until(async () => expect((await userinfo(house, access_token)).status).to.equal(401), 1_000)
    })

    it('all others of a person, more than a page shows', async () => {
      const ada = await signInToAccount(house)
      const { id } = house.cast.person
      const [own] = await sessionsOf(id)
      if (!own) return expect.fail('no session')
      const others = Array.from({ length: 130 }, (_, at) => ({
        in: sessionCollection,
        insert: { ...own, _id: `other-${at}`, key: `key-${at}`, grants: {}, protocol: {} },
      }))
      await house.store.batch(others)
      await ada.fill('/account/sessions', '/account/sessions/end-others')
      expect((await sessionsOf(id)).map(({ _id }) => _id)).to.deep.equal([own._id])
    })
  })
}

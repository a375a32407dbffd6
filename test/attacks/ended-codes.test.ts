import { expect } from 'chai'
import { sessionCollection } from '../../src/accounts/accounts.ts'
import { tokenCollection } from '../../src/oidc/token-document.ts'
import { engines } from '../support/engines.ts'
import { until } from '../support/until.ts'
import { addOnce, LATER, ONCE, redeemOnce } from './codes.ts'
import { type DeafTwin, openDeafTwin } from './deaf-twin.ts'
import { codeOf, type House, openHouse, redeem, refresh, send, tokensOf, userinfo } from './house.ts'

for (const engine of engines()) {
  describe(`S04 a code ends with what it stands for (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House
    let ahead: number
    const now = () => new Date(Date.now() + ahead)

    beforeEach(async () => {
      ahead = 0
      house = await openHouse(engine, { realHashes: false, now })
      await addOnce(house)
    })
    afterEach(() => house?.stop())

    const stored = () => house.store.collection(tokenCollection).count({})

    it('its session, which served one more application while it was ended', async () => {
      const { visitor } = await tokensOf(house)
      const [session] = await house.store.collection(sessionCollection).find({ person: house.cast.person.id })
      if (!session) throw new Error('no session')
      const { batch } = house.store
      let code = ''
      house.store.batch = async (writes, o) => {
        house.store.batch = batch
        code = (await codeOf(house, { visitor, extra: ONCE })).code
        return batch(writes, o)
      }
      await house.oidc.endings.endSession(session)
      expect((await redeemOnce(house, code)).json.error).to.equal('invalid_grant')
      expect(await house.store.collection(sessionCollection).count({})).to.equal(0)
    })

    const ends: [string, () => Promise<void>][] = [
      [
        'its session',
        async () => {
          const sessions = house.store.collection(sessionCollection)
          for (const session of await sessions.find({ person: house.cast.person.id }))
            await house.oidc.endings.endSession(session)
        },
      ],
      [
        'all sessions',
        async () => house.store.batch(await house.oidc.endings.personWrites(house.cast.person.id)),
      ],
      [
        'what the application was allowed',
        async () =>
          house.store.batch(await house.oidc.endings.applicationWrites(house.cast.person.id, 'kitchen')),
      ],
      ['its application', async () => void (await house.applications.remove('kitchen'))],
    ]
    for (const [what, end] of ends) {
      it(`${what}: at once where it is known`, async () => {
        const known = await tokensOf(house)
        const { code } = await codeOf(house, { visitor: known.visitor })
        await end()
        await until(async () => expect((await userinfo(house, known.access_token)).status).to.equal(401))
        expect((await redeem(house, code)).status).to.be.oneOf([400, 401])
        expect(await stored()).to.equal(0)
      })

      it(`${what}: elsewhere after half a second at the latest, and nothing of it lasts`, async () => {
        const twin: DeafTwin = await openDeafTwin(house, { now })
        try {
          const [early, late] = [await codeOf(house), await codeOf(house)]
          twin.stopHearing()
          await end()
          const given = await redeem(house, early.code, { at: twin.url })
          ahead = LATER
          const refused = await redeem(house, late.code, { at: twin.url })
          // An application is known until its removal is heard; then nothing of it is good.
          if (what !== 'its application') expect(refused.json.error).to.equal('invalid_grant')
          if (given.status === 200) {
            const again = await refresh(house, String(given.json.refresh_token))
            expect(again.status).to.be.oneOf([400, 401])
          }
          twin.hear()
          await until(async () => {
            if (given.status !== 200) return
            const seen = await send(house, '/me', {
              at: twin.url,
              headers: { authorization: `Bearer ${given.json.access_token}` },
            })
            expect(seen.status).to.equal(401)
          })
        } finally {
          await twin.stop()
        }
      })
    }
  })
}

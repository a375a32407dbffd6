import { expect } from 'chai'
import { sessionCollection } from '../../src/accounts/accounts.ts'
import { engines } from '../support/engines.ts'
import { signInToAccount } from '../support/resident.ts'
import { addOnce, changePassword, LATER, ONCE, offlineCode, redeemOnce } from './codes.ts'
import { openDeafTwin } from './deaf-twin.ts'
import {
  type Answer,
  basic,
  codeOf,
  type House,
  openHouse,
  openTwin,
  redeem,
  refresh,
  send,
  tokensOf,
  userinfo,
} from './house.ts'

for (const engine of engines()) {
  describe(`O03 a code that is spent stays so (${engine.name})`, function () {
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

    /** When the list has forgotten the grant. */
    async function refreshMuchLater({ json }: Answer): Promise<Answer> {
      ahead = 60 * 60_000
      const later = await openTwin(house, { now })
      try {
        return await refresh(house, String(json.refresh_token), later.url)
      } finally {
        await later.stop()
      }
    }

    it('when its tokens are revoked, whichever', async () => {
      for (const which of ['access_token', 'refresh_token'] as const) {
        const made = await tokensOf(house)
        const headers = basic('kitchen', house.cast.secret)
        await send(house, '/token/revocation', { form: { token: made[which] }, headers })
        for (const age of [0, LATER]) {
          ahead = age
          expect((await redeem(house, made.code)).json.error, `${which} ${age}`).to.equal('invalid_grant')
        }
        expect((await refresh(house, made.refresh_token)).json.error, which).to.equal('invalid_grant')
        ahead = 0
      }
    })

    it('when the access token is revoked where there are no refresh tokens', async () => {
      const { code } = await codeOf(house, { extra: ONCE })
      const { json } = await redeemOnce(house, code)
      await send(house, '/token/revocation', { form: { token: String(json.access_token), ...ONCE } })
      expect((await userinfo(house, String(json.access_token))).status).to.equal(401)
      for (const age of [0, LATER]) {
        ahead = age
        expect((await redeemOnce(house, code)).json.error, String(age)).to.equal('invalid_grant')
      }
    })

    for (const [where, state] of [
      ['sealed', 'a-state'],
      ['stored', 's'.repeat(1_200)],
    ] as const) {
      it(`when its application may have refresh tokens no more, or from now on (${where})`, async () => {
        const kitchen = await house.applications.get('kitchen')
        if (!kitchen) throw new Error('no kitchen')
        for (const grants of [['authorization_code'], ['authorization_code', 'refresh_token']]) {
          const { code } = await codeOf(house, { extra: { state } })
          expect((await redeem(house, code)).status).to.equal(200)
          await house.applications.put({ ...kitchen, grants }, 'test')
          expect((await redeem(house, code)).json.error, grants.join(' ')).to.equal('invalid_grant')
        }
      })
    }

    it('when its refresh tokens are over before it is', async () => {
      await house.stop()
      const { lifetimes } = house.config
      house = await openHouse(engine, {
        realHashes: false,
        now,
        config: { lifetimes: { ...lifetimes, refreshToken: 10 } },
      })
      const { code } = await tokensOf(house)
      ahead = 11_000
      expect((await redeem(house, code)).json.error).to.equal('invalid_grant')
    })

    it('elsewhere, where the revocation of its refresh token is not heard of, and nothing of it lasts', async () => {
      const resident = await signInToAccount(house)
      const twin = await openDeafTwin(house, { now })
      const headers = basic('kitchen', house.cast.secret)
      try {
        for (const age of [0, LATER]) {
          const codes = [
            (await codeOf(house, { visitor: resident })).code,
            await offlineCode(house, resident),
          ]
          for (const code of codes) {
            const { json } = await redeem(house, code)
            twin.stopHearing()
            await send(house, '/token/revocation', { form: { token: String(json.refresh_token) }, headers })
            ahead = age
            const given = await redeem(house, code, { at: twin.url })
            twin.hear()
            expect((await refreshMuchLater(given)).json.error, `${age}`).to.equal('invalid_grant')
            ahead = 0
          }
        }
      } finally {
        await twin.stop()
      }
    })

    it('elsewhere, where it is not heard that another refresh token of its grant was a copy', async () => {
      const twin = await openDeafTwin(house, { now })
      try {
        const copied = await tokensOf(house)
        const made = await tokensOf(house, { visitor: copied.visitor })
        const second = await refresh(house, copied.refresh_token)
        await refresh(house, String(second.json.refresh_token))
        twin.stopHearing()
        expect((await refresh(house, copied.refresh_token)).json.error).to.equal('invalid_grant')
        ahead = LATER
        expect((await redeem(house, made.code, { at: twin.url })).json.error).to.equal('invalid_grant')
        twin.hear()
      } finally {
        await twin.stop()
      }
    })

    it('and who shows it again while its session ends hears no more than that', async () => {
      const { code } = await tokensOf(house)
      const [session] = await house.store.collection(sessionCollection).find({ person: house.cast.person.id })
      if (!session) throw new Error('no session')
      const { batch } = house.store
      house.store.batch = async (writes, o) => {
        house.store.batch = batch
        await house.oidc.endings.endSession(session)
        return batch(writes, o)
      }
      const again = await redeem(house, code)
      expect([again.status, again.json.error]).to.deep.equal([400, 'invalid_grant'])
      expect(house.store.batch, 'the session ended').to.equal(batch)
    })

    it('when a new password ends what outlives sessions', async () => {
      const resident = await signInToAccount(house)
      const code = await offlineCode(house, resident)
      const made = await redeem(house, code)
      expect(made.json.scope).to.include('offline_access')
      await changePassword(resident)
      for (const age of [0, LATER]) {
        ahead = age
        expect((await redeem(house, code)).json.error, String(age)).to.equal('invalid_grant')
      }
    })

    it('elsewhere, where such a password is not heard of, and nothing of it lasts', async () => {
      const twin = await openDeafTwin(house, { now })
      try {
        const resident = await signInToAccount(house)
        const code = await offlineCode(house, resident)
        expect((await redeem(house, code)).status).to.equal(200)
        twin.stopHearing()
        await changePassword(resident)
        const given = await redeem(house, code, { at: twin.url })
        twin.hear()
        expect((await refreshMuchLater(given)).json.error).to.equal('invalid_grant')
      } finally {
        await twin.stop()
      }
    })
  })
}

import { expect } from 'chai'
import { sessionCollection } from '../../src/accounts/accounts.ts'
import { tokenCollection } from '../../src/oidc/token-document.ts'
import { engines } from '../support/engines.ts'
import { type Resident, signInToAccount } from '../support/resident.ts'
import { CALLBACK } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { type DeafTwin, openDeafTwin } from './deaf-twin.ts'
import {
  ADA,
  authUrl,
  basic,
  codeOf,
  type House,
  openHouse,
  openTwin,
  race,
  redeem,
  refresh,
  send,
  token,
  tokensOf,
  userinfo,
  VERIFIER,
} from './house.ts'

/** More than another process may take to hear of an end. */
const LATER = 600

for (const engine of engines()) {
  describe(`O03 O05 a code that says what it is for (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House
    let ahead: number
    const now = () => new Date(Date.now() + ahead)

    beforeEach(async () => {
      ahead = 0
      house = await openHouse(engine, { realHashes: false, now })
      await house.applications.put(
        {
          _id: 'once',
          name: 'Once',
          firstParty: true,
          redirectUris: [CALLBACK],
          kind: 'spa',
          grants: ['authorization_code'],
        },
        'test',
      )
    })
    afterEach(() => house?.stop())

    const stored = () => house.store.collection(tokenCollection).count({})
    const once = { client_id: 'once' }

    function redeemOnce(code: string, at?: string) {
      const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER }
      return token(house, { ...form, ...once }, {}, at)
    }

    async function offlineCode(resident: Resident): Promise<string> {
      const extra = { scope: 'openid offline_access', prompt: 'consent' }
      const page = await resident.get(authUrl(house, extra))
      const after = page.leaves ? page : await resident.submit(page, {}, 'consent')
      return new URL(String(after.leaves)).searchParams.get('code') ?? ''
    }

    /** Nothing but the session goes on in which it is changed. */
    async function changePassword(resident: Resident): Promise<void> {
      const path = '/account/password'
      const fields = { currentPassword: ADA.password, password: 'another-calm-river-at-dawn', others: 'yes' }
      expect((await resident.fill(path, path, fields)).url).to.include('done=password')
    }

    it('is in no store before it is spent, and tells nobody what it says', async () => {
      const { code } = await codeOf(house)
      expect(await stored()).to.equal(0)
      expect(code).to.match(/^[\w.-]{300,1300}$/)
      const bytes = Buffer.from(code.slice(code.indexOf('.') + 1), 'base64url')
      for (const word of ['kitchen', house.cast.person.id, 'openid', '127.0.0.1'])
        expect(bytes.includes(word), word).to.equal(false)
      expect((await redeem(house, code)).status).to.equal(200)
      expect(await stored()).to.equal(1)
    })

    it('is stored where the address would be too long', async () => {
      const { code } = await codeOf(house, { extra: { state: 's'.repeat(1_200) } })
      expect([code.length, await stored()]).to.deep.equal([43, 1])
      const answers = await race(5, () => redeem(house, code))
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
    })

    it('every spelling of it is the same code', async () => {
      const { code } = await codeOf(house)
      const spellings = [
        code,
        `${code}=`,
        `${code}\n`,
        code.replaceAll('-', '+').replaceAll('_', '/'),
        `${code}!`,
      ]
      const answers = await race(spellings.length, (at) => redeem(house, spellings[at] ?? ''))
      expect(answers.filter(({ status }) => status === 200)).to.have.length(1)
    })

    it('is not made by whoever has MAITRED_SECRET alone, nor for another purpose', async () => {
      const { code } = await codeOf(house)
      const last = code.at(-9) === 'A' ? 'B' : 'A'
      const made = {
        payload: { jti: 'x', grantId: 'g', accountId: house.cast.person.id, clientId: 'kitchen' },
        grant: {},
        at: Date.now(),
        ttl: 60,
        rev: 0,
      }
      for (const forged of [
        house.vault.sealValue(`authorization-code of ${house.url}`, made),
        code.slice(0, -9) + last + code.slice(-8),
        code.slice(0, -1),
        code.slice(3),
      ]) {
        const answer = await redeem(house, forged)
        expect([answer.status, answer.json.error]).to.deep.equal([400, 'invalid_grant'])
      }
      expect((await redeem(house, code)).status).to.equal(200)
    })

    it('is good at its issuer alone, also where another has the same store', async () => {
      const url = 'http://127.0.0.1:39998'
      const other = await openTwin({ ...house, config: { ...house.config, issuer: url } }, { now })
      try {
        const { code } = await codeOf(house)
        const form = {
          grant_type: 'authorization_code',
          code,
          redirect_uri: CALLBACK,
          code_verifier: VERIFIER,
        }
        const { json } = await token({ url }, form, basic('kitchen', house.cast.secret), other.url)
        expect(json.error).to.equal('invalid_grant')
        expect((await redeem(house, code)).status).to.equal(200)
      } finally {
        await other.stop()
      }
    })

    it('is good for its application alone, with its verifier and its address, and none of these spends it', async () => {
      const { code } = await codeOf(house)
      expect((await redeemOnce(code)).json.error).to.equal('invalid_grant')
      for (const extra of [{ code_verifier: 'x'.repeat(43) }, { redirect_uri: 'https://elsewhere.example/' }])
        expect((await redeem(house, code, { extra })).json.error).to.equal('invalid_grant')
      expect(await stored()).to.equal(0)
      expect((await redeem(house, code)).status).to.equal(200)
    })

    it('ends after its minute', async () => {
      const { code } = await codeOf(house)
      ahead = 61_000
      expect((await redeem(house, code)).json.error).to.equal('invalid_grant')
    })

    it('DC-4: outlives a rotation of the keys, in every process', async () => {
      const twin = await openTwin(house, { now })
      try {
        const codes = [await codeOf(house), await codeOf(house)]
        await house.keys.rotate()
        expect((await redeem(house, codes[0]?.code ?? '')).status).to.equal(200)
        expect((await redeem(house, codes[1]?.code ?? '', { at: twin.url })).status).to.equal(200)
        const { code } = await codeOf(house)
        expect((await redeem(house, code, { at: twin.url })).status).to.equal(200)
      } finally {
        await twin.stop()
      }
    })

    it('O03 without refresh tokens: one of 50 redeems it, and the others take back what it gave', async () => {
      const twin = await openTwin(house, { now })
      try {
        const { code } = await codeOf(house, { extra: once })
        const answers = await race(50, (at) => redeemOnce(code, at % 2 ? twin.url : house.url))
        const [won, ...more] = answers.filter(({ status }) => status === 200)
        expect(more).to.deep.equal([])
        const lost = answers.filter(({ json }) => json.error === 'invalid_grant')
        expect(lost).to.have.length(49)
        await until(async () =>
          expect((await userinfo(house, String(won?.json.access_token))).status).to.equal(401),
        )
        ahead = LATER
        expect((await redeemOnce(code)).json.error).to.equal('invalid_grant')
      } finally {
        await twin.stop()
      }
    })

    describe('once spent it stays so', () => {
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
        const { code } = await codeOf(house, { extra: once })
        const { json } = await redeemOnce(code)
        await send(house, '/token/revocation', { form: { token: String(json.access_token), ...once } })
        expect((await userinfo(house, String(json.access_token))).status).to.equal(401)
        for (const age of [0, LATER]) {
          ahead = age
          expect((await redeemOnce(code)).json.error, String(age)).to.equal('invalid_grant')
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
            const codes = [(await codeOf(house, { visitor: resident })).code, await offlineCode(resident)]
            for (const code of codes) {
              const { json } = await redeem(house, code)
              twin.stopHearing()
              await send(house, '/token/revocation', { form: { token: String(json.refresh_token) }, headers })
              ahead = age
              const given = await redeem(house, code, { at: twin.url })
              twin.hear()
              // By then the list has forgotten the grant.
              ahead = 60 * 60_000
              const later = await openTwin(house, { now })
              const again = await refresh(house, String(given.json.refresh_token), later.url)
              await later.stop()
              expect(again.json.error, `${age}`).to.equal('invalid_grant')
              ahead = 0
            }
          }
        } finally {
          await twin.stop()
        }
      })

      it('elsewhere, where such a password is not heard of, and nothing of it lasts', async () => {
        const twin = await openDeafTwin(house, { now })
        try {
          const resident = await signInToAccount(house)
          const code = await offlineCode(resident)
          expect((await redeem(house, code)).status).to.equal(200)
          twin.stopHearing()
          await changePassword(resident)
          const given = await redeem(house, code, { at: twin.url })
          twin.hear()
          // By then the list has forgotten the grant.
          ahead = 60 * 60_000
          const later = await openTwin(house, { now })
          const again = await refresh(house, String(given.json.refresh_token), later.url)
          await later.stop()
          expect(again.json.error).to.equal('invalid_grant')
        } finally {
          await twin.stop()
        }
      })

      it('when a new password ends what outlives sessions', async () => {
        const resident = await signInToAccount(house)
        const code = await offlineCode(resident)
        const made = await redeem(house, code)
        expect(made.json.scope).to.include('offline_access')
        await changePassword(resident)
        for (const age of [0, LATER]) {
          ahead = age
          expect((await redeem(house, code)).json.error, String(age)).to.equal('invalid_grant')
        }
      })
    })

    describe('S04 ends with what it stands for', () => {
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
      it('its session, which served one more application while it was ended', async () => {
        const { visitor } = await tokensOf(house)
        const [session] = await house.store
          .collection(sessionCollection)
          .find({ person: house.cast.person.id })
        if (!session) throw new Error('no session')
        const { batch } = house.store
        let code = ''
        house.store.batch = async (writes, o) => {
          house.store.batch = batch
          code = (await codeOf(house, { visitor, extra: once })).code
          return batch(writes, o)
        }
        await house.oidc.endings.endSession(session)
        expect((await redeemOnce(code)).json.error).to.equal('invalid_grant')
        expect(await house.store.collection(sessionCollection).count({})).to.equal(0)
      })

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
  })
}

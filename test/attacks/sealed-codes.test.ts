import { expect } from 'chai'
import { tokenCollection } from '../../src/oidc/token-document.ts'
import { engines } from '../support/engines.ts'
import { signInToAccount } from '../support/resident.ts'
import { CALLBACK } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { addOnce, LATER, ONCE, offlineCode, redeemOnce } from './codes.ts'
import {
  basic,
  codeOf,
  type House,
  openHouse,
  openTwin,
  race,
  redeem,
  token,
  userinfo,
  VERIFIER,
} from './house.ts'

for (const engine of engines()) {
  describe(`O03 O05 a code that says what it is for (${engine.name})`, function () {
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

    it('is good though its application has asked again meanwhile, for more, for less, and for another sign-in', async () => {
      const resident = await signInToAccount(house)
      const ask = async (extra: Record<string, string>) =>
        (await codeOf(house, { visitor: resident, extra })).code
      const codes = [
        await ask({}),
        await offlineCode(house, resident),
        await ask({ scope: 'openid email' }),
        await offlineCode(house, resident),
        await ask({ prompt: 'login' }),
      ]
      ahead = LATER
      for (const [at, code] of codes.entries())
        expect((await redeem(house, code)).status, String(at)).to.equal(200)
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
      expect((await redeemOnce(house, code)).json.error).to.equal('invalid_grant')
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
        const { code } = await codeOf(house, { extra: ONCE })
        const answers = await race(50, (at) => redeemOnce(house, code, at % 2 ? twin.url : house.url))
        const [won, ...more] = answers.filter(({ status }) => status === 200)
        expect(more).to.deep.equal([])
        const lost = answers.filter(({ json }) => json.error === 'invalid_grant')
        expect(lost).to.have.length(49)
        await until(async () =>
          expect((await userinfo(house, String(won?.json.access_token))).status).to.equal(401),
        )
        ahead = LATER
        expect((await redeemOnce(house, code)).json.error).to.equal('invalid_grant')
      } finally {
        await twin.stop()
      }
    })
  })
}

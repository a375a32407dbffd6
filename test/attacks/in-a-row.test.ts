import { expect } from 'chai'
import { readDocument } from '../../src/admin/admin.ts'
import { engines } from '../support/engines.ts'
import { PASSWORD } from '../support/restaurant.ts'
import { createVisitor, textOf } from '../support/visitor.ts'
import { type Answer, authUrl, codeOf, type House, login, openHouse, resetLink } from './house.ts'

const WRONG = 'a-wrong-password-of-good-length'
const QUARTER = 15 * 60_000

for (const engine of engines()) {
  describe(`B01 a hundred failures in a row are the most, over days (${engine.name})`, function () {
    this.timeout(120_000)
    let house: House
    let time = 0

    beforeEach(async () => {
      time = Date.now()
      house = await openHouse(engine, { now: () => new Date(time) })
      await house.accounts.create({
        email: 'carla@example.com',
        emailVerified: true,
        username: 'carla',
        phone: '+49301234567',
        password: PASSWORD,
      })
    })
    afterEach(() => house?.stop())

    const tryAs = (identifier: string, password = WRONG, cookie = ''): Promise<Answer> =>
      login(house, { identifier, password, cookie: true }, { headers: { ...(cookie && { cookie }) } })

    /** A patient stranger: below every limit of a quarter of an hour, for a week. Returns how often they were judged. */
    async function guess(identifier: string, cookie = '', rounds = 30): Promise<number> {
      let judged = 0
      for (let round = 0; round < rounds; round += 1) {
        const { status } = await tryAs(identifier, WRONG, cookie)
        if (status === 401) judged += 1
        else expect(status).to.equal(429)
        time += QUARTER + 1_000
      }
      return judged
    }
    const devicesOf = ({ headers }: Answer): string =>
      (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')

    it('by all names of an account and on its own devices together; the known device lets the owner in before', async () => {
      const cookie = devicesOf(await tryAs('carla', PASSWORD))
      let judged = 0
      for (const identifier of ['carla@example.com', 'carla', '+49 30 1234567'])
        judged += await guess(identifier)
      expect(judged).to.equal(75)
      expect((await tryAs('carla', PASSWORD)).status).to.equal(429)
      expect((await tryAs('carla', PASSWORD, cookie)).status).to.equal(200)
      judged += await guess('carla', cookie)
      expect(judged).to.equal(100)
      expect((await tryAs('carla', PASSWORD, cookie)).status).to.equal(429)
    })

    it('whether or not there is such an account; and then it is said what helps, for nobody waits for days', async () => {
      const identifiers = ['nobody@example.com', 'carla@example.com']
      const judged = [await guess('nobody@example.com'), await guess('carla@example.com')]
      expect(judged[0]).to.equal(judged[1])
      for (const identifier of identifiers) {
        const visitor = createVisitor(house.url)
        const page = await visitor.get(authUrl(house))
        const refused = await visitor.submit(page, { identifier, password: WRONG }, 'sign-in')
        expect(refused.status).to.equal(429)
        expect(textOf(refused.html)).to.include('A new password, by “Forgot your password?”, helps at once')
        expect((await tryAs(identifier)).json.detail).to.include('A new password')
      }
    })

    it('a success begins anew', async () => {
      expect(await guess('carla', '', 20)).to.equal(20)
      expect((await tryAs('carla', PASSWORD)).status).to.equal(200)
      expect(await guess('carla', '', 20)).to.equal(20)
    })

    it('whoever proves the address and sets a password is let in again', async () => {
      await guess('carla@example.com')
      await guess('carla')
      const visitor = createVisitor(house.url)
      const link = await resetLink(house, 'carla@example.com', visitor)
      const next = 'another-calm-river-at-dawn'
      expect((await visitor.submit(await visitor.get(link), { password: next })).status).to.equal(200)
      for (const identifier of ['carla@example.com', 'carla'])
        expect((await tryAs(identifier, next)).status).to.equal(200)
    })

    it('B03: and stays so where they did, however strangers go on', async () => {
      const visitor = createVisitor(house.url)
      const password = 'another-calm-river-at-dawn'
      await visitor.submit(await visitor.get(await resetLink(house, 'carla@example.com', visitor)), {
        password,
      })
      await guess('carla@example.com')
      expect((await tryAs('carla@example.com', password)).status).to.equal(429)
      const as = { identifier: 'carla@example.com', password }
      expect((await codeOf(house, { visitor, as })).code).to.be.a('string')
    })

    it('so does a password that an operator gives', async () => {
      await guess('carla')
      const next = 'another-calm-river-at-dawn'
      await house.desiredState.apply(readDocument(`people:\n  - username: carla\n    password: ${next}\n`))
      expect((await tryAs('carla', next)).status).to.equal(200)
    })

    it('and a second factor is guessed no more often', async () => {
      const secret = 'KVKF CRCP NZQU YMLX OVYD SQKJ KZDT SRLD'
      await house.desiredState.apply(readDocument(`people:\n  - username: carla\n    totp: ${secret}\n`))
      let judged = 0
      for (let round = 0; round < 40; round += 1) {
        const begun = await tryAs('carla', PASSWORD)
        expect(begun.json.code ?? begun.text).to.include('mfa_required')
        const answer = await login(house, { mfa_token: begun.json.mfa_token, code: '000000' })
        if (answer.status !== 429) judged += 1
        time += QUARTER + 1_000
      }
      expect(judged).to.equal(25)
    })

    it('M04: nor for whoever reads the mails, however many passwords they set', async () => {
      const secret = 'KVKF CRCP NZQU YMLX OVYD SQKJ KZDT SRLD'
      await house.desiredState.apply(readDocument(`people:\n  - username: carla\n    totp: ${secret}\n`))
      let judged = 0
      let password = PASSWORD
      for (let mails = 0; mails < 5; mails += 1) {
        for (let round = 0; round < 3; round += 1) {
          const { json } = await tryAs('carla', password)
          for (let code = 0; code < 10; code += 1) {
            const answer = await login(house, { mfa_token: json.mfa_token, code: '000000' })
            if (answer.status !== 429) judged += 1
          }
          time += QUARTER + 1_000
        }
        time += 4 * QUARTER
        const visitor = createVisitor(house.url)
        const page = await visitor.get(await resetLink(house, 'carla@example.com', visitor))
        password = `another-calm-river-at-dawn-${mails}`
        expect((await visitor.submit(page, { password })).status).to.equal(200)
      }
      expect(judged).to.equal(100)
      // An operator knows whose account it is.
      await house.desiredState.apply(
        readDocument('people:\n  - username: carla\n    password: a-calm-river-by-night\n'),
      )
      const { json } = await tryAs('carla', 'a-calm-river-by-night')
      expect((await login(house, { mfa_token: json.mfa_token, code: '000000' })).status).to.equal(422)
    })
  })
}

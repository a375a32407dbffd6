import { randomUUID } from 'node:crypto'
import { expect } from 'chai'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { generateSecret, generateSync } from 'otplib'
import { readDocument } from '../../src/admin/admin.ts'
import { engines } from '../support/engines.ts'
import { PASSWORD } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor, formsIn, textOf } from '../support/visitor.ts'
import {
  ADA,
  authUrl,
  basic,
  codeOf,
  DEVICE,
  type House,
  login,
  openHouse,
  openTwin,
  race,
  redeem,
  refresh,
  resetLink,
  send,
  signUp,
  token,
  tokensOf,
  userinfo,
} from './house.ts'

for (const engine of engines()) {
  describe(`what is over stays over (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House
    let ahead: number

    beforeEach(async () => {
      ahead = 0
      house = await openHouse(engine, { realHashes: false, now: () => new Date(Date.now() + ahead) })
    })
    afterEach(() => house?.stop())

    /** An instance that knows nothing but what is stored. */
    async function afterRestart<T>(look: (at: string) => Promise<T>): Promise<T> {
      const twin = await openTwin(house)
      try {
        return await look(twin.url)
      } finally {
        await twin.stop()
      }
    }

    it('F11 Keycloak 3: what was revoked is revoked after a restart', async () => {
      const ended = await tokensOf(house)
      const leave = await ended.visitor.get(`${house.url}/session/end?id_token_hint=${ended.id_token}`)
      await ended.visitor.submit(leave, { logout: 'yes' }, 'session/end')
      const revoked = await tokensOf(house)
      const headers = basic('kitchen', house.cast.secret)
      for (const value of [revoked.access_token, revoked.refresh_token])
        await send(house, '/token/revocation', { form: { token: value }, headers })
      const reused = await tokensOf(house)
      const second = await refresh(house, reused.refresh_token)
      const third = await refresh(house, String(second.json.refresh_token))
      await refresh(house, reused.refresh_token)
      await afterRestart(async (at) => {
        for (const gone of [
          ended.refresh_token,
          revoked.refresh_token,
          reused.refresh_token,
          String(third.json.refresh_token),
        ])
          expect((await refresh(house, gone, at)).json.error).to.equal('invalid_grant')
        for (const gone of [
          ended.access_token,
          revoked.access_token,
          reused.access_token,
          third.json.access_token,
        ]) {
          const bearer = { authorization: `Bearer ${gone}` }
          expect((await send(house, '/me', { at, headers: bearer })).status).to.equal(401)
          expect((await login(house, {}, { at, headers: bearer })).status).to.equal(401)
          const seen = await send(house, '/token/introspection', {
            at,
            form: { token: String(gone) },
            headers,
          })
          expect(seen.json).to.deep.equal({ active: false })
        }
        for (const { code } of [ended, revoked, reused])
          expect((await redeem(house, code, { at })).json.error).to.equal('invalid_grant')
      })
    })

    it('F11: used steps, links and proofs stay used, and limits stay counted', async () => {
      const totp = generateSecret()
      await house.desiredState.apply(
        readDocument(`people:\n  - email: otto@example.com\n    password: ${PASSWORD}\n    totp: ${totp}\n`),
      )
      const otto = { ...ADA, identifier: 'otto@example.com' }
      const code = generateSync({ secret: totp })
      const { mfa_token } = (await login(house, otto)).json
      expect((await login(house, { mfa_token, code })).status).to.equal(200)
      const link = await resetLink(house, 'ada@example.com')
      const visitor = createVisitor(house.url)
      const page = await visitor.get(link)
      await visitor.submit(page, { password: 'another-calm-river-at-dawn' })
      const { privateKey, publicKey } = await generateKeyPair('ES256')
      const jwk = await exportJWK(publicKey)
      const dpop = await new SignJWT({ jti: randomUUID(), htm: 'POST', htu: `${house.url}/token` })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .setIssuedAt()
        .sign(privateKey)
      const headers = { ...basic('robot', house.cast.machineSecret), dpop }
      expect((await token(house, { grant_type: 'client_credentials' }, headers)).status).to.equal(200)
      await race(25, () => login(house, { ...ADA, password: 'a-wrong-password-of-good-length' }))
      await afterRestart(async (at) => {
        const again = (await login(house, otto, { at })).json.mfa_token
        expect((await login(house, { mfa_token: again, code }, { at })).status).to.equal(422)
        const opened = await send(house, `/reset-password${new URL(link).search}`, { at })
        expect(opened.status).to.equal(410)
        expect((await token(house, { grant_type: 'client_credentials' }, headers, at)).status).to.equal(400)
        expect((await login(house, ADA, { at })).status).to.equal(429)
      })
    })

    it('ZITADEL 37 better-auth 56: who is deleted and comes back has nothing of before', async () => {
      const gone = { identifier: 'gone@example.com', password: PASSWORD }
      const before = await house.accounts.create({
        email: gone.identifier,
        emailVerified: true,
        password: PASSWORD,
      })
      const { visitor, access_token, refresh_token } = await tokensOf(house, { as: gone })
      const direct = (await login(house, gone)).json.access_token
      const { code } = await codeOf(house, { visitor })
      const other = await tokensOf(house, { as: gone })
      const link = await resetLink(house, gone.identifier)
      const page = await visitor.get(`${house.url}/account/data`)
      const form = formsIn(page.html).find(({ action }) => action.includes('delete'))
      const done = await visitor.submit(page, { confirm: 'yes' }, String(form?.action))
      expect(done.status, textOf(done.html)).to.equal(200)
      expect(await house.accounts.find(before._id)).to.equal(undefined)
      const after = await house.accounts.create({
        email: gone.identifier,
        emailVerified: true,
        password: PASSWORD,
      })
      expect(after._id).not.to.equal(before._id)
      await until(async () => {
        for (const bearer of [access_token, other.access_token, String(direct)]) {
          expect((await userinfo(house, bearer)).status).to.equal(401)
          const headers = { authorization: `Bearer ${bearer}` }
          expect((await login(house, {}, { headers })).status).to.equal(401)
        }
      }, 1_000)
      for (const value of [refresh_token, other.refresh_token])
        expect((await refresh(house, value)).json.error).to.equal('invalid_grant')
      expect((await redeem(house, code)).json.error).to.equal('invalid_grant')
      for (const browser of [visitor, other.visitor]) {
        const silent = await browser.get(authUrl(house, { prompt: 'none' }))
        expect(silent.leaves).to.include('error=login_required')
      }
      expect((await createVisitor(house.url).get(link)).status).to.equal(410)
    })

    it('R03: a newer link, a new password and a new address void the older link', async () => {
      const first = await resetLink(house, 'ada@example.com')
      const second = await resetLink(house, 'ada@example.com')
      const visitor = createVisitor(house.url)
      expect((await visitor.get(first)).status).to.equal(410)
      const page = await visitor.get(second)
      const person = await house.accounts.find(house.cast.person.id)
      if (!person) throw new TypeError('no Ada')
      await house.accounts.changeEmail(person, 'ada.rossi@example.com')
      expect((await visitor.submit(page, { password: 'another-calm-river-at-dawn' })).status).to.equal(410)
      const third = await resetLink(house, 'ada.rossi@example.com')
      await house.accounts.setPassword(person, 'yet-another-calm-river')
      expect((await visitor.get(third)).status).to.equal(410)
    })

    it('R02 O04 M12: what is on its way dies of age', async () => {
      const minutes = 60_000
      const visitor = createVisitor(house.url)
      const { code } = await codeOf(house)
      const link = await resetLink(house, 'ada@example.com')
      const begun = await signUp(house, 'ina@example.com')
      const device = await send(house, '/device/auth', { form: { client_id: 'tv', scope: 'openid' } })
      ahead = 61_000
      expect((await redeem(house, code)).json.error).to.equal('invalid_grant')
      ahead = 29 * minutes
      expect((await visitor.get(link)).status).to.equal(200)
      ahead = 31 * minutes
      expect((await visitor.get(link)).status).to.equal(410)
      const { status } = await begun.visitor.submit(begun.page, { code: begun.code }, 'verify')
      expect(await house.accounts.findByIdentifier('ina@example.com'), String(status)).to.equal(undefined)
      const form = { grant_type: DEVICE, client_id: 'tv', device_code: String(device.json.device_code) }
      expect((await token(house, form)).json.error).to.be.oneOf(['expired_token', 'invalid_grant'])
    })

    it('R06: opening a link, as scanners do, uses up nothing', async () => {
      const link = await resetLink(house, 'ada@example.com')
      const path = link.slice(house.url.length)
      for (const method of ['GET', 'HEAD', 'GET']) {
        const answer = await send(house, path, { method })
        expect(answer.status).to.equal(200)
        expect(answer.headers['referrer-policy']).to.equal('no-referrer')
        expect(answer.headers['cache-control']).to.include('no-store')
      }
      const visitor = createVisitor(house.url)
      const done = await visitor.submit(await visitor.get(link), { password: 'another-calm-river-at-dawn' })
      expect(done.status).to.equal(200)
      // R04: it does not sign in.
      expect((await visitor.get(authUrl(house, { prompt: 'none' }))).leaves).to.include('login_required')
    })
  })
}

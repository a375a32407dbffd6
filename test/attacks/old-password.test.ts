import { expect } from 'chai'
import { generateSync } from 'otplib'
import { type SessionDocument, sessionCollection } from '../../src/accounts/accounts.ts'
import { tokenCollection } from '../../src/oidc/token-document.ts'
import { builtInFactors } from '../../src/plugins/plugins.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'
import { signInToAccount } from '../support/resident.ts'
import { API, CALLBACK, PASSWORD } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor, type Page, type Visitor } from '../support/visitor.ts'
import { openDeafTwin } from './deaf-twin.ts'
import {
  ADA,
  authUrl,
  basic,
  codeOf,
  DEVICE,
  type House,
  login,
  openHouse,
  redeem,
  refresh,
  resetLink,
  send,
  signUp,
  token,
  tokensOf,
  userinfo,
} from './house.ts'

const NEW = 'another-calm-river-at-dawn'
const NEWER = 'a-third-lantern-in-the-fog'
const TOTP = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const PAGE = '/account/password'

for (const engine of engines()) {
  describe(`R04 S04 a session that the old password made after the change (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House
    let batch: Store['batch']

    beforeEach(async () => {
      house = await openHouse(engine, { realHashes: false })
      batch = house.store.batch
    })
    afterEach(() => house?.stop())

    /** The owner, in a session of theirs, and what an application has of it. */
    async function owner() {
      const resident = await signInToAccount(house)
      const { access_token, refresh_token } = await tokensOf(house, { visitor: resident })
      const change = async (fields: Record<string, string> = {}, currentPassword = PASSWORD) => {
        const done = await resident.fill(PAGE, PAGE, { currentPassword, password: NEW, ...fields })
        expect(done.url).to.include('done=password')
      }
      return { resident, access_token, refresh_token, change }
    }

    async function reset(): Promise<void> {
      const visitor = createVisitor(house.url)
      const form = await visitor.get(await resetLink(house, ADA.identifier))
      expect((await visitor.submit(form, { password: NEW })).status).to.equal(200)
    }

    /** What the old password opens when it is changed between its proof and what the sign-in writes. */
    async function signInAround(change: () => Promise<void>, extra = {}, visitor = createVisitor(house.url)) {
      const page = await visitor.get(authUrl(house, extra))
      house.store.batch = async (writes, o) => {
        const isIt = writes.some(({ in: { name } }) => name === sessionCollection.name)
        if (!isIt) return batch(writes, o)
        house.store.batch = batch
        await change()
        return batch(writes, o)
      }
      const after = await visitor.submit(page, ADA, 'sign-in')
      expect(house.store.batch, 'nothing was changed').to.equal(batch)
      const code = after.leaves && new URL(after.leaves).searchParams.get('code')
      return { visitor, after, code: code ?? '' }
    }

    async function expectSignedOut(visitor: Visitor): Promise<void> {
      const silent = await visitor.get(authUrl(house, { prompt: 'none' }))
      expect(silent.leaves).to.include('error=login_required')
      for (const path of ['/account/profile', PAGE, '/account/sessions'])
        expect((await visitor.get(house.url + path)).url, path).to.include('/flow/')
    }

    const isActive = async (token: string, at: string): Promise<boolean> => {
      const headers = basic('kitchen', house.cast.secret)
      const { text } = await send(house, '/token/introspection', { form: { token }, headers, at })
      return (JSON.parse(text) as { active: boolean }).active
    }

    const sessionsOf = (match = {}): Promise<SessionDocument[]> =>
      house.store.collection(sessionCollection).find({ person: house.cast.person.id, ...match })

    const changes: [string, (by: Awaited<ReturnType<typeof owner>>) => Promise<void>][] = [
      ['a reset', reset],
      ['a change that ends the others', ({ change }) => change({ others: 'yes' })],
      ['a change that leaves the others', ({ change }) => change()],
    ]
    for (const [what, change] of changes) {
      it(`opens nothing: ${what}`, async () => {
        const by = await owner()
        const { visitor, code } = await signInAround(() => change(by))
        expect(code).not.to.equal('')
        expect((await redeem(house, code)).json.error).to.equal('invalid_grant')
        await expectSignedOut(visitor)
        const tokens = house.store.collection(tokenCollection)
        expect(await tokens.count({ kind: 'RefreshToken', passwordSetAt: { $exists: false } })).to.equal(0)
        // By the new one it is a session like any other.
        const again = await tokensOf(house, { visitor, as: { ...ADA, password: NEW } })
        expect((await userinfo(house, again.access_token)).status).to.equal(200)
        expect((await refresh(house, again.refresh_token)).status).to.equal(200)
      })
    }

    it('nor does one that the browser had before, and that was only proved again', async () => {
      const { resident, change } = await owner()
      const { code } = await signInAround(() => change({ others: 'yes' }), { prompt: 'login' }, resident)
      expect((await redeem(house, code)).json.error).to.equal('invalid_grant')
    })

    for (const [what, change] of changes) {
      it(`what a process gave out that had not heard is refused once it has: ${what}`, async () => {
        const by = await owner()
        const twin = await openDeafTwin(house)
        try {
          const known = await codeOf(house)
          expect((await redeem(house, known.code, { at: twin.url })).status).to.equal(200)
          twin.stopHearing()
          const { visitor, code } = await signInAround(() => change(by))
          const given = await redeem(house, code, { at: twin.url })
          expect(given.status, 'it has heard').to.equal(200)
          const { access_token = '', refresh_token = '' } = given.json
          expect(await isActive(access_token, twin.url)).to.equal(true)
          // What goes on is not stopped by what is only known.
          const early = await refresh(house, by.refresh_token, twin.url)
          expect(early.status).to.equal(change === reset ? 400 : 200)
          twin.hear()
          await until(async () => {
            for (const at of [twin.url, house.url]) expect(await isActive(access_token, at)).to.equal(false)
          }, 1_000)
          expect((await userinfo(house, access_token)).status).to.equal(401)
          for (const at of [twin.url, house.url])
            expect((await refresh(house, refresh_token, at)).json.error).to.equal('invalid_grant')
          await expectSignedOut(visitor)
          if (change === reset) return
          for (const at of [twin.url, house.url])
            for (const token of [by.access_token, String(early.json.access_token)])
              expect(await isActive(token, at), 'spared').to.equal(true)
          const next = await refresh(house, String(early.json.refresh_token), twin.url)
          expect(next.status).to.equal(200)
          expect((await refresh(house, String(next.json.refresh_token))).status).to.equal(200)
        } finally {
          await twin.stop()
        }
      })
    }

    it('a change takes along what the old password proved, and nothing that another did', async () => {
      const { resident, access_token, refresh_token, change } = await owner()
      const phone = await tokensOf(house)
      const { visitor } = await signInAround(() => change())
      await change({ password: NEWER }, NEW)
      for (const browser of [resident, phone.visitor]) {
        const silent = await browser.get(authUrl(house, { prompt: 'none' }))
        expect(silent.leaves).to.include('code=')
      }
      for (const token of [access_token, phone.access_token])
        expect((await userinfo(house, token)).status).to.equal(200)
      for (const token of [refresh_token, phone.refresh_token])
        expect((await refresh(house, token)).status).to.equal(200)
      await expectSignedOut(visitor)
    })

    it('nobody is asked again who signed in before sessions knew what proved them', async () => {
      const { resident, refresh_token, change } = await owner()
      const sessions = house.store.collection(sessionCollection)
      const tokens = house.store.collection(tokenCollection)
      for (const { _id } of await sessionsOf())
        await sessions.update({ _id }, { $unset: { passwordSetAt: true } })
      for (const { _id } of await tokens.find({ kind: 'RefreshToken' }))
        await tokens.update({ _id }, { $unset: { passwordSetAt: true } })
      await change({ others: 'yes' })
      expect((await refresh(house, refresh_token)).status).to.equal(200)
      expect((await resident.get(authUrl(house, { prompt: 'none' }))).leaves).to.include('code=')
      const ada = await house.accounts.find(house.cast.person.id)
      expect((await sessionsOf()).map((one) => one.passwordSetAt)).to.deep.equal([ada?.password?.changedAt])
    })

    it('every way to sign in says which password it was', async () => {
      const ada = await house.accounts.find(house.cast.person.id)
      expect((await login(house, ADA)).status).to.equal(200)
      expect((await redeem(house, (await codeOf(house)).code)).status).to.equal(200)
      const { json } = await send(house, '/device/auth', { form: { client_id: 'tv', scope: 'openid' } })
      const visitor = createVisitor(house.url)
      const fields = { user_code: String(json.user_code) }
      const entered = await visitor.submit(await visitor.get(`${house.url}/device`), fields)
      const asked = await visitor.submit(entered, { confirm: 'yes' }, 'device')
      expect((await visitor.submit(asked, ADA, 'sign-in')).html).to.include('connected')
      const poll = { grant_type: DEVICE, client_id: 'tv', device_code: String(json.device_code) }
      expect((await token(house, poll)).status).to.equal(200)
      const given = await house.store.collection(tokenCollection).find({ person: ada?._id ?? '' })
      expect(given.map(({ kind }) => kind).sort()).to.deep.equal([
        'DeviceCode',
        'RefreshToken',
        'RefreshToken',
      ])
      const all = [...(await sessionsOf()), ...given]
      expect(all).to.have.length(6)
      for (const { passwordSetAt } of all) expect(passwordSetAt).to.deep.equal(ada?.password?.changedAt)

      const begun = await signUp(house, 'ina@example.com')
      expect((await begun.visitor.submit(begun.page, { code: begun.code }, 'verify')).leaves).to.include(
        'code=',
      )
      const ina = await house.accounts.findByIdentifier('ina@example.com')
      const [session] = await sessionsOf({ person: String(ina?._id) })
      expect(session?.passwordSetAt).to.be.a('date').that.deep.equals(ina?.password?.changedAt)
    })

    describe('on its way', () => {
      async function enrolled(): Promise<void> {
        const [factor] = builtInFactors({ vault: house.vault })
        const totp = factor.adopt(TOTP, { label: 'Ada', now: new Date() })
        await house.accounts.change(house.cast.person.id, {}, { $set: { totp } })
      }

      /** The page behind the password, and then another password, which nothing here has heard of. */
      async function stoppedAt(step: string, extra = {}): Promise<{ visitor: Visitor; page: Page }> {
        const visitor = createVisitor(house.url)
        const page = await visitor.submit(await visitor.get(authUrl(house, extra)), ADA, 'sign-in')
        expect(page.html).to.include(step)
        const ada = await house.accounts.find(house.cast.person.id)
        if (ada) await house.accounts.setPassword(ada, NEW)
        return { visitor, page }
      }

      /** Another password, between what the step has looked at and what it does. */
      function beforeTheStepChanges(): void {
        const { change } = house.accounts
        house.accounts.change = async (...args) => {
          house.accounts.change = change
          const ada = await house.accounts.find(house.cast.person.id)
          if (ada) await house.accounts.setPassword(ada, NEW)
          return change(...args)
        }
      }

      const mandatory = async () => {
        const shared = { firstParty: true, redirectUris: [CALLBACK], api: API }
        await house.applications.put({ _id: 'safe', name: 'Safe', kind: 'spa', mfa: true, ...shared }, 'test')
        return { client_id: 'safe' }
      }

      it('shows no step behind the password', async () => {
        await enrolled()
        const { visitor, after } = await signInAround(reset)
        expect([after.status, after.leaves]).to.deep.equal([410, undefined])
        await expectSignedOut(visitor)
      })

      it('adds no factor to the account', async () => {
        const { visitor, page } = await stoppedAt('enrolFactor', await mandatory())
        const secret = /id="secret">([A-Z2-7 ]+)</.exec(page.html)?.[1]?.replaceAll(' ', '') ?? ''
        const answer = await visitor.submit(page, { code: generateSync({ secret }) }, 'enrolFactor')
        expect(answer.status).to.equal(410)
        expect((await house.accounts.find(house.cast.person.id))?.totp).to.equal(undefined)
      })

      it('nor where the step had looked before the change', async () => {
        const visitor = createVisitor(house.url)
        const door = await visitor.get(authUrl(house, await mandatory()))
        const page = await visitor.submit(door, ADA, 'sign-in')
        const secret = /id="secret">([A-Z2-7 ]+)</.exec(page.html)?.[1]?.replaceAll(' ', '') ?? ''
        beforeTheStepChanges()
        const answer = await visitor.submit(page, { code: generateSync({ secret }) }, 'enrolFactor')
        expect(answer.status).to.equal(409)
        expect((await house.accounts.find(house.cast.person.id))?.totp).to.equal(undefined)
      })

      it('is made no better by a factor', async () => {
        await enrolled()
        const { visitor, page } = await stoppedAt('secondFactor')
        const answer = await visitor.submit(page, { code: generateSync({ secret: TOTP }) }, 'secondFactor')
        expect([answer.status, answer.leaves]).to.deep.equal([410, undefined])
        await expectSignedOut(visitor)
      })

      it('nor by one that was looked at before the change', async () => {
        await enrolled()
        const visitor = createVisitor(house.url)
        const page = await visitor.submit(await visitor.get(authUrl(house)), ADA, 'sign-in')
        beforeTheStepChanges()
        const answer = await visitor.submit(page, { code: generateSync({ secret: TOTP }) }, 'secondFactor')
        expect(answer.leaves ?? '').not.to.include('code=')
        await expectSignedOut(visitor)
      })
    })
  })
}

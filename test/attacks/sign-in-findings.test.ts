import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { generateSecret, generateSync } from 'otplib'
import { sessionCollection } from '../../src/accounts/accounts.ts'
import { readDocument } from '../../src/admin/admin.ts'
import { builtInFactors } from '../../src/plugins/plugins.ts'
import { engines } from '../support/engines.ts'
import { PASSWORD } from '../support/restaurant.ts'
import { createVisitor, formsIn, textOf, type Visitor } from '../support/visitor.ts'
import {
  ADA,
  authUrl,
  basic,
  codeOf,
  DEVICE,
  type House,
  login,
  openHouse,
  race,
  refresh,
  resetLink,
  send,
  token,
  tokensOf,
  userinfo,
} from './house.ts'

const WRONG = 'a-wrong-password-of-good-length'
const TOTP = generateSecret()
const OTTO = { identifier: 'otto@example.com', password: PASSWORD }
const HOUR = 3_600_000

for (const engine of engines()) {
  describe(`SB-5 what a sign-in counts, proves and tells (${engine.name})`, function () {
    this.timeout(120_000)
    let house: House
    let ahead: number

    beforeEach(async () => {
      ahead = 0
      house = await openHouse(engine, {
        env: { TRUSTED_PROXIES: '127.0.0.0/8' },
        now: () => new Date(Date.now() + ahead),
      })
    })
    afterEach(() => house?.stop())

    /** Where only the count matters, and a slow hash would say busy. */
    function judgeQuickly(): void {
      house.hasher.verify = async (_hash, password) => password === PASSWORD
    }

    const from = (ip: string) => ({ 'x-forwarded-for': ip, 'x-forwarded-proto': 'http' })

    async function addOtto(): Promise<string[]> {
      const { identifier, password } = OTTO
      await house.desiredState.apply(
        readDocument(`people:\n  - email: ${identifier}\n    password: ${password}\n    totp: ${TOTP}\n`),
      )
      const { codes, recovery } = builtInFactors({ vault: house.vault })[1].make(new Date())
      const person = await house.accounts.findByIdentifier(identifier)
      await house.accounts.change(String(person?._id), {}, { $set: { recovery } })
      return codes
    }

    async function subjectsTo(to: string): Promise<string[]> {
      await house.mail.pass()
      return (await house.mail.sent()).filter((sent) => sent.to === to).map(({ subject }) => subject)
    }

    const wrongAt = (identifier: string, ip: string, headers = {}) =>
      login(house, { identifier, password: WRONG }, { headers: { ...from(ip), ...headers } })

    it('counts user codes however their page is spelt', async () => {
      const visitor = createVisitor(house.url)
      let { html } = await visitor.get(`${house.url}/device`)
      const statuses = new Set<number>()
      for (let time = 0; time < 31; time += 1) {
        const answer = await visitor.request(`${house.url}${['/Device', '/device/', '/DEVICE/'][time % 3]}`, {
          method: 'POST',
          headers: { origin: house.url },
          body: new URLSearchParams({ ...formsIn(html)[0]?.hidden, user_code: 'BCDF-GHJK' }),
        })
        html = await answer.text()
        statuses.add(answer.status)
      }
      expect([...statuses]).to.deep.equal([400, 429])
      expect(house.lines.join()).not.to.include('the protocol failed')
    })

    it('takes the proof of a first factor once, and not after another password', async () => {
      const [recovery = ''] = await addOtto()
      const before = (await login(house, OTTO)).json.mfa_token
      const person = await house.accounts.findByIdentifier(OTTO.identifier)
      if (!person) throw new TypeError('no Otto')
      await house.accounts.setPassword(person, 'another-calm-river-at-dawn')
      const code = generateSync({ secret: TOTP })
      expect((await login(house, { mfa_token: before, code })).status).to.equal(401)
      const { mfa_token } = (await login(house, { ...OTTO, password: 'another-calm-river-at-dawn' })).json
      expect((await login(house, { mfa_token, code })).status).to.equal(200)
      expect((await login(house, { mfa_token, code: recovery })).status).to.equal(401)
    })

    it('says when the password was typed, however long the next page was open', async () => {
      ahead = -200_000
      const visitor = createVisitor(house.url)
      const extra = { client_id: 'planner', scope: 'openid' }
      const asked = await visitor.submit(await visitor.get(authUrl(house, extra)), ADA, 'sign-in')
      ahead = -100_000
      await visitor.submit(asked, {}, 'consent')
      ahead = 0
      const { id_token } = await tokensOf(house, { visitor })
      const typed = Date.now() / 1000 - 200
      expect(Number(decodeJwt(id_token).auth_time)).to.be.within(typed - 20, typed + 20)
    })

    it('O08 ends a reused refresh token’s grant and warns once, whatever else is wrong with the request', async () => {
      const first = await tokensOf(house)
      const second = await refresh(house, first.refresh_token)
      const third = await refresh(house, String(second.json.refresh_token))
      const kitchen = basic('kitchen', house.cast.secret)
      const seen = await send(house, '/token/introspection', {
        form: { token: first.refresh_token },
        headers: kitchen,
      })
      expect(seen.json.active).to.equal(false)
      expect(await subjectsTo(ADA.identifier)).to.deep.equal([])
      const fourth = await refresh(house, String(third.json.refresh_token))
      expect(fourth.status).to.equal(200)

      const form = { grant_type: 'refresh_token', refresh_token: first.refresh_token, scope: 'bogus' }
      const answers = await race(8, () => token(house, form, kitchen))
      expect(answers.map(({ json }) => json.error)).to.deep.equal(Array(8).fill('invalid_grant'))
      expect(await subjectsTo(ADA.identifier)).to.have.length(1)
      const current = String(fourth.json.refresh_token)
      expect((await refresh(house, current)).json.error).to.equal('invalid_grant')
      expect((await userinfo(house, String(fourth.json.access_token))).status).to.equal(401)
    })

    it('does not lock out an office whose people type the right password', async () => {
      judgeQuickly()
      const statuses = []
      for (let time = 0; time < 7; time += 1)
        statuses.push(...(await race(15, () => login(house, ADA, { headers: from('203.0.113.1') }))))
      expect(statuses.map(({ status }) => status)).to.deep.equal(Array(105).fill(200))
      const wrong = await race(110, (racer) => wrongAt(`nobody-${racer}@example.com`, '203.0.113.1'))
      expect(wrong.filter(({ status }) => status === 401).length).to.be.at.most(100)
      expect((await login(house, ADA, { headers: from('203.0.113.1') })).status).to.equal(429)
    })

    it('takes a mailed link for a proof of the address, and a printed one not', async () => {
      const add = (email: string) => house.accounts.create({ email, emailVerified: false })
      const boss = await add('boss@example.com')
      const invite = { purpose: 'admin-invite', person: boss._id, ttlSeconds: 60 } as const
      const { token: invitation, writes } = house.tickets.issue(invite)
      await house.store.batch(writes)
      await add('rita@example.com')
      const reset = await resetLink(house, 'rita@example.com')
      for (const link of [`${house.url}/welcome?token=${invitation}`, reset]) {
        const visitor = createVisitor(house.url)
        const done = await visitor.submit(await visitor.get(link), { password: PASSWORD })
        expect(done.status, textOf(done.html)).to.equal(200)
      }
      const isProven = async (email: string) => (await house.accounts.findByIdentifier(email))?.emailVerified
      expect(await isProven('boss@example.com')).to.equal(false)
      expect(await isProven('rita@example.com')).to.equal(true)
    })

    it('mails that a recovery code was used, on the page and at POST /login', async () => {
      const [first = '', second = ''] = await addOtto()
      const visitor = createVisitor(house.url)
      const half = await visitor.submit(await visitor.get(authUrl(house)), OTTO, 'sign-in')
      const asked = await visitor.get(`${half.url.replace('/sign-in', '').replace('?', '/recovery?')}`)
      await visitor.submit(asked, { code: first }, 'recovery')
      const mails = async () =>
        (await subjectsTo(OTTO.identifier)).filter((subject) => /recovery code/i.test(subject)).length
      expect(await mails()).to.equal(1)
      const { mfa_token } = (await login(house, OTTO)).json
      expect((await login(house, { mfa_token, code: second })).status).to.equal(200)
      expect(await mails()).to.equal(2)
    })

    it('warns of a new device at POST /login where a device can be known again', async () => {
      ahead = 2 * HOUR
      await login(house, ADA)
      expect(await subjectsTo(ADA.identifier)).to.deep.equal([])
      const { headers } = await login(house, { ...ADA, cookie: true })
      expect(await subjectsTo(ADA.identifier)).to.have.length(1)
      const cookie = (headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
      await login(house, { ...ADA, cookie: true }, { headers: { cookie } })
      expect(await subjectsTo(ADA.identifier)).to.have.length(1)
    })

    it('counts a device’s guesses wherever its mark is copied to, and another device’s apart', async () => {
      judgeQuickly()
      const [own, other] = [await codeOf(house), await codeOf(house)]
      const cookie = own.visitor.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
      const answers = await race(40, (racer) => wrongAt(ADA.identifier, `198.51.${racer}.7`, { cookie }))
      expect(answers.filter(({ status }) => status === 401)).to.have.length(20)
      const asked = await other.visitor.get(authUrl(house, { prompt: 'login' }))
      const after = await other.visitor.submit(asked, { password: PASSWORD }, 'sign-in')
      expect(after.leaves, textOf(after.html)).to.include('code=')
    })

    it('B07 counts the spellings of an identifier, not who it belongs to', async () => {
      judgeQuickly()
      await house.accounts.create({ phone: '+49301234567', username: 'carla', password: PASSWORD })
      const seen: Record<string, string> = {}
      for (const [who, phone, username] of [
        ['known', '+49301234567', 'carla'],
        ['unknown', '+49307654321', 'clara'],
      ] as const) {
        const spelt = `${phone.slice(0, 3)} ${phone.slice(3, 5)} ${phone.slice(5)}`
        const statuses = []
        for (let time = 0; time < 22; time += 1)
          statuses.push((await wrongAt(time % 2 ? phone : spelt, `203.0.113.${time}`)).status)
        statuses.push((await wrongAt(username, '203.0.113.99')).status)
        seen[who] = statuses.join()
      }
      expect(seen.known).to.equal([...Array(20).fill(401), 429, 429, 401].join())
      expect(seen.unknown).to.equal(seen.known)
    })

    it('a sign-in with the old password while the new one is hashed does not survive', async () => {
      const others = await signInWhileHashing(async () => {
        const visitor = createVisitor(house.url)
        const page = await visitor.get(await resetLink(house, ADA.identifier))
        return () => visitor.submit(page, { password: 'another-calm-river-at-dawn' })
      })
      expect(await isSignedIn(others)).to.equal(false)
    })

    it('nor when the password is changed on one’s own page', async () => {
      const visitor = createVisitor(house.url)
      const page = await visitor.get(`${house.url}/account/password`)
      const form = await visitor.submit(page, ADA, 'sign-in')
      const fields = { currentPassword: PASSWORD, password: 'another-calm-river-at-dawn', others: 'yes' }
      const others = await signInWhileHashing(
        async () => () => visitor.submit(form, fields, '/account/password'),
      )
      expect(await isSignedIn(others)).to.equal(false)
      expect(await isSignedIn(visitor)).to.equal(true)
    })

    /** A browser that signs in as Ada at the moment at which her new password is being hashed. */
    async function signInWhileHashing(prepare: () => Promise<() => Promise<unknown>>): Promise<Visitor> {
      const change = await prepare()
      const { hash } = house.hasher
      const signedIn: Visitor[] = []
      house.hasher.hash = async (password) => {
        house.hasher.hash = hash
        signedIn.push((await codeOf(house)).visitor)
        return hash(password)
      }
      await change()
      return signedIn[0] ?? expect.fail('nothing was hashed')
    }

    async function isSignedIn(visitor: Visitor): Promise<boolean> {
      const page = await visitor.get(authUrl(house, { prompt: 'none' }))
      return page.leaves?.includes('code=') === true
    }

    it('a session of POST /login does not survive a password that was set while it began', async () => {
      const { verify } = house.hasher
      house.hasher.verify = async (hash, password) => {
        house.hasher.verify = verify
        const isRight = await verify(hash, password)
        const person = await house.accounts.find(house.cast.person.id)
        if (person) await house.accounts.setPassword(person, 'another-calm-river-at-dawn')
        return isRight
      }
      const answer = await login(house, ADA)
      expect([answer.status, answer.json.code]).to.deep.equal([401, 'wrong_credentials'])
    })

    it('F10 an approval that comes late does not make a redeemed device code good again', async () => {
      const begun = await send(house, '/device/auth', { form: { client_id: 'tv', scope: 'openid' } })
      const { device_code = '', user_code = '' } = begun.json
      const visitor = createVisitor(house.url)
      const entered = await visitor.submit(await visitor.get(`${house.url}/device`), { user_code })
      const asked = await visitor.submit(entered, { confirm: 'yes' }, 'device')
      await visitor.submit(asked, ADA, 'sign-in')
      const late = await house.oidc.provider().DeviceCode.find(device_code)
      const form = { grant_type: DEVICE, client_id: 'tv', device_code }
      expect((await token(house, form)).status).to.equal(200)
      const outcome = await late?.save().then(
        () => 'saved',
        (error: Error) => error.message,
      )
      expect(outcome).to.equal('invalid_grant')
      expect((await token(house, form)).json.error).to.equal('invalid_grant')
    })

    it('keeps for an hour at most that a stranger looked at a page with a form', async () => {
      const sessions = house.store.collection(sessionCollection)
      const visitor = createVisitor(house.url)
      const form = await visitor.get(`${house.url}/device`)
      await send(house, '/session/end')
      const strangers = await sessions.find({ person: { $exists: false } })
      expect(strangers).to.have.length(2)
      for (const { expires } of strangers) expect(expires.getTime()).to.be.at.most(Date.now() + HOUR)
      // Whoever signs in on it has the whole session.
      const { json } = await send(house, '/device/auth', { form: { client_id: 'tv', scope: 'openid' } })
      const entered = await visitor.submit(form, { user_code: String(json.user_code) })
      await visitor.submit(await visitor.submit(entered, { confirm: 'yes' }, 'device'), ADA, 'sign-in')
      ahead = 6 * 24 * HOUR
      expect((await visitor.get(authUrl(house, { prompt: 'none' }))).leaves).to.include('code=')
    })

    it('keeps little of what strangers post to the authorization endpoint', async () => {
      const post = (state: string, ip: string) =>
        send(house, '/auth', { form: { client_id: 'kitchen', state }, headers: from(ip) })
      expect((await post('x'.repeat(17_000), '203.0.113.2')).status).to.equal(413)
      const answers = await race(70, () => post('x', '203.0.113.1'))
      expect(answers.filter(({ status }) => status === 303)).to.have.length(60)
      expect(answers.filter(({ status }) => status === 429)).to.have.length(10)
      expect((await post('x', '203.0.113.3')).status).to.equal(303)
    })
  })
}

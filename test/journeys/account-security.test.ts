import { expect } from 'chai'
import { refreshTokenGrant } from 'openid-client'
import { generateSync } from 'otplib'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { inhabit, type Resident, signInToAccount } from '../support/resident.ts'
import { beginSignIn, PASSWORD, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'
import { createVisitor, type Page, textOf } from '../support/visitor.ts'

const NEW = 'seven-lanterns-over-the-quay'

for (const engine of engines()) {
  describe(`AA-3 SB-6 what opens one's account (${engine.name})`, () => {
    let app: RunningApp
    let id = ''
    let secret = ''

    before(async () => {
      app = await startApp(engine)
      const cast = await seedRestaurant(app)
      id = cast.person.id
      secret = cast.secret
      const grace = { email: 'grace@example.com', emailVerified: true, password: PASSWORD }
      await app.accounts.create(grace)
    })
    after(() => app?.stop())

    async function mailTo(to: string, about: RegExp): Promise<string> {
      await app.mail.pass()
      const found = (await app.mail.sent()).find(
        (mail) => mail.to === to && about.test(mail.subject + mail.text),
      )
      if (!found) throw new Error(`no mail to ${to} about ${about}`)
      return found.text
    }

    async function meWith(token: string): Promise<number> {
      return (await fetch(`${app.url}/me`, { headers: { authorization: `Bearer ${token}` } })).status
    }

    /** An access token of an application that may go on without a session. */
    async function allowOffline(): Promise<string> {
      const planner = await relyingParty(app, 'planner', await app.applications.newSecret('planner', 'test'))
      const { url, finish } = await beginSignIn(planner, {
        scope: 'openid offline_access',
        prompt: 'consent',
      })
      const visitor = createVisitor(app.url)
      const ada = { identifier: 'ada@example.com', password: PASSWORD }
      const asked = await visitor.submit(await visitor.get(url.href), ada, 'sign-in')
      return (await finish(String((await visitor.submit(asked, {}, 'consent')).leaves))).access_token
    }

    const codeIn = (text: string): string => /\b(\d{3}) ?(\d{3})\b/.exec(text)?.slice(1).join('') ?? ''

    it('changes the password for who knows it, and ends the other sessions', async () => {
      const config = await relyingParty(app, 'kitchen', secret)
      const elsewhere = await signIn(app, config)
      const offline = await allowOffline()
      expect(await meWith(offline)).to.equal(200)
      const ada = await signInToAccount(app)
      const page = '/account/password'
      const guess = await ada.fill(page, page, { currentPassword: 'guess', password: NEW, others: 'yes' })
      expect(guess.status).to.equal(422)
      expect(textOf(guess.html)).to.include('not your current password')
      expect(guess.html).to.not.include(NEW)
      for (const password of ['short', 'adaadaadaadaada', PASSWORD]) {
        expect((await ada.fill(page, page, { currentPassword: PASSWORD, password })).status).to.equal(422)
      }
      const done = await ada.fill(page, page, { currentPassword: PASSWORD, password: NEW, others: 'yes' })
      expect(textOf(done.html)).to.include('Your password is changed')
      expect(await mailTo('ada@example.com', /password/i)).to.include('Chrome on Windows')
      await refreshTokenGrant(config, String(elsewhere.tokens.refresh_token)).then(
        () => expect.fail('a refresh token survived'),
        () => {},
      )
      expect((await elsewhere.visitor.get('/account/profile')).url).to.include('/flow/')
      for (const token of [elsewhere.tokens.access_token, offline]) expect(await meWith(token)).to.equal(401)
      await ada.fill(page, page, { currentPassword: NEW, password: PASSWORD })
    })

    it('counts guesses of the current password', async () => {
      const grace = await signInToAccount(app, { identifier: 'grace@example.com' })
      const _csrf = await grace.token('/account/password')
      const answers = new Set<number>()
      for (let guess = 0; guess < 21; guess++) {
        const form = { _csrf, currentPassword: `guess ${guess}`, password: NEW }
        answers.add((await grace.post('/account/password', form)).status)
      }
      expect([...answers]).to.deep.equal([422, 429])
    })

    it('moves to a new address that is proved by its code, and tells the old one', async () => {
      const ada = await signInToAccount(app)
      const page = '/account/email'
      const wrong = await ada.fill(`${page}?done=kept`, page, { email: 'no address' })
      expect(wrong.status).to.equal(422)
      // The form has one field: what is wrong with it stands on top, and nothing of what went well before.
      expect(textOf(/id="problem">[\s\S]*?<\/div>/.exec(wrong.html)?.[0] ?? '')).to.match(
        /^\S* ?Enter an address like/,
      )
      expect(wrong.html).to.not.include('class="notice"')
      expect((await ada.fill(page, page, { email: 'ADA@example.com' })).status).to.equal(422)
      const asked = await ada.fill(page, page, { email: 'Ada@New.example' })
      expect(textOf(asked.html)).to.include('Confirm ada@new.example')
      expect((await app.accounts.find(id))?.email).to.equal('ada@example.com')
      const code = codeIn(await mailTo('ada@new.example', /new address/i))
      expect((await ada.fill(page, `${page}/confirm`, { code: '000000' })).status).to.equal(422)
      // The code is of this browser, not of the person.
      const other = await signInToAccount(app)
      expect((await other.post(`${page}/confirm`, { _csrf: await other.token(page), code })).status).to.equal(
        422,
      )
      const done = await ada.fill(page, `${page}/confirm`, { code })
      expect(textOf(done.html)).to.include('Your new address is confirmed')
      expect(await app.accounts.find(id)).to.include({ email: 'ada@new.example', emailVerified: true })
      expect(await mailTo('ada@example.com', /changed/i)).to.include('new.example')
      expect((await ada.post(`${page}/confirm`, { _csrf: await ada.token(page), code })).status).to.equal(422)
    })

    it('moves by the link too, in any browser of the same person, by a button only', async () => {
      const ada = await signInToAccount(app, { identifier: 'ada@new.example' })
      await ada.fill('/account/email', '/account/email', { email: 'ada@example.com' })
      const link =
        /http:\S+email\/link\?token=\S+/.exec(await mailTo('ada@example.com', /new address/i))?.[0] ?? ''
      const stranger = await createVisitor(app.url).get(link)
      expect(stranger.url).to.include('/flow/')
      const grace = createVisitor(app.url)
      await grace.submit(
        await grace.get('/account'),
        { identifier: 'grace@example.com', password: PASSWORD },
        'sign-in',
      )
      expect((await grace.get(link)).status).to.equal(410)
      const phone = await signInToAccount(app, { identifier: 'ada@new.example' })
      const door = await phone.get(link)
      expect(door.headers.get('referrer-policy')).to.equal('no-referrer')
      expect((await app.accounts.find(id))?.email).to.equal('ada@new.example')
      await phone.submit(door, {}, 'email/link')
      expect((await app.accounts.find(id))?.email).to.equal('ada@example.com')
      const used = await phone.get(link)
      expect(used.status).to.equal(410)
      expect(textOf(used.html)).to.include(
        'The address of your account is ada@example.com, and it is confirmed',
      )
    })

    it('does not tell that an address is taken, but its owner', async () => {
      const ada = await signInToAccount(app)
      const asked = await ada.fill('/account/email', '/account/email', { email: 'grace@example.com' })
      expect(textOf(asked.html)).to.include('Confirm grace@example.com')
      expect(await mailTo('grace@example.com', /already|have an account/i)).to.not.match(/\b\d{3} ?\d{3}\b/)
      await ada.fill('/account/email', '/account/email/cancel')
      expect((await ada.get('/account/email')).html).to.not.include('Confirm grace')
    })

    it('keeps the typed address over the sign-in that is asked for again', async () => {
      const ada = await signInToAccount(app)
      const form = await ada.get('/account/email')
      await ada.age(6)
      const asked = await ada.submit(form, { email: 'ada@typed.example' }, '/account/email')
      const back = await ada.submit(asked, { password: PASSWORD }, 'sign-in')
      expect(back.html).to.include('value="ada@typed.example"')
      expect(back.url).to.not.include('typed')
    })

    describe('a second factor', () => {
      let ada: Resident
      let key = ''
      let codes: string[] = []
      const page = '/account/security'

      const keyOn = ({ html }: Page): string =>
        /id="secret">([A-Z2-7 ]+)</.exec(html)?.[1]?.replaceAll(' ', '') ?? ''
      const codesOn = ({ html }: Page): string[] =>
        [...html.matchAll(/<li>([0-9A-Z]{5}(?:-[0-9A-Z]{5}){4})</g)].map(([, code = '']) => code)
      /** As if the last code had been used a while ago. */
      const forgetSteps = () => app.accounts.change(id, {}, { $set: { 'totp.lastStep': 0 } })

      it('is set up with a right code, which counts for this session', async () => {
        ada = await signInToAccount(app)
        const offer = await ada.get(`${page}/totp`)
        key = keyOn(offer)
        expect(keyOn(await ada.get(`${page}/totp`))).to.equal(key)
        const wrong = await ada.submit(offer, { code: '000000' }, `${page}/totp`)
        expect(wrong.status).to.equal(422)
        expect(keyOn(wrong)).to.equal(key)
        const shown = await ada.submit(wrong, { code: generateSync({ secret: key }) }, `${page}/totp`)
        codes = codesOn(shown)
        expect(new Set(codes).size).to.equal(10)
        // A reload is a GET, and shows the same.
        expect(shown.url).to.equal(`${app.url}${page}/recovery-codes/shown`)
        expect(codesOn(await ada.get(shown.url))).to.deep.equal(codes)
        const back = await ada.submit(shown, {}, 'saved')
        expect(textOf(back.html)).to.include('Two-step sign-in is on').and.include('10 codes left')
        expect(await mailTo('ada@example.com', /two-step/i)).to.be.a('string')
        // Saved, they are not shown again.
        expect((await ada.get(shown.url)).url).to.equal(`${app.url}${page}`)
        // The same offer once more changes nothing.
        const late = await ada.submit(wrong, { code: generateSync({ secret: key }) }, `${page}/totp`)
        expect(late.status).to.equal(409)
        expect(textOf(late.html)).to.include('is set up already').and.not.include('in the meantime')
      })

      it('is asked for with the password before anything sensitive', async () => {
        await ada.age(6)
        await forgetSteps()
        const asked = await ada.get('/account/password')
        const half = await ada.submit(asked, { password: PASSWORD }, 'sign-in')
        expect(half.html).to.include('secondFactor')
        expect((await ada.get('/account/profile')).url).to.include('/flow/')
        const done = await ada.submit(
          await ada.get('/account/password'),
          { code: generateSync({ secret: key }) },
          'secondFactor',
        )
        expect(done.url).to.equal(`${app.url}/account/password`)
      })

      it('gets new recovery codes, and the old ones stop working', async () => {
        const asked = await ada.get(`${page}/recovery-codes`)
        expect(textOf(asked.html)).to.include('The 10 recovery codes that are left')
        expect((await app.accounts.find(id))?.recovery?.hashes).to.have.length(10)
        const shown = await ada.submit(asked, {}, `${page}/recovery-codes`)
        const fresh = codesOn(shown)
        expect(codesOn(await ada.get(shown.url))).to.deep.equal(fresh)
        expect(fresh).to.have.length(10).and.to.not.include(codes[0])
        const kept = (await app.accounts.find(id))?.recovery?.hashes ?? []
        expect(kept).to.have.length(10).and.to.not.include(fresh[0])
      })

      it('moves to another phone, which takes the old one out', async () => {
        const offer = await ada.get(`${page}/totp`)
        const next = keyOn(offer)
        expect(textOf(offer.html)).to.include('another phone').and.include('the old phone stops working')
        expect(textOf(offer.html)).to.not.include('Set up two-step sign-in')
        expect(next).to.not.equal(key)
        const moved = await ada.submit(offer, { code: generateSync({ secret: next }) }, `${page}/totp`)
        expect(moved.url).to.equal(`${app.url}${page}?done=factorMoved`)
        await forgetSteps()
        const visitor = createVisitor(app.url)
        const half = await visitor.submit(
          await visitor.get('/account'),
          { identifier: 'ada@example.com', password: PASSWORD },
          'sign-in',
        )
        expect(
          (await visitor.submit(half, { code: generateSync({ secret: key }) }, 'secondFactor')).status,
        ).to.equal(422)
        expect(
          (await visitor.submit(half, { code: generateSync({ secret: next }) }, 'secondFactor')).url,
        ).to.include('/account/')
        ada = inhabit(app, visitor)
      })

      it('is not turned off with an old sign-in, nor where it is mandatory', async () => {
        await app.accounts.change(id, {}, { $set: { mfa: true } })
        expect((await ada.get(page)).html).to.not.include('totp/remove')
        const _csrf = await ada.token(page)
        expect((await ada.post(`${page}/totp/remove`, { _csrf })).status).to.equal(403)
        expect((await ada.get(`${page}/totp/remove`)).status).to.equal(403)
        await app.accounts.change(id, {}, { $set: { mfa: false } })
        await ada.age(6)
        expect((await ada.post(`${page}/totp/remove`, { _csrf })).headers.get('location')).to.include(
          'prompt=login',
        )
        expect((await app.accounts.find(id))?.totp).to.be.an('object')
        await ada.age(-6)
        const asked = await ada.get(`${page}/totp/remove`)
        expect(textOf(asked.html))
          .to.include('Your password alone')
          .and.include('recovery codes that are left')
        const off = await ada.submit(asked, {}, `${page}/totp/remove`)
        expect(textOf(off.html)).to.include('Two-step sign-in is off')
        expect(await app.accounts.find(id)).to.not.have.any.keys('totp', 'recovery')
      })
    })
  })
}

import { expect } from 'chai'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { beginSignIn, type Cast, PASSWORD, relyingParty, seedRestaurant } from '../support/restaurant.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`DC-2 DC-6 AA-1 AA-7 SB-6 sign-up and a forgotten password (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
    })
    after(() => app?.stop())

    async function newest(to: string): Promise<string> {
      await app.mail.pass()
      const mail = (await app.mail.sent()).find((sent) => sent.to === to)
      if (!mail) throw new Error(`no mail to ${to}`)
      return mail.text
    }

    it('begins an account with a proven address', async () => {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const { url, finish } = await beginSignIn(config, { prompt: 'create' })
      const visitor = createVisitor(app.url)
      const page = await visitor.get(url.href)
      const asked = await visitor.submit(page, { email: 'Grace@Example.com', password: PASSWORD }, 'sign-up')
      expect(textOf(asked.html)).to.include('grace@example.com')
      expect(await app.accounts.findByIdentifier('grace@example.com')).to.equal(undefined)
      const code = /\b(\d{3}) ?(\d{3})\b/.exec(await newest('grace@example.com'))
      const wrong = await visitor.submit(asked, { code: '000000' }, 'verify')
      expect(wrong.status).to.equal(422)
      const done = await visitor.submit(wrong, { code: `${code?.[1]}${code?.[2]}` }, 'verify')
      expect(done.leaves, textOf(done.html)).to.be.a('string')
      const tokens = await finish(String(done.leaves))
      expect(tokens.claims()).to.include({ email: 'grace@example.com', email_verified: true })
    })

    it('DC-6 sets a new password by a mailed link, once, and ends the sessions', async () => {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const { url, finish } = await beginSignIn(config)
      const visitor = createVisitor(app.url)
      const signedIn = await visitor.submit(await visitor.get(url.href), {
        identifier: 'ada@example.com',
        password: PASSWORD,
      })
      const tokens = await finish(String(signedIn.leaves))
      expect(tokens.refresh_token).to.be.a('string')

      const other = createVisitor(app.url)
      const forgot = await other.get(`${app.url}/forgot-password`)
      const sent = await other.submit(forgot, { email: 'ada@example.com' })
      expect(sent.status).to.equal(200)
      // Seen again, the answer sends no other mail, which would make this link void.
      expect(sent.url).to.equal(`${app.url}/forgot-password/sent`)
      expect(textOf((await other.get(sent.url)).html)).to.include('Check your email')
      const link = /http:\S+reset-password\?token=\S+/.exec(await newest('ada@example.com'))?.[0] ?? ''
      const page = await other.get(link)
      const short = await other.submit(page, { password: 'short' })
      expect(short.status).to.equal(422)
      const done = await other.submit(short, { password: 'another-calm-river-at-dawn' })
      expect(done.status, textOf(done.html)).to.equal(200)
      expect((await other.submit(short, { password: 'yet-another-calm-river' })).status).to.equal(410)

      const { refreshTokenGrant } = await import('openid-client')
      await refreshTokenGrant(config, String(tokens.refresh_token)).then(
        () => expect.fail('the refresh token survived the reset'),
        (error: { error?: string }) => expect(error.error).to.equal('invalid_grant'),
      )
      const again = await beginSignIn(config)
      const asksAgain = await visitor.get(again.url.href)
      expect(asksAgain.leaves).to.equal(undefined)
    })

    it('DC-6 takes the address that was typed along to who forgot the password, and nothing else', async () => {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const visitor = createVisitor(app.url)
      let page = await visitor.get((await beginSignIn(config)).url.href)
      const forgot = () =>
        (/href="(\/forgot-password[^"]+)"/.exec(page.html)?.[1] ?? '').replaceAll('&amp;', '&')
      for (const identifier of ['ada', 'my secret pass@word', 'pass@word']) {
        page = await visitor.submit(page, { identifier, password: 'no' }, 'sign-in')
        expect(page.status).to.equal(401)
        expect(forgot()).not.to.include('email=')
      }
      page = await visitor.submit(page, { identifier: 'ada@example.com', password: 'no' }, 'sign-in')
      const form = await visitor.get(forgot())
      expect(form.html).to.include('value="ada@example.com"')
      const sent = await visitor.submit(form, { email: 'ada@example.com' })
      expect(sent.url).to.include('/forgot-password/sent?flow=').and.not.include('ada')
      const back = await visitor.get(
        /href="(\/flow\/[^"]+)"/.exec(sent.html)?.[1]?.replaceAll('&amp;', '&') ?? '',
      )
      expect(back.html).to.include('name="identifier"')
    })

    it('says what is true of a step that is passed, and leads on to the application', async () => {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const visitor = createVisitor(app.url)
      const page = await visitor.get((await beginSignIn(config)).url.href)
      await visitor.submit(page, { identifier: 'grace@example.com', password: PASSWORD })
      const back = await visitor.get(page.url)
      expect(back.status).to.equal(410)
      expect(textOf(back.html)).to.include('You have passed this step, it took too long')
    })

    it('DC-15 is at /signup for who comes from no application, and leads to one’s account', async () => {
      const visitor = createVisitor(app.url)
      const form = await visitor.get('/signup')
      const asked = await visitor.submit(form, { email: 'lise@example.com', password: PASSWORD }, 'sign-up')
      const code = /\b(\d{3}) ?(\d{3})\b/.exec(await newest('lise@example.com'))
      const home = await visitor.submit(asked, { code: `${code?.[1]}${code?.[2]}` }, 'verify')
      expect(home.url).to.equal(`${app.url}/account/profile`)
      expect(textOf(home.html)).to.include('lise@example.com')

      const closed = await startApp(engine, { config: { signUp: 'closed' } })
      try {
        const stranger = createVisitor(closed.url)
        expect((await stranger.get('/signup')).status).to.equal(403)
        expect((await stranger.get('/account')).html).to.not.include('sign-up')
      } finally {
        await closed.stop()
      }
    })
  })
}

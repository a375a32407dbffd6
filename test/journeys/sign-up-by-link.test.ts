import { expect } from 'chai'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { beginSignIn, type Cast, PASSWORD, relyingParty, seedRestaurant } from '../support/restaurant.ts'
import { copyOf, createVisitor, type Page, textOf, type Visitor } from '../support/visitor.ts'

const CONFIRMED = 'Your address is confirmed. Sign in to go on.'

for (const engine of engines()) {
  describe(`DC-2 DC-15 a sign-up by the link of its mail (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
    })
    after(() => app?.stop())

    interface Begun {
      asked: Page
      mail: { code: string; link: string }
      finish(callback: string): Promise<{ claims(): unknown }>
    }

    /** Until the page that asks for the mailed code. */
    async function begin(visitor: Visitor, email: string, way: 'prompt' | 'link'): Promise<Begun> {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const { url, finish } = await beginSignIn(config, way === 'prompt' ? { prompt: 'create' } : {})
      const first = await visitor.get(url.href)
      const form = way === 'prompt' ? first : await visitor.get(first.url.replace('?', '/sign-up?'))
      const asked = await visitor.submit(form, { email, password: PASSWORD, firstName: 'Nina' }, 'sign-up')
      return { asked, mail: await mailed(email), finish }
    }

    async function mailed(to: string): Promise<Begun['mail']> {
      await app.mail.pass()
      const text = (await app.mail.sent()).find((sent) => sent.to === to)?.text ?? ''
      return {
        code: /\b\d{3} ?\d{3}\b/.exec(text)?.[0]?.replace(' ', '') ?? '',
        link: /http:\S+verify-email\?token=\S+/.exec(text)?.[0] ?? '',
      }
    }

    function expectSignIn(page: Page, email: string): void {
      expect(textOf(page.html)).to.include(CONFIRMED)
      expect(page.html, 'the address').to.include(`value="${email}"`)
      expect(page.html).to.include('name="password"').and.not.include('name="firstName"')
    }

    for (const way of ['prompt', 'link'] as const) {
      it(`leads to the sign-in with the address filled in, where it began by ${way}`, async () => {
        const email = `nina-${way}@example.com`
        const visitor = createVisitor(app.url)
        const { asked, mail, finish } = await begin(visitor, email, way)
        const confirmed = await visitor.submit(await visitor.get(mail.link), {}, 'verify-email')
        const [, onward = ''] = /class="button" href="([^"]+)"/.exec(confirmed.html) ?? []
        const page = await visitor.get(onward.replaceAll('&amp;', '&'))
        expectSignIn(page, email)

        // The first tab, looked at again or given the mail's code.
        expectSignIn(await visitor.get(asked.url), email)
        expectSignIn(await visitor.submit(asked, { code: mail.code }, 'verify'), email)
        expectSignIn(await visitor.submit(asked, {}, 'resend'), email)
        if (way === 'prompt') expectSignIn(await visitor.get(asked.url.replace('/verify', '')), email)

        const wrong = await visitor.submit(page, { identifier: email, password: 'no' }, 'sign-in')
        expect(wrong.status).to.equal(401)
        const done = await visitor.submit(wrong, { identifier: email, password: PASSWORD }, 'sign-in')
        expect((await finish(String(done.leaves))).claims()).to.include({ email, email_verified: true })
      })
    }

    it('tells the first browser when the link was confirmed in another one', async () => {
      const email = 'nina-elsewhere@example.com'
      const visitor = createVisitor(app.url)
      const { asked, mail } = await begin(visitor, email, 'link')
      const other = createVisitor(app.url)
      await other.submit(await other.get(mail.link), { password: PASSWORD }, 'verify-email')
      expectSignIn(await visitor.get(asked.url), email)
      // Only where it was asked for, and to nobody else.
      const strange = await other.get((await entry()).href)
      const asIf = await other.get(`${strange.url.replace('?', '/sign-in?')}&confirmed`)
      expect(textOf(asIf.html)).not.to.include(CONFIRMED)
      const page = await visitor.get((await entry()).href)
      expect(textOf(page.html)).not.to.include(CONFIRMED)
    })

    it('says of a used link that the address is confirmed, and offers the sign-in', async () => {
      const email = 'nina-again@example.com'
      const visitor = createVisitor(app.url)
      const { mail } = await begin(visitor, email, 'link')
      const open = await visitor.get(mail.link)
      await visitor.submit(open, {}, 'verify-email')
      for (const page of [await visitor.get(mail.link), await visitor.submit(open, {}, 'verify-email')]) {
        expect(page.status).to.equal(410)
        expect(textOf(page.html)).to.include('Your email address is confirmed').and.include('Sign in')
        const [, onward = ''] = /class="button" href="([^"]+)"/.exec(page.html) ?? []
        expectSignIn(await visitor.get(onward.replaceAll('&amp;', '&')), email)
      }
      // One account, and nothing of the sign-up is kept beside it.
      expect(JSON.stringify(await app.accounts.findByIdentifier(email))).to.include('Nina')
      const reader = createVisitor(app.url)
      expect((await reader.get(mail.link)).html).to.not.include('name="password"')
    })

    it('lets a mistyped address be changed, without typing the rest again', async () => {
      const visitor = createVisitor(app.url)
      const { asked } = await begin(visitor, 'nian@example.com', 'link')
      const [, change = ''] = /href="([^"]+)">Wrong address\?/.exec(asked.html) ?? []
      const form = await visitor.get(change.replaceAll('&amp;', '&'))
      expect(form.html).to.include('value="nian@example.com"').and.include('value="Nina"')
      const again = await visitor.submit(form, { email: 'nina@example.com', password: PASSWORD }, 'sign-up')
      expect(textOf(again.html)).to.include('nina@example.com')
      const code = (await mailed('nina@example.com')).code
      const done = await copyOf(visitor, app.url).submit(again, { code }, 'verify')
      expect(done.leaves, 'the code still signs in by itself').to.include('code=')
    })

    async function entry(): Promise<URL> {
      return (await beginSignIn(await relyingParty(app, 'kitchen', cast.secret))).url
    }
  })
}

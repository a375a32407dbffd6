import { expect } from 'chai'
import { generateSync } from 'otplib'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { beginSignIn, type Cast, PASSWORD, relyingParty, seedRestaurant } from '../support/restaurant.ts'
import { createVisitor, type Page, textOf, type Visitor } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`DC-7 setting up a second factor survives what a phone does (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast
    let now = Date.now()

    before(async () => {
      app = await startApp(engine, { now: () => new Date(now) })
      cast = await seedRestaurant(app)
    })
    after(() => app?.stop())

    async function begin(
      visitor: Visitor,
    ): Promise<{ page: Page; finish(callback: string): Promise<unknown> }> {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const { url, finish } = await beginSignIn(config, { acr_values: 'urn:maitred:acr:2fa' })
      const signIn = await visitor.get(url.href)
      return { page: await visitor.submit(signIn, { identifier: await hire(), password: PASSWORD }), finish }
    }

    let hired = 0
    async function hire(): Promise<string> {
      const email = `cook-${++hired}@example.com`
      await app.accounts.create({ email, emailVerified: true, password: PASSWORD })
      return email
    }

    const codeOf = (page: Page): string =>
      generateSync({ secret: secretOn(page), epoch: Math.floor(now / 1000) })

    it('shows the same key again for ten minutes, also after a wrong code, and another one to another sign-in', async () => {
      const visitor = createVisitor(app.url)
      const { page } = await begin(visitor)
      const again = await visitor.get(page.url)
      expect(secretOn(again)).to.equal(secretOn(page)).and.have.length(32)
      const wrong = await visitor.submit(again, { code: '000000' }, 'enrolFactor')
      expect([wrong.status, secretOn(wrong)]).to.deep.equal([422, secretOn(page)])
      now += 9 * 60_000
      expect(secretOn(await visitor.get(page.url))).to.equal(secretOn(page))
      now += 11 * 60_000
      expect(secretOn(await visitor.get(page.url))).not.to.equal(secretOn(page))

      // What another person was offered is nobody else's key, wherever its cookie has come from.
      const other = createVisitor(app.url)
      const { page: theirs } = await begin(other)
      const planted = other.cookies.find(({ name }) => name.includes('enrolment'))
      for (const cookie of visitor.cookies)
        if (planted && cookie.name === planted.name) cookie.value = planted.value
      expect(secretOn(await visitor.get(page.url))).not.to.equal(secretOn(theirs))
    })

    it('shows the recovery codes until they are saved, and then goes on', async () => {
      const visitor = createVisitor(app.url)
      const { page, finish } = await begin(visitor)
      const shown = await visitor.submit(page, { code: codeOf(page) }, 'enrolFactor')
      const codes = codesOn(shown)
      expect(new Set(codes).size).to.equal(10)
      expect(codesOn(await visitor.get(shown.url)), 'reloaded').to.deep.equal(codes)
      expect(codesOn(await visitor.get(page.url)), 'back').to.deep.equal(codes)
      expect(
        codesOn(await visitor.submit(page, { code: codeOf(page) }, 'enrolFactor')),
        'sent again',
      ).to.deep.equal(codes)
      const done = await visitor.submit(shown, {}, 'saved')
      expect(visitor.cookies.map(({ name }) => name).join()).not.to.include('enrolment')
      expect(await finish(String(done.leaves))).to.have.property('access_token')
    })

    it('asks for a code of the app where the factor was set up elsewhere meanwhile', async () => {
      const visitor = createVisitor(app.url)
      const { page } = await begin(visitor)
      await visitor.submit(page, { code: codeOf(page) }, 'enrolFactor')
      visitor.cookies.splice(
        0,
        Infinity,
        ...visitor.cookies.filter(({ name }) => !name.includes('enrolment')),
      )
      const on = await visitor.get(page.url)
      expect(on.html, textOf(on.html)).to.include('secondFactor').and.not.include('id="secret"')
    })

    it('can be left for the application', async () => {
      const visitor = createVisitor(app.url)
      const { page } = await begin(visitor)
      expect((await visitor.submit(page, {}, 'cancel')).leaves).to.include('error=access_denied')
    })
  })
}

function secretOn({ html }: Page): string {
  return /id="secret">([A-Z2-7 ]+)</.exec(html)?.[1]?.replaceAll(' ', '') ?? ''
}

function codesOn({ html }: Page): string[] {
  return [...html.matchAll(/[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}/g)].map(([code]) => code).slice(0, 10)
}

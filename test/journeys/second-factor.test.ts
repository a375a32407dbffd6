import { expect } from 'chai'
import { generateSync } from 'otplib'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import {
  beginSignIn,
  type Cast,
  PASSWORD,
  relyingParty,
  seedRestaurant,
  signIn,
} from '../support/restaurant.ts'
import { createVisitor, type Page, textOf, type Visitor } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`DC-7 SB-6 a second factor (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
      await app.roles.put({ _id: 'owner', title: 'Owner', permissions: [], mfa: true })
      await app.accounts.create({
        email: 'olga@example.com',
        emailVerified: true,
        password: PASSWORD,
        roles: app.roles.copy(['owner']),
      })
    })
    after(() => app?.stop())

    let secret = ''
    let codes: string[] = []

    it('is set up at the sign-in of a person whose role needs it', async () => {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const { url, finish } = await beginSignIn(config)
      const visitor = createVisitor(app.url)
      const enrol = await password(visitor, await visitor.get(url.href))
      secret = /id="secret">([A-Z2-7 ]+)</.exec(enrol.html)?.[1]?.replaceAll(' ', '') ?? ''
      expect(secret, textOf(enrol.html)).to.have.length(32)
      const wrong = await visitor.submit(enrol, { code: '000000' }, 'enrolFactor')
      expect(wrong.status).to.equal(422)
      expect(wrong.html).to.include(secret.slice(0, 4))
      const shown = await visitor.submit(wrong, { code: generateSync({ secret }) }, 'enrolFactor')
      codes = [...shown.html.matchAll(/[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}/g)].map(([code]) => code)
      expect(new Set(codes).size).to.equal(10)
      const after = await visitor.submit(shown, {}, 'saved')
      const tokens = await finish(String(after.leaves))
      expect(tokens.claims()).to.deep.include({ amr: ['pwd', 'otp', 'mfa'], acr: 'urn:maitred:acr:2fa' })
    })

    it('is not passed by giving up after the password and starting again', async () => {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const visitor = createVisitor(app.url)
      const first = await beginSignIn(config)
      expect(textOf((await password(visitor, await visitor.get(first.url.href))).html)).to.include('code')
      const again = await beginSignIn(config)
      const page = await visitor.get(again.url.href)
      expect(page.leaves).to.equal(undefined)
      expect(page.html).to.include('secondFactor')
      const none = await visitor.get((await beginSignIn(config, { prompt: 'none' })).url.href)
      expect(none.leaves).to.include('error=interaction_required')
    })

    it('accepts each recovery code once', async () => {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const lost = async (code: string): Promise<Page> => {
        const visitor = createVisitor(app.url)
        const { url } = await beginSignIn(config)
        await password(visitor, await visitor.get(url.href))
        const uid = (await visitor.get((await beginSignIn(config)).url.href)).url
        const page = await visitor.get(uid.replace('?', '/recovery?'))
        return visitor.submit(page, { code }, 'recovery')
      }
      expect((await lost(String(codes[0]).toLowerCase())).leaves).to.be.a('string')
      expect((await lost(String(codes[0]))).status).to.equal(422)
      expect((await lost(String(codes[1]))).leaves).to.be.a('string')
    })

    it('is asked for when the application asks for it', async () => {
      const config = await relyingParty(app, 'kitchen', cast.secret)
      const { visitor } = await signIn(app, config)
      const page = await visitor.get(
        (await beginSignIn(config, { acr_values: 'urn:maitred:acr:2fa' })).url.href,
      )
      expect(page.html).to.include('enrolFactor')
    })

    function password(visitor: Visitor, page: Page): Promise<Page> {
      return visitor.submit(page, { identifier: 'olga@example.com', password: PASSWORD }, 'sign-in')
    }
  })

  describe(`consent and sign-out (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
    })
    after(() => app?.stop())

    it('AA-8 asks for a third party once, and not again', async () => {
      const planner = await relyingParty(app, 'planner', await app.applications.newSecret('planner', 'test'))
      const visitor = createVisitor(app.url)
      const { url, finish } = await beginSignIn(planner, { scope: 'openid email bookings.read' })
      const asked = await visitor.submit(await visitor.get(url.href), {
        identifier: 'ada@example.com',
        password: PASSWORD,
      })
      expect(textOf(asked.html)).to.include('ada@example.com').and.include('See bookings')
      const denied = await visitor.submit(asked, {}, 'cancel')
      expect(denied.leaves).to.include('error=access_denied')
      const second = await beginSignIn(planner, { scope: 'openid email bookings.read' })
      const allowed = await visitor.submit(await visitor.get(second.url.href), {}, 'consent')
      const tokens = await second.finish(String(allowed.leaves))
      expect(tokens.scope?.split(' ').sort()).to.deep.equal(['bookings.read', 'email', 'openid'])
      expect(finish).to.be.a('function')
      const third = await beginSignIn(planner, { scope: 'openid email' })
      expect((await visitor.get(third.url.href)).leaves).to.include('code=')
      const more = await beginSignIn(planner, { scope: 'openid email phone' })
      expect((await visitor.get(more.url.href)).html).to.include('consent')
    })

    it('DC-5 lets a person into a second application, and out of all', async () => {
      const kitchen = await relyingParty(app, 'kitchen', cast.secret)
      const { visitor, tokens } = await signIn(app, kitchen)
      const spa = await relyingParty(app, 'spa')
      const second = await signIn(app, spa, { visitor })
      const { buildEndSessionUrl, refreshTokenGrant } = await import('openid-client')
      const leave = await visitor.get(
        buildEndSessionUrl(kitchen, {
          id_token_hint: String(tokens.id_token),
          post_logout_redirect_uri: 'http://127.0.0.1:39999/bye',
        }).href,
      )
      const gone = await visitor.submit(leave, { logout: 'yes' }, 'session/end')
      expect(gone.leaves).to.include('http://127.0.0.1:39999/bye')
      for (const [config, token] of [
        [kitchen, tokens.refresh_token],
        [spa, second.tokens.refresh_token],
      ] as const) {
        await refreshTokenGrant(config, String(token)).then(
          () => expect.fail('a refresh token survived the sign-out'),
          () => {},
        )
      }
      expect((await visitor.get((await beginSignIn(kitchen)).url.href)).leaves).to.equal(undefined)
    })
  })
}

import { expect } from 'chai'
import { refreshTokenGrant } from 'openid-client'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { type Resident, signInToAccount } from '../support/resident.ts'
import { beginSignIn, PASSWORD, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'
import { createVisitor, textOf, type Visitor } from '../support/visitor.ts'

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'

for (const engine of engines()) {
  describe(`AA-5 AA-6 AA-8 where one is signed in (${engine.name})`, () => {
    let app: RunningApp
    let id = ''
    let secret = ''
    let ada: Resident

    before(async () => {
      app = await startApp(engine)
      const cast = await seedRestaurant(app)
      id = cast.person.id
      secret = cast.secret
      await app.accounts.create({ email: 'grace@example.com', emailVerified: true, password: PASSWORD })
      ada = await signInToAccount(app)
    })
    after(() => app?.stop())

    async function meWith(token: string): Promise<number> {
      return (await fetch(`${app.url}/me`, { headers: { authorization: `Bearer ${token}` } })).status
    }
    const sessionsOf = (html: string): string[] =>
      [...html.matchAll(/name="id" value="([^"]+)"/g)].map(([, found = '']) => found)
    const refused = (work: Promise<unknown>): Promise<boolean> =>
      work.then(
        () => false,
        () => true,
      )

    it('AA-5 lists each session with device, address and times, this one first', async () => {
      await signInToAccount(app, { headers: { 'user-agent': IPHONE } })
      const { html } = await ada.get('/account/sessions')
      const [, ...rows] = html.split('<th scope="row">')
      const devices = rows.map((row) => /^(.*?) 127\.0\.0\.1/.exec(textOf(row))?.[1])
      expect(devices).to.deep.equal(['Chrome on Windows this device', 'Mobile Safari on iOS'])
      for (const row of rows) {
        const times = [...row.matchAll(/<time datetime="([^"]+)"/g)].map(([, at = '']) => Date.parse(at))
        const [started = 0, lastUsed = 0, ...more] = times
        expect([times.length, more.length]).to.deep.equal([2, 0])
        expect(Date.now() - started).to.be.within(0, 60_000)
        expect(lastUsed - started).to.be.within(0, 60_000)
      }
    })

    it('AA-5 ends one, with what it gave out', async () => {
      await ada.fill('/account/sessions', '/account/sessions/end-others')
      const config = await relyingParty(app, 'kitchen', secret)
      const elsewhere = await signIn(app, config)
      const [other = ''] = sessionsOf((await ada.get('/account/sessions')).html)
      const done = await ada.fill('/account/sessions', '/account/sessions/end', { id: other })
      expect(textOf(done.html)).to.include('only')
      expect(await refused(refreshTokenGrant(config, String(elsewhere.tokens.refresh_token)))).to.equal(true)
      expect((await elsewhere.visitor.get('/account')).url).to.include('/flow/')
      expect((await ada.get('/account/profile')).status).to.equal(200)
    })

    it('AA-5 ends no session of another person', async () => {
      const grace = await signInToAccount(app, { identifier: 'grace@example.com' })
      await signInToAccount(app, { identifier: 'grace@example.com' })
      const [hers = ''] = sessionsOf((await grace.get('/account/sessions')).html)
      const _csrf = await ada.token('/account/sessions')
      for (const target of [hers, 'no-such-session']) {
        expect((await ada.post('/account/sessions/end', { _csrf, id: target })).status).to.equal(404)
      }
      expect(sessionsOf((await grace.get('/account/sessions')).html)).to.deep.equal([hers])
    })

    it('AA-5 ends all others at once', async () => {
      const others = [await signInToAccount(app), await signInToAccount(app)]
      await ada.fill('/account/sessions', '/account/sessions/end-others')
      for (const other of others) expect((await other.get('/account')).url).to.include('/flow/')
      expect((await ada.get('/account/sessions')).html).to.not.include('sessions/end"')
    })

    it('AA-6 tells every sign-in and every attempt, page by page', async () => {
      const visitor = createVisitor(app.url, { 'user-agent': IPHONE })
      const door = await visitor.get('/account')
      await visitor.submit(door, { identifier: 'ada@example.com', password: 'guessed' }, 'sign-in')
      const newest = await ada.get('/account/history')
      const line = /Failed sign-in to Maitred password Mobile Safari on iOS 127\.0\.0\.1 just now/
      expect(textOf(newest.html)).to.match(line)
      const failed = { type: 'sign_in_failed', person: id, detail: { method: 'pwd' } } as const
      await app.store.batch(Array.from({ length: 45 }, () => app.events.record(failed)))
      const seen: number[] = []
      let url: string | undefined = '/account/history'
      while (url) {
        const { html } = await ada.get(url)
        seen.push([...html.matchAll(/<tr>\s*<th scope="row">/g)].length)
        url = /href="(\/account\/history\?after=[^"]+)"/.exec(html)?.[1]
      }
      expect(seen.length).to.be.greaterThan(2)
      expect(seen.slice(0, 2)).to.deep.equal([20, 20])
      for (const after of ['x', '1', '-1.x', '99999999999999999.x', "'.'"]) {
        expect((await ada.get(`/account/history?after=${encodeURIComponent(after)}`)).status).to.equal(200)
      }
    })

    it('DC-18 writes dates as where the reader lives', async () => {
      for (const [language, written] of [
        ['en-GB,en;q=0.9', /title="\d{1,2} [A-Z]\w+ \d{4}, \d\d:\d\d UTC"/],
        ['en-US,en;q=0.9', /title="[A-Z]\w+ \d{1,2}, \d{4}, \d{1,2}:\d\d\s[AP]M UTC"/],
        ['de-AT', /title="\d\d\.\d\d\.\d{4}, \d\d:\d\d UTC"/],
      ] as const) {
        const page = await ada.request('/account/sessions', { headers: { 'accept-language': language } })
        expect(await page.text(), language).to.match(written)
      }
    })

    it('GW-10 leads back from a sign-out that nobody meant', async () => {
      const asked = await ada.get('/session/end')
      expect(asked.html).to.match(/<a href="\/account">Stay signed in<\/a>/)
      expect((await ada.get('/account')).url).to.equal(`${app.url}/account/profile`)
    })

    describe('AA-8 applications', () => {
      let planner: Awaited<ReturnType<typeof relyingParty>>

      before(async () => {
        planner = await relyingParty(app, 'planner', await app.applications.newSecret('planner', 'test'))
      })

      async function allow(visitor: Visitor, scope: string) {
        const { url, finish } = await beginSignIn(planner, { scope, prompt: 'consent' })
        let page = await visitor.get(url.href)
        if (page.html.includes('name="password"')) {
          const typed = { identifier: 'ada@example.com', password: PASSWORD }
          page = await visitor.submit(page, typed, 'sign-in')
        }
        const allowed = await visitor.submit(page, {}, 'consent')
        return finish(String(allowed.leaves))
      }

      it('lists what was allowed, in words', async () => {
        await allow(ada, 'openid email bookings.read')
        const text = textOf((await ada.get('/account/applications')).html)
        expect(text)
          .to.include('Table Planner')
          .and.include('See your email address')
          .and.include('See bookings')
        expect(text).to.not.include('Kitchen display')
        expect(text.split('See your email address')).to.have.length(2)
      })

      it('withdraws it on every device, at once and for good', async () => {
        const phone = createVisitor(app.url)
        const tokens = [await allow(ada, 'openid email'), await allow(phone, 'openid email offline_access')]
        for (const { access_token } of tokens) expect(await meWith(access_token)).to.equal(200)
        const kitchen = await relyingParty(app, 'kitchen', secret)
        const kept = await signIn(app, kitchen, { visitor: phone })
        const gone = await ada.fill('/account/applications', '/account/applications/withdraw')
        expect(textOf(gone.html)).to.include('No apps yet')
        for (const { refresh_token, access_token } of tokens) {
          if (refresh_token) expect(await refused(refreshTokenGrant(planner, refresh_token))).to.equal(true)
          expect(await meWith(access_token)).to.equal(401)
        }
        expect(await refused(refreshTokenGrant(kitchen, String(kept.tokens.refresh_token)))).to.equal(false)
        for (const visitor of [ada, phone]) {
          const again = await visitor.get((await beginSignIn(planner, { scope: 'openid email' })).url.href)
          expect(again.html, again.leaves).to.include('/consent?')
        }
      })

      it('withdraws nothing that is not there', async () => {
        const _csrf = await ada.token('/account/applications')
        const answer = await ada.post('/account/applications/withdraw', { _csrf, id: 'kitchen' })
        expect(answer.status).to.equal(404)
      })
    })
  })
}

import { expect } from 'chai'
import * as client from 'openid-client'
import { personCollection } from '../../src/accounts/person.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { beginSignIn, PASSWORD, relyingParty, seedRestaurant } from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor, type Page } from '../support/visitor.ts'

const ADA = { identifier: 'ada@example.com', password: PASSWORD }
const OLGA = { ...ADA, identifier: 'olga@example.com' }
const DATA_HERE = /data-here="(\/flow\/[\w-]{43})\?app=kitchen"/

for (const engine of engines()) {
  describe(`DC-1 the first page of a sign-in (${engine.name})`, () => {
    let app: RunningApp
    let kitchen: client.Configuration

    before(async () => {
      app = await startApp(engine)
      kitchen = await relyingParty(app, 'kitchen', (await seedRestaurant(app)).secret)
    })
    after(() => app?.stop())

    const begin = async (extra: Record<string, string> = {}) => (await beginSignIn(kitchen, extra)).url.href

    it('is the answer to the authorization request, and is there again under its own address', async () => {
      const visitor = createVisitor(app.url)
      const answer = await visitor.request(await begin({ login_hint: 'ada@example.com' }))
      expect([answer.status, answer.headers.get('location')]).to.deep.equal([200, null])
      expect(answer.headers.get('content-security-policy')).to.include("form-action 'self'")
      const html = await answer.text()
      const [, path = ''] = DATA_HERE.exec(html) ?? []
      expect(html).to.include(`action="${path}/sign-in?app=kitchen"`).and.include('value="ada@example.com"')
      const again = await visitor.request(`${path}?app=kitchen`)
      expect([again.status, await again.text()]).to.deep.equal([
        200,
        html.replace(` data-here="${path}?app=kitchen"`, ''),
      ])
    })

    it('is each tab’s own', async () => {
      const visitor = createVisitor(app.url)
      const tabs = new Map<string, Page>()
      for (const hint of ['one', 'two'])
        tabs.set(hint, await visitor.get(await begin({ login_hint: hint, state: hint })))
      for (const [hint, page] of tabs) {
        expect(page.html).to.include(`value="${hint}"`)
        expect((await visitor.submit(page, ADA, 'sign-in')).leaves).to.include(`state=${hint}`)
      }
    })

    it('is only of a sign-in that begins: what else is due has its own address, which a reload keeps', async () => {
      const { _id } = await app.accounts.create({
        email: OLGA.identifier,
        emailVerified: true,
        password: PASSWORD,
      })
      const visitor = createVisitor(app.url)
      const done = await visitor.submit(await visitor.get(await begin()), OLGA, 'sign-in')
      expect(done.leaves).to.include('code=')
      await app.store.collection(personCollection).update({ _id }, { $set: { mfa: true } })
      const url = await begin()
      await until(async () => {
        const answer = await visitor.request(url)
        expect([answer.status, answer.headers.get('location')].join()).to.match(/^303,\/flow\//)
      })
    })

    it('has an address of its own at once where the request can be asked for once', async () => {
      const visitor = createVisitor(app.url)
      const { search } = new URL(await begin())
      const posted = await visitor.request('/auth', { method: 'POST', body: new URLSearchParams(search) })
      const pushed = await client.buildAuthorizationUrlWithPAR(kitchen, new URLSearchParams(search))
      for (const url of [String(posted.headers.get('location')), pushed.href]) {
        const answer = await visitor.request(url)
        expect([url, answer.status].join()).to.equal([url, 303].join())
        expect(answer.headers.get('location')).to.match(/^\/flow\/[\w-]{43}\?app=kitchen$/)
      }
    })
  })
}

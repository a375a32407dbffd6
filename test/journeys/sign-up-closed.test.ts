import { expect } from 'chai'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { beginSignIn, CALLBACK, PASSWORD, relyingParty, seedRestaurant } from '../support/restaurant.ts'
import { createVisitor, formsIn, type Page, textOf, type Visitor } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`DC-15 sign-up is open or closed, per application (${engine.name})`, () => {
    let app: RunningApp

    before(async () => {
      app = await startApp(engine)
      await seedRestaurant(app)
      await app.roles.put({ _id: 'owner', title: 'Owner', permissions: [], mfa: false })
      await put('board', 'closed')
      await put('door', 'open')
    })
    after(() => app?.stop())

    function put(_id: string, signUp: 'open' | 'closed') {
      const about = { kind: 'spa' as const, firstParty: true, redirectUris: [CALLBACK] }
      return app.applications.put({ _id, name: _id, signUp, signUpRoles: ['owner'], ...about }, 'test')
    }

    async function enter(visitor: Visitor, id: string, extra: Record<string, string> = {}): Promise<Page> {
      return visitor.get((await beginSignIn(await relyingParty(app, id), extra)).url.href)
    }

    /** What a forger would post to this sign-in. */
    async function post(visitor: Visitor, page: Page, route: string, fields: Record<string, string>) {
      const url = new URL(page.url)
      const body = new URLSearchParams({ _csrf: formsIn(page.html)[0]?.hidden._csrf ?? '', ...fields })
      return visitor.request(`${url.pathname.split('/').slice(0, 3).join('/')}/${route}${url.search}`, {
        method: 'POST',
        body,
        headers: { origin: app.url, 'sec-fetch-site': 'same-origin' },
      })
    }

    async function mailed(to: string, pattern: RegExp): Promise<string> {
      await app.mail.pass()
      const mail = (await app.mail.sent()).find((sent) => sent.to === to)
      return pattern.exec(mail?.text ?? '')?.[0]?.replace(' ', '') ?? ''
    }

    const CODE = /\b\d{3} ?\d{3}\b/
    const LINK = /http:\S+verify-email\?token=\S+/

    it('an open one offers it, and gives the roles it is configured to give', async () => {
      const visitor = createVisitor(app.url)
      const page = await enter(visitor, 'door')
      expect(page.html).to.include('/sign-up?app=door')
      const form = await enter(visitor, 'door', { prompt: 'create' })
      const asked = await visitor.submit(form, { email: 'ove@example.com', password: PASSWORD }, 'sign-up')
      const done = await visitor.submit(asked, { code: await mailed('ove@example.com', CODE) }, 'verify')
      expect(done.leaves, textOf(done.html)).to.include('code=')
      const person = await app.accounts.findByIdentifier('ove@example.com')
      expect(person?.roles.map(({ id }) => id)).to.deep.equal(['owner'])
    })

    it('a closed one offers none, also when asked to by prompt=create', async () => {
      for (const extra of [{}, { prompt: 'create' }]) {
        const page = await enter(createVisitor(app.url), 'board', extra)
        expect(page.html).to.include('name="identifier"').and.not.include('sign-up')
      }
    })

    it('a closed one accepts none, at any of its pages and posts', async () => {
      const visitor = createVisitor(app.url)
      const page = await enter(visitor, 'board')
      const url = new URL(page.url)
      for (const route of ['sign-up', 'verify']) {
        const seen = await visitor.request(`${url.pathname}/${route}${url.search}`)
        expect([route, seen.status]).to.deep.equal([route, 403])
      }
      const fields = { email: 'eve@example.com', password: PASSWORD }
      expect((await post(visitor, page, 'sign-up', fields)).status).to.equal(403)
      expect((await post(visitor, page, 'verify', { code: '123456' })).status).to.equal(403)
      expect((await post(visitor, page, 'resend', {})).status).to.equal(403)
      expect(await mailed('eve@example.com', CODE)).to.equal('')
    })

    it('an address that was proven for an open one makes no account at a closed one', async () => {
      const visitor = createVisitor(app.url)
      const closed = await enter(visitor, 'board')
      const form = await enter(visitor, 'kitchen', { prompt: 'create' })
      await visitor.submit(form, { email: 'mal@example.com', password: PASSWORD }, 'sign-up')
      const code = await mailed('mal@example.com', CODE)
      expect(code).to.match(/^\d{6}$/)
      expect((await post(visitor, closed, 'verify', { code })).status).to.equal(403)
      // Nor at another open one, whose roles it would get.
      const other = await enter(visitor, 'door', { prompt: 'create' })
      const answer = await post(visitor, other, 'verify', { code })
      expect(answer.headers.get('location')).to.include('/sign-up?app=door')
      expect(await app.accounts.findByIdentifier('mal@example.com')).to.equal(undefined)
    })

    it('one that is closed while the mail is on its way accepts neither code nor link', async () => {
      const visitor = createVisitor(app.url)
      await put('hatch', 'open')
      const form = await enter(visitor, 'hatch', { prompt: 'create' })
      const asked = await visitor.submit(form, { email: 'lou@example.com', password: PASSWORD }, 'sign-up')
      await put('hatch', 'closed')
      const code = await mailed('lou@example.com', CODE)
      expect((await post(visitor, asked, 'verify', { code })).status).to.equal(403)
      const page = await visitor.get(await mailed('lou@example.com', LINK))
      expect((await visitor.submit(page)).status).to.equal(403)
      expect(await app.accounts.findByIdentifier('lou@example.com')).to.equal(undefined)
    })
  })
}

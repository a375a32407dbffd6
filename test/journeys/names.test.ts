import { expect } from 'chai'
import { audit } from '../../src/events/audit.ts'
import { authUrl, type House, login, newestMail, openHouse } from '../attacks/house.ts'
import { engines } from '../support/engines.ts'
import { CALLBACK, PASSWORD } from '../support/restaurant.ts'
import { createVisitor, textOf, type Visitor } from '../support/visitor.ts'

for (const engine of engines()) {
  describe(`DC-2 AA-4 what people are called (${engine.name})`, () => {
    let app: House

    before(async () => {
      app = await openHouse(engine, { realHashes: false })
      const about = {
        redirectUris: [CALLBACK],
        kind: 'spa' as const,
        firstParty: true,
        signUp: 'open' as const,
      }
      await app.applications.put(
        { _id: 'rota', name: 'Rota', requiredProfile: ['firstName', 'lastName'], ...about },
        'test',
      )
    })
    after(() => app?.stop())

    async function signUp(email: string, names: Record<string, string>, visitor = createVisitor(app.url)) {
      const page = await visitor.get(authUrl(app, { prompt: 'create' }))
      return visitor.submit(page, { email, password: PASSWORD, ...names }, 'sign-up')
    }
    async function prove(visitor: Visitor, page: Awaited<ReturnType<typeof signUp>>, email: string) {
      const [, a = '', b = ''] = /\b(\d{3}) ?(\d{3})\b/.exec(await newestMail(app, email)) ?? []
      return visitor.submit(page, { code: a + b }, 'verify')
    }

    it('is asked at sign-up, and need not be said', async () => {
      for (const [email, names, stored] of [
        ['grace@example.com', { firstName: ' Grace ', lastName: 'Hopper' }, ['Grace', 'Hopper']],
        ['edsger@example.com', { firstName: '', lastName: '' }, [undefined, undefined]],
      ] as const) {
        const visitor = createVisitor(app.url)
        const asked = await signUp(email, names, visitor)
        const again = await visitor.submit(asked, {}, 'resend')
        expect((await prove(visitor, again, email)).leaves).to.be.a('string')
        const person = await app.accounts.findByIdentifier(email)
        expect([person?.firstName, person?.lastName]).to.deep.equal(stored)
      }
    })

    it('is kept when the mailed link proves the address', async () => {
      await signUp('barbara@example.com', { firstName: 'Barbara', lastName: 'Liskov' })
      const link = /http\S+verify-email\?token=[\w-]+/.exec(await newestMail(app, 'barbara@example.com'))?.[0]
      const elsewhere = createVisitor(app.url)
      const done = await elsewhere.submit(await elsewhere.get(String(link)), { password: PASSWORD })
      expect(done.status, textOf(done.html)).to.equal(200)
      expect(await app.accounts.findByIdentifier('barbara@example.com')).to.deep.include({
        firstName: 'Barbara',
        lastName: 'Liskov',
      })
    })

    it('is a line of at most 100 characters, and what was typed stays', async () => {
      const mail = 'bad@example.com'
      for (const firstName of ['x'.repeat(101), 'A\u0007da', 'A\nda']) {
        const page = await signUp(mail, { firstName, lastName: 'Rossi' })
        expect(page.status).to.equal(422)
        expect(page.html).to.match(/id="f-firstName"[\s\S]{0,400}aria-invalid="true"/)
        expect(page.html).to.include('value="Rossi"')
      }
    })

    it('is asked before the first visit to an application that needs it, and at every door', async () => {
      const ada = await app.accounts.create({
        email: 'alan@example.com',
        emailVerified: true,
        password: PASSWORD,
        firstName: 'Alan',
      })
      const visitor = createVisitor(app.url)
      const door = await visitor.get(authUrl(app, { client_id: 'rota' }))
      const asked = await visitor.submit(
        door,
        { identifier: 'alan@example.com', password: PASSWORD },
        'sign-in',
      )
      expect(textOf(asked.html)).to.include('Tell us who you are')
      expect(asked.html).to.include('value="Alan"')
      const silent = await visitor.get(authUrl(app, { client_id: 'rota', prompt: 'none' }))
      expect(silent.leaves).to.include('error=interaction_required')
      const empty = await visitor.submit(asked, { firstName: 'Alan', lastName: ' ' }, 'profile')
      expect(empty.status).to.equal(422)
      expect(textOf(empty.html)).to.include('Please fill this in.')
      const done = await visitor.submit(empty, { firstName: 'Alan', lastName: 'Turing' }, 'profile')
      expect(done.leaves).to.include('code=')
      expect(await app.accounts.find(ada._id)).to.deep.include({ firstName: 'Alan', lastName: 'Turing' })
      expect(await app.store.collection(audit).count({ person: ada._id, type: 'profile_changed' })).to.equal(
        1,
      )
      const again = await visitor.get(authUrl(app, { client_id: 'rota' }))
      expect(again.leaves).to.include('code=')
    })

    it('is no condition where nobody asks for it', async () => {
      const answer = await login(app, { identifier: 'edsger@example.com', password: PASSWORD })
      expect(answer.status).to.equal(200)
    })
  })

  describe(`DC-2 what is asked for, in words (${engine.name})`, () => {
    let app: House

    before(async () => {
      app = await openHouse(engine, { realHashes: false })
      await app.roles.put({ _id: 'shift-lead', title: 'Leads the shift', permissions: [], mfa: false })
      await app.applications.change(
        'planner',
        (before) => ({ ...before, _id: 'planner', name: 'Table Planner', maker: 'Cucina Software, Naples' }),
        'test',
      )
    })
    after(() => app?.stop())

    it('roles by their titles, and who made the application', async () => {
      await app.accounts.create({
        email: 'lea@example.com',
        emailVerified: true,
        password: PASSWORD,
        roles: app.roles.copy(['waiter', 'shift-lead']),
      })
      const visitor = createVisitor(app.url)
      const door = await visitor.get(authUrl(app, { client_id: 'planner', scope: 'openid roles' }))
      const who = { identifier: 'lea@example.com', password: PASSWORD }
      const text = textOf((await visitor.submit(door, who, 'sign-in')).html)
      expect(text).to.include('Waiter, Leads the shift').and.not.include('shift-lead')
      expect(text).to.include('Table Planner was made by Cucina Software, Naples.')
    })

    it('and no maker where none is known', async () => {
      await app.applications.put(
        { _id: 'planner', name: 'Table Planner', redirectUris: [CALLBACK], authMethod: 'none' },
        'test',
      )
      const visitor = createVisitor(app.url)
      const door = await visitor.get(authUrl(app, { client_id: 'planner', scope: 'openid roles' }))
      const page = await visitor.submit(
        door,
        { identifier: 'ada@example.com', password: PASSWORD },
        'sign-in',
      )
      expect(textOf(page.html)).to.include('Waiter').and.not.include('was made by')
    })
  })
}

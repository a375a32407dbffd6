import { expect } from 'chai'
import { refreshTokenGrant } from 'openid-client'
import { readDocument } from '../../src/admin/admin.ts'
import { audit } from '../../src/events/audit.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { signInToAccount } from '../support/resident.ts'
import { PASSWORD, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'
import { samplePicture } from '../support/sample-picture.ts'
import { textOf } from '../support/visitor.ts'

const page = '/account/data'

for (const engine of engines()) {
  describe(`DC-19 AA-3 one's own data (${engine.name})`, () => {
    let app: RunningApp
    let id = ''
    let secret = ''

    before(async () => {
      app = await startApp(engine)
      const cast = await seedRestaurant(app)
      id = cast.person.id
      secret = cast.secret
    })
    after(() => app?.stop())

    it('can be taken along, without secrets', async () => {
      const ada = await signInToAccount(app)
      await app.accounts.change(id, {}, { $set: { birthdate: '1984-02-29' } })
      const answer = await ada.request(`${page}/download`)
      expect(answer.headers.get('content-type')).to.match(/^application\/json/)
      expect(answer.headers.get('content-disposition')).to.match(
        /^attachment; filename="account-[\d-]+\.json"$/,
      )
      expect(answer.headers.get('cache-control')).to.equal('no-store')
      const text = await answer.text()
      const data = JSON.parse(text)
      expect(data).to.have.all.keys('exportedAt', 'account', 'profile', 'sessions', 'signIns', 'applications')
      expect(data.profile).to.include({ email: 'ada@example.com', birthdate: '1984-02-29' })
      expect(data.sessions).to.have.length(1)
      expect(data.signIns[0]).to.include({ outcome: 'success', device: 'Chrome on Windows' })
      expect(text).to.not.match(/argon2|"key"|"hash|"protocol"|"grants"/)
      const trail = await app.store.collection(audit).count({ person: id, type: 'data_downloaded' })
      expect(trail).to.equal(1)
    })

    it('is not deleted by accident', async () => {
      const ada = await signInToAccount(app)
      const form = await ada.fill(page, `${page}/delete`)
      expect(form.status).to.equal(422)
      expect(textOf(form.html))
        .to.include('Tick this box')
        .and.not.include('fill this in')
        .and.not.include('One field')
      await ada.age(6)
      const asked = await ada.fill(page, `${page}/delete`, { confirm: 'yes' })
      expect(asked.url).to.include('/flow/')
      expect(await app.accounts.find(id)).to.be.an('object')
    })

    it('goes with the account; the trail keeps the opaque id', async () => {
      const config = await relyingParty(app, 'kitchen', secret)
      const elsewhere = await signIn(app, config)
      const headers = { authorization: `Bearer ${elsewhere.tokens.access_token}` }
      expect((await fetch(`${app.url}/me`, { headers })).status).to.equal(200)
      const ada = await signInToAccount(app)
      const body = new FormData()
      body.set('_csrf', await ada.token('/account/profile'))
      body.set('picture', new Blob([new Uint8Array(samplePicture('png'))]), 'x')
      await ada.request('/account/profile', { method: 'POST', body, headers: { origin: app.url } })
      const picture = (await app.accounts.find(id))?.picture
      const done = await ada.fill(page, `${page}/delete`, { confirm: 'yes' })
      expect(textOf(done.html)).to.include('Your account is deleted')
      expect(textOf(done.html)).to.include('You can close this page')

      expect(await app.accounts.find(id)).to.equal(undefined)
      expect(await app.accounts.findByIdentifier('ada@example.com')).to.equal(undefined)
      expect((await fetch(`${app.url}/pictures/${picture}`)).status).to.equal(404)
      expect((await ada.get('/account/profile')).url).to.include('/flow/')
      expect((await elsewhere.visitor.get('/account')).url).to.include('/flow/')
      const { refresh_token } = elsewhere.tokens
      const refreshed = await refreshTokenGrant(config, String(refresh_token)).catch(() => undefined)
      expect(refreshed).to.equal(undefined)
      expect((await fetch(`${app.url}/me`, { headers })).status).to.equal(401)
      const left = await app.store.collection(audit).find({ person: id })
      expect(left.map(({ type }) => type)).to.include('account_deleted')
      for (const row of left) expect(row).to.not.have.any.keys('origin', 'detail')
    })

    it('is forgotten at the next start when the deletion was cut short', async () => {
      const origin = { ip: '192.0.2.9', device: 'Chrome on Windows', userAgent: 'x' }
      const person = 'cut-short'
      await app.store.batch([
        app.events.record({ type: 'sign_in', person, origin, detail: { method: 'pwd' } }),
        app.events.record({ type: 'account_deleted', person, origin }),
      ])
      await app.events.finishForgetting()
      const left = await app.store.collection(audit).find({ person })
      expect(left).to.have.length(2)
      for (const row of left) expect(row).to.not.have.any.keys('origin', 'detail')
    })

    it('of a new account under the same address is nobody else’s', async () => {
      const person = await app.accounts.create({
        email: 'ada@example.com',
        emailVerified: true,
        password: PASSWORD,
      })
      expect(person._id).to.not.equal(id)
      const ada = await signInToAccount(app)
      const { sessions, signIns } = JSON.parse(await (await ada.request(`${page}/download`)).text())
      expect([sessions.length, signIns.length]).to.deep.equal([1, 1])
    })

    it('is not made anew by the state file that made it', async () => {
      const file = readDocument(`people: [{ email: filed@example.com, password: ${PASSWORD} }]`)
      await app.desiredState.apply(file)
      const filed = await signInToAccount(app, { identifier: 'filed@example.com' })
      await filed.fill(page, `${page}/delete`, { confirm: 'yes' })
      await app.desiredState.apply(file)
      expect(await app.accounts.findByIdentifier('filed@example.com')).to.equal(undefined)
    })

    it('is kept by the last administrator, also when two go at once', async () => {
      const permissions = [{ api: `${app.url}/api`, names: ['administer'] }]
      await app.roles.put({ _id: 'administrator', title: 'Administrator', permissions, mfa: false })
      const roles = app.roles.copy(['administrator'])
      const names = ['ann@example.com', 'ben@example.com']
      for (const email of names)
        await app.accounts.create({ email, emailVerified: true, password: PASSWORD, roles })
      await app.accounts.create({ email: 'invited@example.com', emailVerified: true, roles })
      const both = await Promise.all(names.map((identifier) => signInToAccount(app, { identifier })))
      const answers = await Promise.all(
        both.map(async (one) => {
          const _csrf = await one.token(page)
          return (await one.post(`${page}/delete`, { _csrf, confirm: 'yes' })).status
        }),
      )
      const left = (await Promise.all(names.map((email) => app.accounts.findByIdentifier(email)))).filter(
        Boolean,
      )
      expect(answers).to.include(200)
      expect(left).to.have.length(1)
      const last = await signInToAccount(app, { identifier: String(left[0]?.email) })
      const refused = await last.fill(page, `${page}/delete`, { confirm: 'yes' })
      expect(refused.status).to.equal(422)
      expect(textOf(refused.html)).to.include('last administrator')
    })
  })
}

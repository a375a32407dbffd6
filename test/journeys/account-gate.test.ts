import { expect } from 'chai'
import { returnPath } from '../../src/account-pages/return-path.ts'
import type { NewApplication } from '../../src/applications/applications.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { inhabit, signInToAccount } from '../support/resident.ts'
import { PASSWORD, relyingParty, seedRestaurant, signIn } from '../support/restaurant.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

const places = ['profile', 'email', 'password', 'security', 'sessions', 'history', 'applications', 'data']
const acts = [
  ...['profile', 'password', 'email', 'email/confirm'],
  ...['email/resend', 'email/cancel', 'email/link', 'security/totp', 'security/totp/remove'],
  ...['security/recovery-codes', 'security/recovery-codes/saved', 'sessions/end', 'sessions/end-others'],
  ...['applications/withdraw', 'data/delete', 'sign-out'],
]

describe('W09 the way back after a sign-in', () => {
  const issuer = 'https://id.example'
  for (const path of ['/account', '/account/email', '/account/history?after=1.a', '/account?done=saved']) {
    it(`may be ${path}`, () => expect(returnPath(path, issuer)).to.equal(path))
  }
  const tricks = [
    ...['//evil.example', '/\\evil.example', '\\\\evil.example', 'https://evil.example/account', '/', ''],
    ...['/account/../admin', '/account/..', '/account/%2e%2e/admin', '/account/.%2E/admin', '/accountant'],
    ...['/account//evil.example/..', '/account/%2F%2Fevil', '/account/%5cevil', '/account/\\evil'],
    ...['/account\u0000', '/account\n/x', '/acc\tount', ' /account', '/account@evil.example', '/account#x'],
    ...['javascript:alert(1)//account', '//id.example/account', `/account/${'x'.repeat(1_000)}`],
  ]
  for (const path of tricks) {
    it(`is never ${JSON.stringify(path).slice(0, 60)}`, () => {
      expect(returnPath(path, issuer)).to.equal(undefined)
    })
  }
})

for (const engine of engines()) {
  describe(`AA-3 SB-6 the gate of the account (${engine.name})`, () => {
    let app: RunningApp

    before(async () => {
      app = await startApp(engine)
      await seedRestaurant(app)
      await app.roles.put({ _id: 'owner', title: 'Owner', permissions: [], mfa: true })
      const olga = { email: 'olga@example.com', emailVerified: true, password: PASSWORD }
      await app.accounts.create({ ...olga, roles: app.roles.copy(['owner']) })
      await app.accounts.create({ email: 'uma@example.com', emailVerified: false, password: PASSWORD })
    })
    after(() => app?.stop())

    it('sends a stranger to sign in, and then to the page that was wanted', async () => {
      const visitor = createVisitor(app.url)
      const door = await visitor.get('/account/history')
      expect(door.url).to.include('/flow/')
      const page = await visitor.submit(
        door,
        { identifier: 'ada@example.com', password: PASSWORD },
        'sign-in',
      )
      expect(page.url).to.equal(`${app.url}/account/history`)
      expect(textOf(page.html)).to.include('Chrome on Windows')
    })

    it('has no way back for who comes from nowhere, and says nothing of a sign-out', async () => {
      const visitor = createVisitor(app.url)
      const door = await visitor.get('/account/data')
      expect(door.html).to.not.include('/cancel?').and.not.include('Back to')
      // From a page that was open before.
      const _csrf = /name="_csrf" value="([^"]+)"/.exec(door.html)?.[1] ?? ''
      const { pathname, search } = new URL(door.url)
      const gone = await inhabit(app, visitor).post(`${pathname}/cancel${search}`, { _csrf })
      const again = await visitor.get(String(gone.headers.get('location')))
      expect(again.url).to.include('/flow/')
      expect(textOf(again.html)).to.include('Sign in to Maitred').and.not.include('signed out')
    })

    it('leads password managers to where a password is changed', async () => {
      const answer = await fetch(`${app.url}/.well-known/change-password`, { redirect: 'manual' })
      expect([answer.status, answer.headers.get('location')]).to.deep.equal([303, '/account/password'])
    })

    it('has a way back to the application that was entered last, if it has an address, and no other', async () => {
      const uri = 'https://kitchen.example/start'
      await app.applications.change('kitchen', (before) => ({ ...before, uri }) as NewApplication, 'test')
      const own = await signInToAccount(app)
      expect((await own.get('/account/profile?app=kitchen')).html).to.not.include('Back to')
      const kitchen = await relyingParty(app, 'kitchen', await app.applications.newSecret('kitchen', 'test'))
      const { visitor } = await signIn(app, kitchen)
      await signIn(app, await relyingParty(app, 'spa'), { visitor })
      for (const place of places) {
        const { html } = await visitor.get(`/account/${place}`)
        expect(html).to.match(/<a [^>]*href="https:\/\/kitchen\.example\/start">Back to Kitchen display</)
        expect(html).to.not.include('Back to Phone app')
      }
    })

    it('says whose account it is in the menu, too', async () => {
      const { html } = await (await signInToAccount(app)).get('/account/profile')
      const menu = /<details class="menu">[\s\S]*?<\/details>/.exec(html)?.[0] ?? ''
      expect(textOf(menu)).to.include('Ada Rossi').and.include('ada@example.com')
    })

    it('shows nothing to who is half signed in, and does nothing for them', async () => {
      for (const identifier of ['olga@example.com', 'uma@example.com']) {
        const visitor = createVisitor(app.url)
        const half = await visitor.submit(
          await visitor.get('/account'),
          { identifier, password: PASSWORD },
          'sign-in',
        )
        expect(half.url).to.include('/flow/')
        const { post } = inhabit(app, visitor)
        for (const place of [...places, 'data/download', 'security/totp', 'email/link?token=x']) {
          const answer = await visitor.request(`/account/${place}`)
          expect([place, answer.status, await answer.text()].join()).to.include('/auth?')
          expect(answer.headers.get('location')).to.match(/^\/auth\?client_id=account&/)
        }
        for (const path of acts) {
          const answer = await post(`/account/${path}`, { confirm: 'yes', id: 'x', firstName: 'Eve' })
          expect([path, answer.status, answer.headers.get('location')].join()).to.match(/,303,\/auth\?/)
        }
        expect(await app.accounts.findByIdentifier(identifier)).to.not.have.property('firstName')
      }
    })

    it('refuses every form without its CSRF token, or from elsewhere', async () => {
      const ada = await signInToAccount(app)
      const token = await ada.token('/account/profile')
      for (const path of acts) {
        const without = await ada.post(`/account/${path}`, { confirm: 'yes', id: 'x' })
        expect([path, without.status]).to.deep.equal([path, 403])
        const foreign = await ada.post(
          `/account/${path}`,
          { _csrf: token },
          { origin: 'https://evil.example' },
        )
        expect([path, foreign.status]).to.deep.equal([path, 403])
      }
    })

    it('returns to the account only, whatever comes back as state', async () => {
      const ada = await signInToAccount(app)
      for (const state of [
        '//evil.example',
        '/\\evil.example',
        '/account/../admin',
        'https://evil.example',
        '',
      ]) {
        const answer = await ada.request(`/account/callback?code=x&state=${encodeURIComponent(state)}`)
        expect([state, answer.headers.get('location')]).to.deep.equal([state, '/account'])
      }
    })

    it('asks for the sign-in again before what is sensitive', async () => {
      const ada = await signInToAccount(app)
      await ada.age(6)
      const asked = await ada.get('/account/data/download')
      expect(asked.url).to.include('/flow/')
      expect(textOf(asked.html)).to.include('Confirm that it is you').and.include('ada@example.com')
      const back = await ada.submit(asked, {}, 'cancel')
      expect(back.url).to.equal(`${app.url}/account/data`)
      const wrong = await ada.submit(await ada.get('/account/data/download'), { password: 'no' }, 'sign-in')
      expect(wrong.status).to.equal(401)
      const right = await ada.submit(wrong, { password: PASSWORD }, 'sign-in')
      expect(right.url).to.equal(`${app.url}/account/data?done=confirmed`)
      expect((await ada.request('/account/data/download')).status).to.equal(200)
    })

    it('lets nobody in with a session that has ended', async () => {
      const ada = await signInToAccount(app)
      const gone = await ada.fill('/account/profile', '/account/sign-out')
      expect(textOf(gone.html)).to.match(/You are signed out.* Sign in$/)
      expect((await ada.get('/account/profile')).url).to.include('/flow/')
    })
  })
}

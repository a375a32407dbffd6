import { expect } from 'chai'
import { decodeJwt } from 'jose'
import * as client from 'openid-client'
import { personCollection } from '../../src/accounts/person.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { signInToAccount } from '../support/resident.ts'
import {
  beginSignIn,
  type Cast,
  PASSWORD,
  relyingParty,
  seedRestaurant,
  signIn,
} from '../support/restaurant.ts'
import { until } from '../support/until.ts'
import { createVisitor, type Page, textOf } from '../support/visitor.ts'

const ADA = { identifier: 'ada@example.com', password: PASSWORD }
const GRACE = { identifier: 'grace@example.com', password: PASSWORD }
const acr = (...values: string[]) =>
  JSON.stringify({
    id_token: { acr: { essential: true, values: values.map((v) => `urn:maitred:acr:${v}`) } },
  })

for (const engine of engines()) {
  describe(`DC-1 what an authorization request can ask for (${engine.name})`, () => {
    let app: RunningApp
    let cast: Cast
    let kitchen: client.Configuration

    before(async () => {
      app = await startApp(engine)
      cast = await seedRestaurant(app)
      kitchen = await relyingParty(app, 'kitchen', cast.secret)
      const ada = await app.accounts.find(cast.person.id)
      if (ada) await app.accounts.changeIdentifiers(ada, { phone: '+390815517123' }, {})
      await app.accounts.create({ email: GRACE.identifier, emailVerified: true, password: PASSWORD })
    })
    after(() => app?.stop())

    const params = (page: Page) => new URL(String(page.leaves)).searchParams
    const open = async (extra: Record<string, string>, visitor = createVisitor(app.url)) =>
      visitor.get((await beginSignIn(kitchen, extra)).url.href)

    it('hears at once of what another process writes of a person, and stops nobody by what was so before', async () => {
      const email = 'linus@example.com'
      const { _id } = await app.accounts.create({ email, emailVerified: true, password: PASSWORD })
      const { visitor, tokens } = await signIn(app, kitchen, { identifier: email })
      let { refresh_token: token } = tokens
      // What another process writes is heard of later.
      const say = (emailVerified: boolean) =>
        app.store.collection(personCollection).update({ _id }, { $set: { emailVerified } })
      for (let round = 0; round < 5; round += 1) {
        await say(false)
        await until(async () => expect((await open({}, visitor)).html).to.include('/verify'))
        await say(true)
        expect(params(await open({}, visitor)).has('code')).to.equal(true)
        await say(false)
        await until(async () => expect((await open({}, visitor)).html).to.include('/verify'))
        await say(true)
        token = (await client.refreshTokenGrant(kitchen, String(token))).refresh_token
      }
    })

    it('gives the claims that are asked for by name, where they are asked for', async () => {
      const claims = JSON.stringify({
        userinfo: { phone_number: null, given_name: { essential: true } },
        id_token: { email: null },
      })
      const { tokens } = await signIn(app, kitchen, { extra: { scope: 'openid', claims } })
      expect(tokens.claims()).to.include({ email: 'ada@example.com' }).and.not.have.property('phone_number')
      const info = () => client.fetchUserInfo(kitchen, tokens.access_token, cast.person.id)
      expect(await info()).to.have.all.keys('sub', 'phone_number', 'given_name')
      const next = await client.refreshTokenGrant(kitchen, String(tokens.refresh_token))
      const later = await client.fetchUserInfo(kitchen, next.access_token, cast.person.id)
      expect(later).to.deep.equal({
        sub: cast.person.id,
        phone_number: '+390815517123',
        given_name: 'Ada',
      })
      expect(next.claims()).to.include({ email: 'ada@example.com' })
    })

    it('tells the person of claims that a third party asks for by name', async () => {
      const planner = await relyingParty(app, 'planner', await app.applications.newSecret('planner', 'test'))
      const claims = JSON.stringify({ userinfo: { phone_number: null } })
      const { url, finish } = await beginSignIn(planner, { scope: 'openid', claims })
      const visitor = createVisitor(app.url)
      const asked = await visitor.submit(await visitor.get(url.href), ADA)
      expect(textOf(asked.html)).to.include('See your phone number').and.include('+390815517123')
      const tokens = await finish(String((await visitor.submit(asked, {}, 'consent')).leaves))
      const info = await client.fetchUserInfo(planner, tokens.access_token, cast.person.id)
      expect(info).to.include({ phone_number: '+390815517123' }).and.not.have.property('email')
      const allowed = await visitor.get('/account/applications')
      expect(textOf(allowed.html)).to.include('Table Planner').and.include('See your phone number')
    })

    it('speaks the language that the application names, on each page', async () => {
      const visitor = createVisitor(app.url, { 'accept-language': 'en' })
      const page = await open({ ui_locales: 'fr-CH de' }, visitor)
      expect(page.html).to.include('<html lang="de"')
      const wrong = await visitor.submit(page, { ...ADA, password: 'no' }, 'sign-in')
      expect(wrong.html).to.include('<html lang="de"')
      const unknown = await open({ ui_locales: 'tlh' }, createVisitor(app.url, { 'accept-language': 'de' }))
      expect(unknown.html).to.include('<html lang="de"')
    })

    it('takes login_hint as what is typed already, as text', async () => {
      const page = await open({ login_hint: '"><b>ada@example.com' })
      expect(page.html).to.include('&lt;b&gt;ada@example.com').and.not.include('"><b>')
    })

    it('asks again once the sign-in is older than max_age, and tells when it was', async () => {
      const { visitor } = await signIn(app, kitchen)
      const resident = await signInToAccount(app)
      await resident.age(5)
      const young = await open({ max_age: '600' }, visitor)
      expect(params(young).get('code')).to.be.a('string')
      const { url, finish } = await beginSignIn(kitchen, { max_age: '60' })
      const asked = await visitor.get(url.href)
      expect(asked.leaves).to.equal(undefined)
      const done = await visitor.submit(asked, { password: PASSWORD }, 'sign-in')
      const tokens = await finish(String(done.leaves))
      expect(Number(tokens.claims()?.auth_time)).to.be.closeTo(Date.now() / 1000, 20)
      const silent = await open({ max_age: '0', prompt: 'none' }, visitor)
      expect(params(silent).get('error')).to.equal('login_required')
    })

    it('says truly how and when the person signed in, after a refresh too', async () => {
      const { visitor, tokens } = await signIn(app, kitchen)
      const first = decodeJwt(tokens.access_token)
      const told = { acr: 'urn:maitred:acr:1fa', amr: ['pwd'], auth_time: first.auth_time }
      expect(first).to.deep.include(told)
      expect(tokens.claims()).to.deep.include(told)
      await open({ prompt: 'login' }, visitor)
      const next = await client.refreshTokenGrant(kitchen, String(tokens.refresh_token))
      expect(decodeJwt(next.access_token)).to.deep.include(told)
      expect(next.claims()).to.deep.include(told)
    })

    it('asks for a second factor when acr_values or an essential acr want it', async () => {
      for (const extra of [
        { acr_values: 'urn:maitred:acr:2fa' },
        { claims: acr('2fa') },
        // One factor would do for acr_values alone; what is essential counts.
        { claims: acr('2fa'), acr_values: 'urn:maitred:acr:1fa' },
      ]) {
        const visitor = createVisitor(app.url)
        const page = await visitor.submit(await open(extra, visitor), ADA, 'sign-in')
        expect(page.html, JSON.stringify(extra)).to.include('enrolFactor')
        const silent = await open({ ...extra, prompt: 'none' }, visitor)
        expect(params(silent).get('error')).to.equal('interaction_required')
      }
      const done = await signIn(app, kitchen, { extra: { claims: acr('2fa', '1fa') } })
      expect(done.tokens.claims()).to.include({ acr: 'urn:maitred:acr:1fa' })
    })

    it('refuses an essential acr that nobody can reach, and ignores one that is only wished for', async () => {
      const { visitor } = await signIn(app, kitchen)
      const page = await open({ claims: acr('9fa') }, visitor)
      expect(params(page).get('error')).to.equal('unmet_authentication_requirements')
      const wished = await open({ acr_values: 'urn:maitred:acr:9fa' }, visitor)
      expect(params(wished).get('code')).to.be.a('string')
    })

    it('wants the person of id_token_hint, or of the claim sub, and nobody else', async () => {
      const ada = await signIn(app, kitchen)
      const grace = await signIn(app, kitchen, GRACE)
      const hint = { id_token_hint: String(grace.tokens.id_token) }
      const sub = { claims: JSON.stringify({ id_token: { sub: { value: grace.tokens.claims()?.sub } } }) }
      for (const extra of [hint, sub]) {
        const { visitor } = await signIn(app, kitchen)
        const same = await open({ ...extra, prompt: 'none' }, grace.visitor)
        expect(params(same).get('code')).to.be.a('string')
        const other = await open({ ...extra, prompt: 'none' }, visitor)
        expect(params(other).get('error')).to.equal('login_required')

        const { url, finish } = await beginSignIn(kitchen, extra)
        const asked = await visitor.get(url.href)
        expect(asked.html).to.include('name="identifier"')
        const done = await visitor.submit(asked, GRACE, 'sign-in')
        expect((await finish(String(done.leaves))).claims()?.sub).to.equal(grace.tokens.claims()?.sub)

        const wrong = createVisitor(app.url)
        const left = await wrong.submit(await open(extra, wrong), ADA, 'sign-in')
        expect(params(left).get('error'), textOf(left.html)).to.equal('login_required')
      }
      const forged = `${String(grace.tokens.id_token).slice(0, -8)}AAAAAAAA`
      const refused = await open({ id_token_hint: forged }, ada.visitor)
      expect(params(refused).get('error')).to.equal('invalid_request')
    })

    it('names the issuer in answers and in errors (RFC 9207)', async () => {
      const { callback, visitor } = await signIn(app, kitchen)
      expect(new URL(callback).searchParams.get('iss')).to.equal(app.url)
      for (const extra of [{ prompt: 'none' }, { response_type: 'id_token token' }, { scope: 'nothing' }]) {
        const page = await open(extra)
        const answer = new URL(String(page.leaves))
        const told = answer.hash ? new URLSearchParams(answer.hash.slice(1)) : answer.searchParams
        expect([told.get('iss'), told.has('error')], JSON.stringify(extra)).to.deep.equal([app.url, true])
      }
      const cancelled = await visitor.submit(await open({ prompt: 'login' }, visitor), {}, 'cancel')
      expect(Object.fromEntries(params(cancelled))).to.include({ error: 'access_denied', iss: app.url })
    })

    it('begins with the sign-up for prompt=create, also for somebody who is signed in', async () => {
      const { visitor } = await signIn(app, kitchen)
      for (const page of [await open({ prompt: 'create' }), await open({ prompt: 'create' }, visitor)]) {
        expect(page.html).to.include('autocomplete="new-password"').and.include('/sign-up?app=kitchen')
      }
      const both = await open({ prompt: 'create none' })
      expect(params(both).get('error')).to.equal('invalid_request')
    })

    it('refuses claims that it cannot read, in the application’s words', async () => {
      const { visitor } = await signIn(app, kitchen)
      for (const claims of [
        ...['{', '[]', '{}', '{"userinfo":[]}', '{"id_token":{"acr":5}}', '{"userinfo":{"email":true}}'],
        ...['{"id_token":{"acr":{"essential":true,"values":5}}}', '{"id_token":{"sub":{"value":{}}}}'],
      ]) {
        const page = await open({ claims }, visitor)
        expect([claims, params(page).get('error')]).to.deep.equal([claims, 'invalid_request'])
      }
    })

    it('gives only codes', async () => {
      const { visitor } = await signIn(app, kitchen)
      for (const response_type of ['token', 'id_token', 'code id_token', 'code token', 'none']) {
        const page = await open({ response_type }, visitor)
        expect(page.leaves ?? '', response_type).to.match(/error=un(supported|authorized)/)
      }
      const object = await open({ request: 'e30.e30.' }, visitor)
      expect(object.leaves ?? '').to.match(/error=request_not_supported/)
    })
  })
}

import { expect } from 'chai'
import { sessionCollection } from '../../src/accounts/accounts.ts'
import { personCollection } from '../../src/accounts/person.ts'
import { sha256 } from '../../src/keys/keys.ts'
import { tokenCollection } from '../../src/oidc/token-document.ts'
import { type Store, StoreUnavailableError } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'
import { CALLBACK, PASSWORD } from '../support/restaurant.ts'
import { copyOf, createVisitor, formsIn, type Page, textOf, type Visitor } from '../support/visitor.ts'
import {
  ADA,
  authUrl,
  basic,
  CHALLENGE,
  codeOf,
  type House,
  newestMail,
  openHouse,
  redeem,
  send,
  tokensOf,
  uidOf,
  userinfo,
} from './house.ts'

for (const engine of engines()) {
  describe(`a step that goes on and does not come through (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House
    let time = Date.now()
    let batch: Store['batch']
    let find: House['accounts']['find']

    before(async () => {
      house = await openHouse(engine, { realHashes: false, now: () => new Date(time) })
      batch = house.store.batch
      find = house.accounts.find
    })
    afterEach(() => {
      house.store.batch = batch
      house.accounts.find = find
    })
    after(() => house?.stop())

    /** What happens, once, in the place of the batch that a sign-in goes on with. */
    function instead(act: (make: () => Promise<void>) => Promise<void>): void {
      house.store.batch = async (writes) => {
        const isIt = writes.some(({ in: { name } }) => name === sessionCollection.name)
        if (!isIt) return batch(writes)
        house.store.batch = batch
        await act(() => batch(writes))
      }
    }

    async function post(
      visitor: Visitor,
      page: Page,
      fields: Record<string, string>,
      to = 'sign-in',
    ): Promise<Response> {
      const form = formsIn(page.html).find(({ action }) => action.includes(to))
      return visitor.request(String(form?.action), {
        method: 'POST',
        body: new URLSearchParams({ ...form?.hidden, ...fields }),
        headers: { origin: house.url, 'sec-fetch-site': 'same-origin' },
      })
    }

    async function pushedUrl(): Promise<string> {
      const form = {
        client_id: 'kitchen',
        response_type: 'code',
        scope: 'openid',
        redirect_uri: CALLBACK,
        code_challenge: CHALLENGE,
        code_challenge_method: 'S256',
      }
      const { json } = await send(house, '/request', { form, headers: basic('kitchen', house.cast.secret) })
      const query = new URLSearchParams({ client_id: 'kitchen', request_uri: String(json.request_uri) })
      return `${house.url}/auth?${query}`
    }

    async function expectNothingHappened(
      visitor: Visitor,
      page: Page,
      fields: Record<string, string> = ADA,
      to = 'sign-in',
    ): Promise<void> {
      const answer = await post(visitor, page, fields, to)
      expect([answer.status, answer.headers.get('retry-after')]).to.deep.equal([503, '2'])
      expect(answer.headers.getSetCookie()).to.deep.equal([])
      expect(answer.headers.get('location')).to.equal(null)
      expect(await answer.text()).not.to.include('code=')
      expect((await visitor.submit(page, fields, to)).leaves).to.include('code=')
    }

    it('F03: without the store it is told so, and done again when the store is back', async () => {
      for (const url of [authUrl(house), await pushedUrl()]) {
        const visitor = createVisitor(house.url)
        const page = await visitor.get(url)
        instead(() => Promise.reject(new StoreUnavailableError()))
        await expectNothingHappened(visitor, page)
      }
    })

    it('F03: so it is when the store goes while the library looks', async () => {
      const visitor = createVisitor(house.url)
      const signIn = await visitor.get(authUrl(house, { client_id: 'planner' }))
      const consent = await visitor.submit(signIn, ADA, 'sign-in')
      // The step itself asks first.
      let asked = 0
      house.accounts.find = async (id) => {
        asked += 1
        if (asked === 1) return find(id)
        house.accounts.find = find
        throw new StoreUnavailableError()
      }
      await expectNothingHappened(visitor, consent, {}, 'consent')
      expect(asked).to.equal(2)
    })

    it('of two copies of a form one goes on, and the other is told that its page has expired', async () => {
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house))
      const copy = copyOf(visitor, house.url)
      instead(async (make) => {
        expect((await copy.submit(page, ADA, 'sign-in')).leaves).to.include('code=')
        await make()
      })
      const sessions = house.store.collection(sessionCollection)
      const before = await sessions.count({})
      const answer = await post(visitor, page, ADA)
      expect([answer.status, answer.headers.getSetCookie()]).to.deep.equal([410, []])
      expect(answer.headers.get('location')).to.equal(null)
      const text = textOf(await answer.text())
      expect(text).to.include('This page has expired').and.include('Go back to the app')
      expect(await sessions.count({})).to.equal(before + 1)
      expect((await copy.get(page.url)).status).to.equal(410)
    })

    it('B12: a device’s approval that comes to nothing leaves no mark that would keep that mail away', async () => {
      const form = { client_id: 'tv', scope: 'openid' }
      const { user_code = '' } = (await send(house, '/device/auth', { form })).json
      const visitor = createVisitor(house.url)
      const entered = await visitor.submit(await visitor.get(`${house.url}/device`), { user_code })
      const page = await visitor.submit(entered, { confirm: 'yes' }, 'device')
      house.store.batch = (writes) => {
        if (!JSON.stringify(writes).includes('"sign_in"')) return batch(writes)
        house.store.batch = batch
        return Promise.reject(new StoreUnavailableError())
      }
      const answer = await post(visitor, page, ADA)
      expect([answer.status, answer.headers.getSetCookie()]).to.deep.equal([503, []])
      expect((await visitor.submit(page, ADA, 'sign-in')).html).to.include('connected')
    })

    it('B03: nobody keeps the mail about a new device away by losing a race', async () => {
      time += 2 * 3_600_000
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house))
      instead(async (make) => {
        const expires = new Date(time + 60_000)
        const times = { startedAt: new Date(time), lastUsedAt: new Date(time), expires }
        const about = { key: 'of another', protocol: {}, grants: {}, device: '', ip: '' }
        await house.store
          .collection(sessionCollection)
          .insert({ _id: sha256(`session:${uidOf(page)}`), ...about, ...times })
        await make()
      })
      const lost = await post(visitor, page, ADA)
      expect([lost.status, lost.headers.getSetCookie()]).to.deep.equal([410, []])
      await house.mail.pass()
      expect((await house.mail.sent()).filter(({ to }) => to === ADA.identifier)).to.deep.equal([])
      await codeOf(house, { visitor })
      expect(await newestMail(house, ADA.identifier)).to.include('Chrome')
    })

    it('S02: who signs in on a page from before somebody else did, signs in, and the other is out', async () => {
      const grace = { identifier: 'grace@example.com', password: PASSWORD }
      const { _id } = await house.accounts.create({
        email: grace.identifier,
        emailVerified: true,
        password: PASSWORD,
      })
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house))
      await codeOf(house, { visitor, as: grace })
      expect((await visitor.submit(page, ADA, 'sign-in')).leaves).to.include('code=')
      expect(await house.store.collection(sessionCollection).find({ person: _id })).to.deep.equal([])
      expect((await visitor.get(`${house.url}/account/profile`)).html).to.include(ADA.identifier)
    })

    it('reads its person once, from the form to the tokens', async () => {
      const { _id } = await house.accounts.create({
        email: 'nora@example.com',
        emailVerified: true,
        password: PASSWORD,
      })
      const people = house.store.collection(personCollection)
      const { get, find: search } = people
      const reads: string[] = []
      people.get = (id) => {
        reads.push(id)
        return get(id)
      }
      people.find = (...args) => {
        reads.push(_id)
        return search(...args)
      }
      try {
        const as = { identifier: 'nora@example.com', password: PASSWORD }
        const { access_token } = await tokensOf(house, { as })
        expect((await userinfo(house, access_token)).status).to.equal(200)
        expect(reads).to.deep.equal([_id])
      } finally {
        Object.assign(people, { get, find: search })
      }
    })

    it('R04 S05: what the old password began opens nothing when a new one comes in between', async () => {
      const email = 'rosa@example.com'
      const person = await house.accounts.create({ email, emailVerified: true, password: PASSWORD })
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house))
      instead(async (make) => {
        time += 1
        await house.accounts.setPassword(person, 'another-calm-river-at-dawn', () =>
          house.oidc.endings.personWrites(person._id),
        )
        await make()
      })
      const late = await visitor.submit(page, { identifier: email, password: PASSWORD }, 'sign-in')
      const code = new URL(String(late.leaves)).searchParams.get('code') ?? ''
      const redeemed = await redeem(house, code)
      expect([redeemed.status, redeemed.json.error]).to.deep.equal([400, 'invalid_grant'])
      const given = { person: person._id, kind: { $in: ['RefreshToken', 'AccessToken'] } }
      expect(await house.store.collection(tokenCollection).find(given)).to.deep.equal([])
      expect((await visitor.get(authUrl(house, { prompt: 'none' }))).leaves).to.include(
        'error=login_required',
      )
      expect((await visitor.get(`${house.url}/account/profile`)).url).to.include('/flow/')
    })
  })
}

import { expect } from 'chai'
import { sessionCollection } from '../../src/accounts/accounts.ts'
import { tokenCollection } from '../../src/oidc/token-document.ts'
import { engines } from '../support/engines.ts'
import { copyOf, createVisitor, formsIn, type Page, textOf, type Visitor } from '../support/visitor.ts'
import { ADA, authUrl, codeOf, type House, openHouse, openTwin, race, send, uidOf } from './house.ts'

for (const engine of engines()) {
  describe(`DC-5 a request that waits in the browser (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House
    let time = Date.now()

    before(async () => {
      house = await openHouse(engine, { realHashes: false, now: () => new Date(time) })
    })
    after(() => house?.stop())

    const requestOf = ({ cookies }: Visitor) => cookies.find(({ name }) => name.endsWith('_request'))
    const stored = async () => [
      await house.store.collection(tokenCollection).count({}),
      await house.store.collection(sessionCollection).count({}),
    ]

    async function begin(more: Record<string, string> = {}): Promise<{ visitor: Visitor; page: Page }> {
      const visitor = createVisitor(house.url)
      const page = await visitor.get(authUrl(house, more))
      expect(page.status).to.equal(200)
      return { visitor, page }
    }

    it('leaves nothing in the store while nobody answers', async () => {
      const before = await stored()
      const { visitor, page } = await begin()
      expect((await visitor.get(page.url)).status).to.equal(200)
      expect((await visitor.submit(page, { ...ADA, password: 'not the one' }, 'sign-in')).status).to.equal(
        401,
      )
      expect(await stored()).to.deep.equal(before)
      expect((await visitor.submit(page, ADA, 'sign-in')).leaves).to.include('code=')
      expect(requestOf(visitor)).to.equal(undefined)
    })

    it('ZITADEL 36 S01: is opened with the browser’s own cookie alone, as it was sealed, for an hour', async () => {
      const { visitor, page } = await begin()
      const other = await begin()
      const cookie = requestOf(visitor)
      const sealed = String(cookie?.value)
      const last = sealed.at(-1) === 'A' ? 'B' : 'A'
      const foreign = String(requestOf(other.visitor)?.value)
      for (const value of ['', 'x', sealed.slice(0, -1) + last, sealed.slice(3), foreign]) {
        if (cookie) cookie.value = value
        const shown = await visitor.get(page.url)
        expect([shown.status, textOf(shown.html).includes('This page has expired')], value).to.deep.equal([
          410,
          true,
        ])
        expect((await visitor.submit(page, ADA, 'sign-in')).status, value).to.equal(410)
      }
      if (cookie) cookie.value = sealed
      expect((await visitor.get(page.url)).status).to.equal(200)
      // Nothing that was asked for, and nobody, can be read from it.
      expect(Buffer.from(sealed.slice(3), 'base64url').toString('latin1')).not.to.include('kitchen')
      time += 3_600_001
      expect((await visitor.get(page.url)).status).to.equal(410)
      expect((await visitor.submit(page, ADA, 'sign-in')).status).to.equal(410)
    })

    it('proves nothing: whoever has a copy of all cookies is asked for the password', async () => {
      const { visitor, page } = await begin()
      const copy = copyOf(visitor, house.url)
      expect((await visitor.submit(page, ADA, 'sign-in')).leaves).to.include('code=')
      for (const path of [`/flow/${uidOf(page)}`, `/auth/${uidOf(page)}`]) {
        const shown = await copy.get(`${house.url}${path}`)
        expect([shown.status, shown.leaves]).to.deep.equal([200, undefined])
        expect(
          formsIn(shown.html)
            .map(({ action }) => action)
            .join(),
        ).to.include('/sign-in')
      }
      expect((await copy.submit(page, { ...ADA, password: 'not the one' }, 'sign-in')).status).to.equal(401)
      expect(copy.cookies.some(({ name }) => name.endsWith('_session'))).to.equal(false)
    })

    it('B09 S02: of fifteen copies of a form, at two instances, one makes a session and gets a code', async () => {
      const { visitor, page } = await begin()
      const twin = await openTwin(house)
      try {
        const [form] = formsIn(page.html).filter(({ action }) => action.includes('sign-in'))
        const cookie = visitor.cookies.filter(({ path }) => !path.startsWith('/auth'))
        const sessions = house.store.collection(sessionCollection)
        const before = await sessions.count({})
        const answers = await race(15, (racer) =>
          send(house, String(form?.action), {
            at: racer % 2 ? twin.url : house.url,
            form: { ...form?.hidden, ...ADA },
            headers: {
              accept: 'text/html',
              cookie: cookie.map(({ name, value }) => `${name}=${value}`).join('; '),
              origin: house.url,
              'sec-fetch-site': 'same-origin',
            },
          }),
        )
        expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, ...Array(14).fill(410)])
        expect(answers.filter(({ text }) => text.includes('code=')).length).to.equal(1)
        expect(await sessions.count({})).to.equal(before + 1)
      } finally {
        await twin.stop()
      }
    })

    it('lies in the store where it is too large for a cookie, and ends there when it is answered', async () => {
      const state = 'long-'.repeat(600)
      const tokens = house.store.collection(tokenCollection)
      const { visitor, page } = await begin({ state })
      expect(requestOf(visitor)).to.equal(undefined)
      expect(await tokens.count({ kind: 'Interaction' })).to.equal(1)
      const done = await visitor.submit(page, ADA, 'sign-in')
      expect(new URL(String(done.leaves)).searchParams.get('state')).to.equal(state)
      expect(await tokens.count({ kind: 'Interaction' })).to.equal(0)
      expect((await visitor.get(page.url)).status).to.equal(410)
    })

    it('authentik 18: leads back to its page whoever goes on without an answer', async () => {
      const { visitor, page } = await begin({ client_id: 'planner' })
      const consent = await visitor.submit(page, ADA, 'sign-in')
      for (const shown of [page, consent]) {
        const jumped = await visitor.get(`${house.url}/auth/${uidOf(shown)}`)
        expect(jumped.leaves).to.equal(undefined)
      }
      const again = await visitor.get(`${house.url}/auth/${uidOf(consent)}`)
      expect(again.url).to.equal(`${house.url}/flow/${uidOf(consent)}`)
      expect((await visitor.submit(again, {}, 'consent')).leaves).to.include('code=')
      await codeOf(house, { visitor })
    })
  })
}

import { expect } from 'chai'
import { type RunningApp, startApp } from '../support/app.ts'
import { engines } from '../support/engines.ts'
import { inhabit, type Resident } from '../support/resident.ts'
import { CALLBACK, PASSWORD, seedRestaurant } from '../support/restaurant.ts'
import { createGuarded } from '../support/second-step.ts'
import { createVisitor, type Page, textOf, type Visitor } from '../support/visitor.ts'

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const EMAIL = 'gina@example.com'

for (const engine of engines()) {
  describe(`AA-5 AA-6 what is told of a second step (${engine.name})`, () => {
    let app: RunningApp
    let gina: Awaited<ReturnType<typeof createGuarded>>
    let own: Resident

    before(async () => {
      app = await startApp(engine)
      await seedRestaurant(app)
      gina = await createGuarded(app, EMAIL)
      const visitor = createVisitor(app.url)
      await visitor.submit(await half(visitor), { code: gina.code() }, 'secondFactor')
      own = inhabit(app, visitor)
    })
    after(() => app?.stop())

    /** With the password alone. */
    async function half(visitor: Visitor): Promise<Page> {
      const door = await visitor.get('/account')
      return visitor.submit(door, { identifier: EMAIL, password: PASSWORD }, 'sign-in')
    }

    async function history(): Promise<string[]> {
      const { html } = await own.get('/account/history')
      return html
        .split('<th scope="row">')
        .slice(1)
        .map((row) => textOf(row))
    }

    it('is one line where the second step followed', async () => {
      const lines = await history()
      expect(lines).to.have.length(1)
      expect(lines[0]).to.match(/^Signed in to Maitred authenticator app Chrome on Windows/)
    })

    it('tells of who had the password and not the second step, and lists where', async () => {
      await half(createVisitor(app.url, { 'user-agent': FIREFOX }))
      const [newest = '', ...older] = await history()
      expect(newest).to.match(/^Right password, second step not done to Maitred password Firefox on Linux/)
      expect(older).to.have.length(1)
      const { html } = await own.get('/account/sessions')
      const [, ...rows] = html.split('<th scope="row">').map((row) => textOf(row))
      expect(rows).to.have.length(2)
      expect(rows[0]).to.match(/^Chrome on Windows this device 127/)
      expect(rows[1]).to.match(/^Firefox on Linux second step not done 127/)
      await own.submit({ ...(await own.get('/account/sessions')), html }, {}, '/account/sessions/end')
      expect(textOf((await own.get('/account/sessions')).html)).to.not.include('Firefox')
    })

    it('keeps that line beside the sign-ins before and after it, page by page', async () => {
      const wholly = createVisitor(app.url)
      const page = await half(wholly)
      await gina.forgetStep()
      await wholly.submit(page, { code: gina.code() }, 'secondFactor')
      expect((await history()).map((line) => line.slice(0, 14))).to.deep.equal([
        'Signed in to M',
        'Right password',
        'Signed in to M',
      ])
      const lines = await app.events.history(gina.id, { limit: 1 })
      const after = await app.events.history(gina.id, { limit: 1, after: lines[0] })
      expect([lines, after].flat().map(({ outcome }) => outcome)).to.deep.equal(['success', 'unfinished'])
    })

    it('names a recovery code as what it is, right or wrong', async () => {
      const lost = createVisitor(app.url)
      const door = await half(lost)
      const asked = await lost.get(door.url.replace('?', '/recovery?'))
      await lost.submit(asked, { code: 'AAAAA-AAAAA-AAAAA-AAAAA-AAAAA' }, 'recovery')
      await lost.submit(asked, { code: String(gina.codes[0]) }, 'recovery')
      const [right, wrong] = await history()
      expect(right).to.match(/^Signed in to Maitred recovery code/)
      expect(wrong).to.match(/^Failed sign-in to Maitred recovery code/)
    })

    it('tells the same of POST /login', async () => {
      const till = { _id: 'till', name: 'Till', firstParty: true, kind: 'spa', login: true } as const
      const origin = 'https://till.example'
      await app.applications.put({ ...till, origins: [origin], redirectUris: [CALLBACK] }, 'test')
      const login = async (more: object) => {
        const body = JSON.stringify({ client_id: 'till', ...more })
        const headers = { 'content-type': 'application/json', origin }
        const answer = await fetch(`${app.url}/login`, { method: 'POST', body, headers })
        return (await answer.json()) as { mfa_token: string; access_token?: string }
      }
      const { mfa_token } = await login({ identifier: EMAIL, password: PASSWORD })
      expect((await history())[0]).to.match(/^Right password, second step not done to Till/)
      await login({ mfa_token, code: 'AAAAA-AAAAA-AAAAA-AAAAA-AAAAA' })
      expect((await history())[0]).to.match(/^Failed sign-in to Till recovery code/)
      const done = await login({ mfa_token, code: String(gina.codes[1]) })
      expect(done.access_token).to.be.a('string')
      const lines = await history()
      expect(lines[0]).to.match(/^Signed in to Till recovery code/)
      expect(lines.filter((line) => /^Right password/.test(line))).to.have.length(1)
    })
  })
}

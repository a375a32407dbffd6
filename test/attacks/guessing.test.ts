import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { generateSecret } from 'otplib'
import { readDocument } from '../../src/admin/admin.ts'
import { attempts } from '../../src/http/store-tally.ts'
import { outboxCollection } from '../../src/outbox/outbox.ts'
import { engines } from '../support/engines.ts'
import { PASSWORD } from '../support/restaurant.ts'
import { createVisitor, formsIn, textOf } from '../support/visitor.ts'
import { dump, workBetween } from './dump.ts'
import {
  ADA,
  type Answer,
  authUrl,
  codeOf,
  type House,
  login,
  openHouse,
  openTwin,
  race,
  send,
} from './house.ts'

const WRONG = 'a-wrong-password-of-good-length'

for (const engine of engines()) {
  describe(`enumeration: the same answer and the same work (${engine.name})`, function () {
    this.timeout(60_000)
    let house: House

    beforeEach(async () => {
      // Nobody takes the mails, so that what was promised stays to be seen.
      house = await openHouse(engine, {
        env: { SMTP_URL: 'smtp://127.0.0.1:9', MAIL_FROM: 'maitred@example.com' },
      })
    })
    afterEach(() => house?.stop())

    /** What a stranger sees, and what the store was asked to keep. */
    async function compare(known: string, unknown: string, ask: (who: string) => Promise<Answer>) {
      // Once for nothing: what only the first request costs.
      await ask('warm-up@example.com')
      const seen = []
      for (const who of [known, unknown]) {
        const before = await dump(house)
        const answer = await ask(who)
        seen.push({
          work: workBetween(before, await dump(house)),
          status: answer.status,
          headers: Object.keys(answer.headers).sort(),
          text: mask(answer.text, who),
        })
      }
      expect(seen[0]).to.deep.equal(seen[1])
      return seen[0]
    }

    it('B07: POST /login', async () => {
      const seen = await compare('ada@example.com', 'eve@example.com', (identifier) =>
        login(house, { identifier, password: WRONG }),
      )
      expect(seen?.status).to.equal(401)
    })

    it('B07 ZITADEL 33: the sign-in page', async () => {
      const seen = await compare('ada@example.com', 'eve@example.com', (identifier) =>
        submitAlone(authUrl(house), 'sign-in', { identifier, password: WRONG }),
      )
      expect(seen?.status).to.equal(401)
    })

    it('B07: the sign-in page, by user name and for who has no password', async () => {
      await house.accounts.create({ username: 'carla', password: PASSWORD })
      await house.accounts.create({ email: 'nopass@example.com', emailVerified: true })
      await compare('carla', 'nobody', (identifier) =>
        submitAlone(authUrl(house), 'sign-in', { identifier, password: WRONG }),
      )
      await compare('nopass@example.com', 'eve@example.com', (identifier) =>
        submitAlone(authUrl(house), 'sign-in', { identifier, password: WRONG }),
      )
    })

    it('B07 R09: a forgotten password', async () => {
      await house.accounts.create({ email: 'disa@example.com', emailVerified: true, password: PASSWORD })
      await house.desiredState.apply(
        readDocument('people:\n  - email: disa@example.com\n    status: disabled\n'),
      )
      for (const known of ['ada@example.com', 'disa@example.com']) {
        const seen = await compare(known, `not-${known}`, (email) =>
          submitAlone(`${house.url}/forgot-password`, 'forgot-password', { email }),
        )
        expect(seen?.status).to.equal(303)
      }
      const promised = await house.store.collection(outboxCollection('outbox')).find({})
      expect(promised.filter(({ due }) => due !== undefined)).to.have.length(1)
      expect(await house.mail.dead()).to.deep.equal([])
    })

    it('B07 ZITADEL 33: a sign-up, to its last page', async () => {
      const seen = await compare('ada@example.com', 'eve@example.com', async (email) => {
        const visitor = createVisitor(house.url)
        const page = await visitor.get(authUrl(house, { prompt: 'create' }))
        const asked = await visitor.submit(page, { email, password: PASSWORD }, 'sign-up')
        const wrong = await visitor.submit(asked, { code: '000000' }, 'verify')
        return {
          status: wrong.status,
          headers: Object.fromEntries(wrong.headers),
          text: wrong.html,
          json: {},
        }
      })
      expect(seen?.status).to.equal(422)
    })

    /** The form of a fresh browser, its answer as it is. */
    async function submitAlone(url: string, to: string, fields: Record<string, string>): Promise<Answer> {
      const visitor = createVisitor(house.url)
      const page = await visitor.get(url)
      const form = formsIn(page.html).find(({ action }) => action.includes(to))
      return send(house, String(form?.action), {
        form: { ...form?.hidden, ...fields },
        headers: {
          accept: 'text/html',
          origin: house.url,
          cookie: visitor.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
        },
      })
    }
  })

  describe(`guessing is counted before it is judged (${engine.name})`, function () {
    this.timeout(120_000)
    let house: House

    beforeEach(async () => {
      house = await openHouse(engine, { env: { TRUSTED_PROXIES: '127.0.0.0/8' } })
    })
    afterEach(() => house?.stop())

    /** Racers who all are wrong, and of whom nobody is judged before everybody was counted or refused. */
    async function guess(times: number, run: (racer: number) => Promise<Answer>) {
      const { hasher } = house
      const { verify } = hasher
      const everybody = Promise.withResolvers<void>()
      let calls = 0
      let answered = 0
      const arrive = () => {
        if (calls + answered >= times) everybody.resolve()
      }
      hasher.verify = async () => {
        calls += 1
        arrive()
        await everybody.promise
        return false
      }
      const answers = await race(times, async (racer) => {
        const answer = await run(racer)
        answered += 1
        arrive()
        return answer
      })
      hasher.verify = verify
      return { answers, calls }
    }

    const from = (ip: string) => ({ 'x-forwarded-for': ip, 'x-forwarded-proto': 'http' })

    it('B09 Keycloak 15: of 200 wrong passwords at once 20 are looked at', async () => {
      const { calls } = countChecks(house)
      const answers = await race(200, (racer) =>
        login(
          house,
          { identifier: racer % 2 ? 'ada@example.com' : ' ADA@Example.com', password: WRONG },
          { headers: from(`203.0.113.${racer}`) },
        ),
      )
      expect(calls()).to.be.at.most(20)
      const refused = answers.filter(({ status }) => status === 429)
      expect(refused.length).to.be.at.least(150)
      expect(Number(refused[0]?.headers['retry-after'])).to.be.within(1, 900)
      expect(answers.filter(({ status }) => ![401, 429, 503].includes(status))).to.deep.equal([])
    })

    it('B09: of 200 at two instances 20 are told that they were wrong, and then nobody is told anything', async () => {
      const twin = await openTwin(house)
      try {
        for (const { hasher } of [house, twin.app])
          hasher.verify = async (_hash, password) => {
            await wait(20)
            return password === PASSWORD
          }
        const guesses = [countChecks(house), countChecks(twin.app)]
        const checks = () => guesses.reduce((sum, { calls }) => sum + calls(), 0)
        const at = (racer: number) => (racer % 2 ? twin.url : house.url)
        const answers = await race(200, (racer) =>
          login(
            house,
            { identifier: 'ada@example.com', password: WRONG },
            { at: at(racer), headers: from(`203.0.113.${racer}`) },
          ),
        )
        const told = answers.filter(({ status }) => status === 401).length
        expect(told).to.be.within(18, 20)
        expect(answers.filter(({ status }) => status === 429)).to.have.length(200 - told)
        // Who was on trust at the one may have been refused after the check, because of the other.
        expect(checks()).to.be.within(told, told + 2)
        // What is left may be tried, and no more.
        const more = []
        for (let racer = 0; racer < 6; racer += 1)
          more.push(await login(house, { identifier: 'ada@example.com', password: WRONG }, { at: at(racer) }))
        expect(told + more.filter(({ status }) => status === 401).length).to.equal(20)
        const before = checks()
        for (let racer = 0; racer < 6; racer += 1)
          expect((await login(house, ADA, { at: at(racer) })).status).to.equal(429)
        expect(checks()).to.equal(before)
      } finally {
        await twin.stop()
      }
    })

    it('a sign-in leaves no counter where nothing had failed, and none of what had', async () => {
      const counted = async () =>
        (await house.store.collection(attempts).find({})).filter(({ count }) => count > 0).length
      const strangers = { identifier: 'ada@example.com', password: WRONG }
      await codeOf(house)
      await login(house, ADA)
      expect(await house.store.collection(attempts).find({})).to.deep.equal([])
      for (let time = 0; time < 2; time += 1) expect((await login(house, strangers)).status).to.equal(401)
      expect(await counted()).to.equal(3)
      await codeOf(house)
      // What was tried from the address.
      expect(await counted()).to.equal(1)
    })

    it('B07: nor does it tell of a disabled account that its password was right', async () => {
      await house.accounts.create({ email: 'disa@example.com', emailVerified: true, password: PASSWORD })
      await house.desiredState.apply(
        readDocument('people:\n  - email: disa@example.com\n    status: disabled\n'),
      )
      const disa = { identifier: 'disa@example.com', password: PASSWORD }
      for (let time = 0; time < 20; time += 1) expect((await login(house, disa)).status).to.equal(401)
      expect((await login(house, disa)).status).to.equal(429)
    })

    it('B03 B04: the owner’s known device still gets in, and sessions stay', async () => {
      const { visitor } = await codeOf(house)
      await race(40, (racer) =>
        login(
          house,
          { identifier: 'ada@example.com', password: WRONG },
          { headers: from(`203.0.113.${racer}`) },
        ),
      )
      const again = await visitor.get(authUrl(house))
      expect(again.leaves).to.include('code=')
      const asked = await visitor.get(authUrl(house, { prompt: 'login' }))
      expect((await visitor.submit(asked, { password: PASSWORD }, 'sign-in')).leaves).to.include('code=')
      const stranger = createVisitor(house.url)
      const page = await stranger.get(authUrl(house))
      const refused = await stranger.submit(
        page,
        { identifier: 'ada@example.com', password: PASSWORD },
        'sign-in',
      )
      expect(refused.status, textOf(refused.html)).to.equal(429)
    })

    it('B01: a known device that changes its address is counted all the same', async () => {
      const { visitor } = await codeOf(house)
      const cookie = visitor.cookies.map(({ name, value }) => `${name}=${value}`).join('; ')
      const { calls } = await guess(160, (racer) =>
        login(
          house,
          { identifier: 'ada@example.com', password: WRONG },
          { headers: { ...from(`198.51.${racer}.7`), cookie } },
        ),
      )
      expect(calls).to.be.at.most(100)
    })

    it('B06 better-auth 54: addresses of one /64 are one source', async () => {
      const { calls } = await guess(130, (racer) =>
        login(
          house,
          { identifier: `nobody-${racer}@example.com`, password: WRONG },
          { headers: from(`2001:db8:1:2:${racer.toString(16)}::1`) },
        ),
      )
      expect(calls).to.be.at.most(100)
      const elsewhere = await login(
        house,
        { identifier: 'ada@example.com', password: PASSWORD },
        { headers: from('2001:db8:1:3::1') },
      )
      expect(elsewhere.status).to.equal(200)
    })

    it('B05 authentik 17: a broken forwarding header neither bypasses nor breaks', async () => {
      const headers = ['', 'x', '::', '1.2.3', '%00', 'unknown', '203.0.113.1, , ,', `${'9,'.repeat(500)}`]
      const { answers, calls } = await guess(120, (racer) =>
        login(
          house,
          { identifier: `nobody-${racer}@example.com`, password: WRONG },
          { headers: { 'x-forwarded-for': headers[racer % headers.length] ?? '' } },
        ),
      )
      expect(answers.filter(({ status }) => status >= 500 && status !== 503)).to.deep.equal([])
      expect(calls).to.be.at.most(200)
    })

    it('M04 B10 ZITADEL 26: codes of the second factor are counted, too', async () => {
      await house.desiredState.apply(
        readDocument(
          `people:\n  - email: otto@example.com\n    password: ${PASSWORD}\n    totp: ${generateSecret()}\n`,
        ),
      )
      const begin = () => login(house, { identifier: 'otto@example.com', password: PASSWORD })
      const { mfa_token } = (await begin()).json
      const answers = await race(60, () => login(house, { mfa_token, code: '000000' }))
      expect(answers.filter(({ status }) => status === 422).length).to.equal(10)
      const anew = (await begin()).json.mfa_token
      expect((await login(house, { mfa_token: anew, code: '000000' })).status).to.equal(429)
    })

    it('R08: no flood of mails to one address', async () => {
      const statuses = []
      for (let time = 0; time < 8; time += 1) {
        const visitor = createVisitor(house.url, from(`203.0.113.${time}`))
        const page = await visitor.get(`${house.url}/forgot-password`)
        statuses.push(
          (await visitor.submit(page, { email: time % 2 ? 'ADA@example.com' : 'ada@example.com' })).status,
        )
      }
      await house.mail.pass()
      expect((await house.mail.sent()).length).to.equal(5)
      expect(statuses.filter((status) => status === 429)).to.have.length(3)
    })

    it('B03 R08: who signs up with another’s address does not keep the owner from a new password', async () => {
      for (let time = 0; time < 6; time += 1) {
        const visitor = createVisitor(house.url, from(`203.0.113.${time}`))
        const page = await visitor.get(authUrl(house, { prompt: 'create' }))
        await visitor.submit(page, { email: ADA.identifier, password: PASSWORD }, 'sign-up')
      }
      const owner = createVisitor(house.url)
      const asked = await owner.get(`${house.url}/forgot-password`)
      expect((await owner.submit(asked, { email: ADA.identifier })).status).to.equal(200)
      await house.mail.pass()
      const mails = (await house.mail.sent()).filter(({ to }) => to === ADA.identifier)
      expect(mails).to.have.length(5)
      expect(mails.filter(({ text }) => text.includes('/reset-password?token='))).to.have.length(1)
    })
  })
}

/** Counts the passwords that are looked at from now on. */
function countChecks({ hasher }: Pick<House, 'hasher'>): { calls(): number } {
  let calls = 0
  const { verify } = hasher
  hasher.verify = (hash, password) => {
    calls += 1
    return verify(hash, password)
  }
  return { calls: () => calls }
}

/** Of a page what may differ: who asked, and what is new in every answer. */
function mask(text: string, who: string): string {
  return text
    .replaceAll(who, 'WHO')
    .replaceAll(encodeURIComponent(who), 'WHO')
    .replace(/[\w-]{20,}/g, 'RANDOM')
    .replace(/\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/g, 'REFERENCE')
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock } from 'node:test'
import { expect } from 'chai'
import { generateSync } from 'otplib'
import { pino } from 'pino'
import { personCollection } from '../../src/accounts/person.ts'
import { createApp } from '../../src/app.ts'
import { run } from '../../src/cli/program.ts'
import { loadConfig } from '../../src/config.ts'
import { freePort } from '../support/app.ts'
import { engines, type Place } from '../support/engines.ts'
import { preparedPlace } from '../support/prepared-place.ts'
import { startSmtp } from '../support/smtp.ts'
import { createVisitor, textOf } from '../support/visitor.ts'

const CHOSEN = 'eight-lamps-along-the-jetty'

const state = `
apis:
  https://api.example.com:
    name: Kitchen
    scopes: { orders.read: See your orders }
roles:
  cook:
    title: Cook
    permissions: { https://api.example.com: [orders.read] }
applications:
  till:
    name: Till
    redirectUris: [https://till.example.com/callback]
    secret: ${'s3cret-of-the-till-'.repeat(2)}
people:
  - email: gina@example.com
    roles: [cook]
    password: a long enough password of hers
`

for (const engine of engines()) {
  describe(`maitred's commands on ${engine.name}`, function () {
    this.timeout(30_000)
    let place: Place
    let env: Record<string, string>
    let cwd: string

    beforeEach(async () => {
      place = await preparedPlace(engine)
      cwd = await mkdtemp(join(tmpdir(), 'maitred-commands-'))
      env = { ...place.env, PORT: String(await freePort()) }
    })
    afterEach(async () => {
      await place.remove()
      await rm(cwd, { recursive: true })
    })

    async function maitred(line: string, more: Record<string, string> = {}) {
      const [out, err]: [string[], string[]] = [[], []]
      const terminal = {
        env: { ...env, ...more },
        cwd,
        out: (text: string) => out.push(text),
        err: (text: string) => err.push(text),
      }
      const code = await run(line.split(' '), terminal)
      return { code, out: out.join('\n'), err: err.join('\n') }
    }

    async function open() {
      const config = await loadConfig({ env, cwd })
      return createApp({ config, now: () => new Date(), log: pino({ level: 'silent' }) })
    }

    it('plan tells, apply does, and doing it again does nothing', async () => {
      await writeFile(join(cwd, 'state.yaml'), state)
      const planned = await maitred('plan state.yaml')
      expect(planned).to.deep.include({ code: 0, err: '' })
      expect(planned.out).to.match(/\+ role cook[\s\S]*\+ application till[\s\S]*\+ person gina@example.com/)
      expect(planned.out).not.to.match(/s3cret|long enough/)
      expect((await maitred('plan state.yaml')).out).to.equal(planned.out)
      const counted = /^4 to create, 0 to change, 0 as described\./m
      expect(planned.out).to.match(counted)
      const done = planned.out.replace(counted, '4 created, 0 changed, 0 as described.')
      expect((await maitred('apply state.yaml')).out).to.equal(done)
      expect((await maitred('apply state.yaml')).out).to.match(/^0 created, 0 changed, 4 as described\./)
    })

    describe('DC-14 the first administrator', () => {
      it('is nobody, until users create prints a one-use link for an address', async () => {
        const fresh = await open()
        expect(await fresh.store.collection(personCollection).count({})).to.equal(0)
        await fresh.close()
        const { code, out, err } = await maitred('users create --admin Boss@Example.com')
        expect({ code, err }).to.deep.equal({ code: 0, err: '' })
        expect(out).to.not.include('no longer works')
        const again = await maitred('users create --admin boss@example.com')
        expect(again.out).to.match(
          /^boss@example\.com was invited before: an earlier link no longer works\.\n/,
        )
        const [first = '', second = ''] = [out, again.out].map(
          (text) => /http:\S+\/welcome\?token=\S+/.exec(text)?.[0] ?? '',
        )
        expect(first).to.have.length.above(60).and.not.to.equal(second)

        const app = await open()
        const server = await app.listen()
        try {
          const visitor = createVisitor(new URL(first).origin)
          expect((await visitor.get(first)).status, 'the older link').to.equal(410)
          const page = await visitor.get(second)
          expect(page.html).to.include('autocomplete="new-password"')
          expect(textOf(page.html)).to.include('Welcome Choose a password for boss@example.com.')
          expect(textOf(page.html)).not.to.include('signed out')
          const set = await visitor.submit(page, { password: CHOSEN })
          expect(set.status, textOf(set.html)).to.equal(200)
          expect(textOf(set.html)).to.include('Your password is set Sign in to go on.')
          expect((await visitor.get(second)).status, 'the link again').to.equal(410)
          expect((await visitor.submit(page, { password: 'somebody-else-chooses' })).status).to.equal(410)

          // Setting the password signs nobody in, and the password alone opens nothing.
          const door = await visitor.get('/account')
          const enrol = await visitor.submit(door, { identifier: 'boss@example.com', password: CHOSEN })
          expect(textOf(enrol.html)).to.include('Set up two-step sign-in')
          expect((await visitor.get('/account/profile')).html).to.include('enrolFactor')
          const secret = /id="secret">([A-Z2-7 ]+)</.exec(enrol.html)?.[1]?.replaceAll(' ', '') ?? ''
          const shown = await visitor.submit(enrol, { code: generateSync({ secret }) }, 'enrolFactor')
          const home = await visitor.submit(shown, {}, 'saved')
          expect(textOf(home.html)).to.include('boss@example.com')
          const [role, ...others] = (await app.accounts.findByIdentifier('boss@example.com'))?.roles ?? []
          expect(others).to.deep.equal([])
          expect(role).to.deep.include({ id: 'administrator', mfa: true })
        } finally {
          await server.close({ notice: 0, silence: 0 })
          await app.close()
        }
      })

      it('is not made of somebody who is there, nor of what is no address', async () => {
        await writeFile(join(cwd, 'state.yaml'), state)
        await maitred('apply state.yaml')
        const taken = await maitred('users create --admin gina@example.com')
        expect(taken).to.deep.include({ code: 2, out: '' })
        expect(taken.err).to.match(/belongs to somebody already/)
        expect(await maitred('users create --admin boss')).to.deep.include({ code: 2 })
      })
    })

    describe('AA-6 the sign-in history, for an administrator', () => {
      it('is printed by users history: time, outcome, application, address and device', async () => {
        await writeFile(join(cwd, 'state.yaml'), state)
        await maitred('apply state.yaml')
        expect(await maitred('users history gina@example.com')).to.deep.equal({
          ...{ code: 0, out: '', err: 'There was no sign-in and no attempt.' },
        })
        const began = Date.now()
        const app = await open()
        const server = await app.listen()
        try {
          const visitor = createVisitor(`http://localhost:${env.PORT}`)
          const door = await visitor.get('/account')
          const wrong = await visitor.submit(door, { identifier: 'gina@example.com', password: 'a guess' })
          await visitor.submit(wrong, {
            identifier: 'gina@example.com',
            password: 'a long enough password of hers',
          })
        } finally {
          await server.close({ notice: 0, silence: 0 })
          await app.close()
        }
        const { code, out } = await maitred('users history Gina@Example.com')
        const lines = out.split('\n').map((line) => line.split('\t'))
        const rest = ['pwd', 'account', '127.0.0.1', 'Chrome on Windows']
        expect(lines.map(([, ...line]) => line)).to.deep.equal([
          ['success', ...rest],
          ['failure', ...rest],
        ])
        for (const [at = ''] of lines) expect(Date.parse(at)).to.be.within(began, Date.now())
        expect(code).to.equal(0)
        expect((await maitred('users history gina@example.com --last 1')).out.split('\n')).to.have.length(1)
      })

      it('is nobody’s who is not there', async () => {
        const nobody = await maitred('users history nobody@example.com')
        expect(nobody).to.deep.include({ code: 2, out: '' })
        expect(nobody.err).to.include('There is nobody called nobody@example.com')
        for (const last of ['0', '1001', 'all'])
          expect((await maitred(`users history gina@example.com --last ${last}`)).code).to.equal(2)
      })
    })

    it('AA-9 registration-token prints a token that registers applications, for as long as it was asked for', async () => {
      const { code, out, err } = await maitred('registration-token --hours 2')
      expect({ code, lines: out.split('\n').length }).to.deep.equal({ code: 0, lines: 1 })
      expect(err).to.match(
        /^Whoever holds this token can register applications at http:\S+\/reg for 2 hours\.$/,
      )
      const app = await open()
      const server = await app.listen()
      const register = () =>
        fetch(`http://localhost:${env.PORT}/reg`, {
          method: 'POST',
          headers: { authorization: `Bearer ${out}`, 'content-type': 'application/json' },
          body: JSON.stringify({ redirect_uris: ['https://third.example/callback'] }),
        })
      try {
        expect((await register()).status).to.equal(201)
        mock.timers.enable({ apis: ['Date'], now: Date.now() + 7_199_000 })
        expect((await register()).status).to.equal(201)
        mock.timers.setTime(Date.now() + 2_000)
        expect((await register()).status).to.equal(401)
      } finally {
        mock.timers.reset()
        await server.close({ notice: 0, silence: 0 })
        await app.close()
      }
      for (const hours of ['0', '-1', '721', '1.5', 'soon']) {
        const refused = await maitred(`registration-token --hours ${hours}`)
        expect({ hours, code: refused.code, out: refused.out }).to.deep.equal({ hours, code: 2, out: '' })
      }
    })

    it('keys rotate lets the published next key sign', async () => {
      const before = await open()
      const [signing, next] = before.keys.jwks().keys.filter(({ alg }) => alg === 'ES256')
      await before.close()
      expect((await maitred('keys rotate')).out)
        .to.include(`ES256 ${next?.kid}, ES256`)
        .and.include(`${signing?.kid}`)
      const after = await open()
      expect(after.keys.jwks().keys.find(({ alg }) => alg === 'ES256')?.kid).to.equal(next?.kid)
      await after.close()
    })

    it('doctor and migrate find a fresh store in order, and no administrator', async () => {
      expect((await maitred('migrate')).code).to.equal(0)
      const { code, out } = await maitred('doctor')
      expect(code).to.equal(0)
      expect(out)
        .to.match(/warning +Nobody is an administrator/)
        .and.not.to.match(/^wrong/m)
      await maitred('users create --admin boss@example.com')
      expect((await maitred('doctor')).out).to.match(/fine +Somebody is an administrator/)
    })

    it('doctor names what keeps a production issuer from working', async () => {
      await writeFile(join(cwd, 'maitred.ts'), 'export default {}')
      const { code, out } = await maitred('doctor', {
        ISSUER: 'https://id.example.com',
        CONFIG: 'maitred.ts',
      })
      expect(code).to.equal(1)
      expect(out).to.match(/wrong +.*neither TLS[^\n]*TRUSTED_PROXIES[\s\S]*wrong +Mails are only written/)
    })

    it('doctor asks the mail transport of the configuration file', async () => {
      const doctor = async (file: string, check: string) => {
        const mail = `{ async send() {}, async close() {}, ${check} }`
        await writeFile(join(cwd, file), `export default { mail: ${mail} }`)
        return maitred('doctor', { CONFIG: file })
      }
      expect((await doctor('a.ts', '')).out).to.match(/fine +Mail goes .* cannot be asked/)
      expect((await doctor('b.ts', 'async check() {}')).out).to.match(/fine +Mail goes .* would take mails/)
      const { code, out } = await doctor('c.ts', 'async check() { throw new Error("no key") }')
      expect(out).to.match(/wrong +The mail transport .* takes no mail: no key/)
      expect(code).to.equal(1)
    })

    it('doctor greets the mail server, and tells none of its secrets when it cannot', async () => {
      const smtp = await startSmtp()
      const SMTP_URL = smtp.url
      const fine = await maitred('doctor', { SMTP_URL })
      expect(fine.code).to.equal(0)
      expect(fine.out).to.match(/fine +Mail goes out by SMTP; 127\.0\.0\.1:\d+ answers/)
      expect(smtp.received).to.deep.equal([])

      await smtp.stop()
      const gone = await maitred('doctor', { SMTP_URL: SMTP_URL.replace('//', '//us:s3cret-word@') })
      expect(gone.code).to.equal(1)
      expect(gone.out)
        .to.match(/wrong +The mail server 127\.0\.0\.1:\d+ takes no mail from us: ESOCKET/)
        .and.not.include('s3cret-word')
    })

    it('RF-11 no command works on a store that another secret sealed', async () => {
      await maitred('migrate')
      const other = await maitred('doctor', { MAITRED_SECRET: Buffer.alloc(32, 1).toString('base64url') })
      expect(other).to.deep.include({ code: 1, out: '' })
      expect(other.err).to.match(/^MAITRED_SECRET is not the secret/)
    })
  })
}

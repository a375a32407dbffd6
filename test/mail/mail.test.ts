import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { createVault, randomToken } from '../../src/keys/keys.ts'
import { createLocale } from '../../src/locale/locale.ts'
import { collections, createMail, type Mail, type MailOptions, type NewMail } from '../../src/mail/mail.ts'
import type { OutboxRow } from '../../src/outbox/outbox.ts'
import { type MailMessage, type MailTransport, UndeliveredError } from '../../src/ports/ports.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'
import { type SmtpBench, startSmtp } from '../support/smtp.ts'
import { until } from '../support/until.ts'

const code: NewMail = {
  template: 'verify-email',
  to: 'ada@example.org',
  language: 'en',
  data: { app: 'Bella Napoli', code: '482913', link: 'https://id.example.com/verify?token=s3cret' },
}

for (const engine of engines()) {
  describe(`SB-6 mail on ${engine.name}`, () => {
    let store: Store
    let smtp: SmtpBench
    let dataDir: string
    let ahead = 0
    let opened: Mail[] = []
    let lines: string[] = []
    const now = () => new Date(Date.now() + ahead)
    const note = (o: object, text: string) => lines.push(JSON.stringify({ ...o, text }))
    const sealer = createVault([randomToken()])

    before(async () => {
      store = await engine.open({ collections, now })
    })
    beforeEach(async () => {
      await Promise.all(collections.map((spec) => store.collection(spec).remove({})))
      smtp = await startSmtp()
      dataDir = await mkdtemp(join(tmpdir(), 'maitred-mail-'))
      opened = []
      lines = []
    })
    afterEach(async () => {
      await Promise.all(opened.map((mail) => mail.stop()))
      await smtp.stop()
      await rm(dataDir, { recursive: true, force: true })
    })
    after(() => store.close())

    function open(change: Partial<MailOptions['config']> = {}, more: Partial<MailOptions> = {}): Mail {
      const mail = createMail({
        store,
        config: {
          issuer: 'https://id.example.com',
          dataDir,
          smtpUrl: smtp.url,
          mailFrom: 'Maitred <no-reply@id.example.com>',
          name: 'Maitred',
          brand: { color: '#0f5c4d' },
          ...change,
        },
        locale: createLocale(),
        sealer,
        now,
        log: { info: note, warn: note, error: note },
        views: join(import.meta.dirname, '../../views'),
        ...more,
      })
      opened.push(mail)
      return mail
    }
    const rows = async (): Promise<OutboxRow[]> => {
      const found = await Promise.all(collections.map((spec) => store.collection(spec).find({})))
      return found.flat()
    }

    it('sends what was promised: to the address, from the sender, in both parts', async () => {
      const mail = open()
      await store.batch([mail.write(code)])
      const [row] = await rows()
      await mail.pass()
      expect(smtp.received).to.have.length(1)
      const [received] = smtp.received
      expect(received?.receivers).to.deep.equal(['ada@example.org'])
      expect(received?.from).to.deep.include({ name: 'Maitred', address: 'no-reply@id.example.com' })
      expect(received?.subject).to.equal('Your code for Bella Napoli: 482 913')
      expect(received?.messageId).to.equal(`<${row?._id}@id.example.com>`)
      expect(received?.text).to.contain('482 913').and.to.contain('token=s3cret')
      expect(received?.html).to.contain('token=s3cret')
      expect(await rows()).to.deep.equal([])
    })

    it('keeps what a waiting mail says sealed', async () => {
      await store.batch([open().write(code)])
      const text = JSON.stringify(await rows())
      expect(text).to.contain('verify-email')
      for (const secret of ['482913', 's3cret', 'ada@', 'Bella']) expect(text).to.not.contain(secret)
    })

    it('lets no page wait for a server that is silent', async () => {
      smtp.mood.silent = true
      const mail = open()
      mail.start()
      const began = performance.now()
      await store.batch([mail.write(code)])
      mail.wake()
      expect(performance.now() - began).to.be.below(500)
      await smtp.heard()
      // Ends the silence, so that nobody waits for it.
      await smtp.stop()
      await smtp.start()
    })

    it('sends under the same Message-ID as soon as the server is back', async () => {
      await smtp.stop()
      const mail = open()
      await store.batch([mail.write(code), mail.write({ ...code, to: 'bob@example.org' })])
      const ids = (await rows()).map(({ _id }) => `<${_id}@id.example.com>`)
      for (let tries = 0; tries < 20; tries += 1) {
        await mail.pass()
        ahead += 15_000
      }
      expect(await rows()).to.have.length(2)
      await smtp.start()
      await mail.pass()
      expect(smtp.received.map(({ messageId }) => messageId)).to.have.members(ids)
      expect(await rows()).to.deep.equal([])
    })

    it('puts one mail off that the server puts off, and sends the others', async () => {
      const mail = open()
      smtp.mood.refuse = 451
      await store.batch([mail.write(code)])
      await mail.pass()
      smtp.mood.refuse = undefined
      await store.batch([mail.write({ ...code, to: 'bob@example.org' })])
      await mail.pass()
      expect(smtp.received.map(({ receivers }) => receivers[0])).to.deep.equal(['bob@example.org'])
      ahead += 6_000
      await mail.pass()
      expect(smtp.received).to.have.length(2)
    })

    it('gives up what the server refuses for good, and tells it without address or content', async () => {
      const mail = open()
      smtp.mood.refuse = 550
      await store.batch([mail.write(code)])
      await mail.pass()
      const [dead] = await mail.dead()
      expect(dead).to.deep.include({ about: 'verify-email', attempts: 1, content: {} })
      expect(dead?.failure).to.match(/550/)
      const told = lines.join('\n') + JSON.stringify(dead)
      expect(told).to.contain('given up')
      for (const secret of ['ada', '482913', 's3cret']) expect(told).to.not.contain(secret)
    })

    it('gives up after a day and an hour without a server', async () => {
      await smtp.stop()
      const mail = open()
      await store.batch([mail.write(code)])
      await mail.pass()
      ahead += 24 * 3_600_000
      await mail.pass()
      expect(await mail.dead()).to.have.length(0)
      ahead += 2 * 3_600_000
      await mail.pass()
      expect(await mail.dead()).to.have.length(1)
      await smtp.start()
    })

    it('does not let a mail that cannot be made hold up the others', async () => {
      const mail = open()
      const stranger = createVault([randomToken()])
      const broken = mail.write(code)
      if ('insert' in broken) {
        Object.assign(broken.insert as object, { content: { sealed: stranger.seal('mail', '{}') } })
      }
      await store.batch([broken, mail.write(code)])
      await mail.pass()
      await mail.pass()
      expect(smtp.received).to.have.length(1)
      expect(lines.join()).to.contain('the mail could not be made')
    })

    it('refuses an address that is none, where the cause is', () => {
      for (const to of ['ada', 'ada@example.org\r\nBcc: eve@example.com', 'Ada <ada@example.org>', '']) {
        expect(() => open().write({ ...code, to })).to.throw('internal')
      }
    })

    it('promises once for one key', async () => {
      const mail = open()
      const promise = () => store.batch([mail.write({ ...code, key: 'sign-up:abc' })])
      await promise()
      expect(await promise().catch((error) => error)).to.have.property('code', 'conflict')
      expect((await rows())[0]?._id).to.match(/^[\w-]{43}$/)
    })

    it('writes into the folder without a server, and shows it', async () => {
      const mail = open({ smtpUrl: undefined })
      expect(await mail.sent()).to.deep.equal([])
      mail.start()
      await store.batch([mail.write({ ...code, language: 'de' })])
      mail.wake()
      await until(async () => expect(await mail.sent()).to.have.length(1))
      const [sent] = await mail.sent()
      expect(sent).to.include({ to: 'ada@example.org', subject: 'Ihr Code für Bella Napoli: 482 913' })
      expect(sent?.text).to.contain('482 913')
    })

    describe('through a transport of the configuration', () => {
      let messages: MailMessage[]
      const transport = (send: MailTransport['send'] = async () => {}): MailTransport => ({
        async send(message) {
          messages.push(message)
          await send(message)
        },
        close: async () => {},
      })

      beforeEach(() => {
        messages = []
      })

      it('goes there and nowhere else, with all that a transport needs', async () => {
        const mail = open({ mail: transport() })
        await store.batch([mail.write(code)])
        const [row] = await rows()
        await mail.pass()
        expect(smtp.received).to.deep.equal([])
        expect(messages).to.have.length(1)
        expect(messages[0]).to.deep.include({
          id: row?._id,
          messageId: `<${row?._id}@id.example.com>`,
          date: row?.since,
          from: 'Maitred <no-reply@id.example.com>',
          to: 'ada@example.org',
          headers: { 'Content-Language': 'en', 'Auto-Submitted': 'auto-generated' },
        })
        expect(await rows()).to.deep.equal([])
        await mail.check()
      })

      it('hands over nothing that could be two mails', async () => {
        const mail = open({ mail: transport(), mailFrom: 'Maitred <a@b.example>\r\nBcc: eve@example.com' })
        await store.batch([mail.write(code)])
        await mail.pass()
        expect(messages).to.deep.equal([])
        expect(await mail.dead()).to.have.length(1)
      })

      it('takes what a plug-in throws for an outage, and tells no address of it', async () => {
        const mail = open({
          mail: transport(async ({ to }) => {
            throw new TypeError(`${to} cannot be read`)
          }),
        })
        await store.batch([mail.write(code)])
        await mail.pass()
        const [row] = await rows()
        expect(row).to.include({ attempts: 0, failure: '… cannot be read' })
        expect(lines.join()).to.not.contain('ada@')
      })

      it('outlives one that throws before it promises', async () => {
        const send = () => {
          throw new TypeError('no network here')
        }
        const unhandled: unknown[] = []
        const note = (reason: unknown) => unhandled.push(reason)
        process.on('unhandledRejection', note)
        const mail = open({ mail: { ...transport(), send } }, { patienceMs: 20 })
        await store.batch([mail.write(code)])
        await mail.pass()
        expect((await rows())[0]).to.include({ failure: 'no network here' })
        // Nothing is left that could still go off, and end the process.
        await new Promise((resolve) => setTimeout(resolve, 60))
        process.off('unhandledRejection', note)
        expect(unhandled).to.deep.equal([])
      })

      it('does not let one that never settles keep the others waiting', async () => {
        const mail = open({ mail: transport(() => new Promise(() => {})) }, { patienceMs: 50 })
        await store.batch([mail.write(code), mail.write({ ...code, to: 'bob@example.org' })])
        await mail.pass()
        expect(messages).to.have.length(2)
        for (const row of await rows()) expect(row).to.include({ failure: 'the transport did not settle' })
      })

      it('says why it would take no mail', async () => {
        const check = () => Promise.reject(new TypeError('no key'))
        const error = await open({ mail: { ...transport(), check } })
          .check()
          .catch((thrown: unknown) => thrown)
        expect(error).to.be.instanceOf(UndeliveredError).and.include({ fault: 'outage', message: 'no key' })
      })
    })
  })
}

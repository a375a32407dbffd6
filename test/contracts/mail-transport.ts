/**
 * The contract of `MailTransport`, for the built-ins and for a plug-in's author:
 * `describe('…', () => mailTransportContract(async () => ({ … })))`.
 */
import { expect } from 'chai'
import { type MailMessage, type MailTransport, UndeliveredError } from '../../src/mail/mail.ts'

export interface TransportBench {
  transport: MailTransport
  /** What arrived, in any order. */
  arrived(): Promise<ArrivedMail[]>
  close(): Promise<void>
}

export interface ArrivedMail {
  messageId: string | undefined
  /** Bare addresses of the header. */
  to: string[]
  /** Bare addresses that the next server was told; absent when there is none. */
  receivers?: string[]
  subject: string | undefined
  text: string | undefined
  html: string | undefined
  date: string | undefined
  /** Header names in lower case to values. */
  headers: Map<string, string>
}

export const exampleMail: MailMessage = {
  id: 'Zk3jv8mQ2s',
  messageId: '<Zk3jv8mQ2s@id.example.com>',
  date: new Date('2025-11-21T14:05:00Z'),
  from: 'Bella Napoli <no-reply@id.example.com>',
  to: 'ada@example.org',
  subject: 'Your code for Bella Napoli: 482 913',
  text: 'Ciao Ada – è pronto ✓\n.\nA line that begins with a dot above.\n',
  html: '<!doctype html><p>Ciao <b>Ada</b> – è pronto ✓</p>',
  language: 'en',
}

export function mailTransportContract(open: () => Promise<TransportBench>): void {
  let bench: TransportBench

  beforeEach(async () => {
    bench = await open()
  })
  afterEach(() => bench.close())

  async function only(): Promise<ArrivedMail> {
    const all = await bench.arrived()
    expect(all).to.have.length(1)
    return all[0] as ArrivedMail
  }

  it('delivers both parts, the subject and the date as they are', async () => {
    await bench.transport.send(exampleMail)
    const mail = await only()
    expect(mail.subject).to.equal(exampleMail.subject)
    expect(mail.text?.replaceAll('\r\n', '\n').trim()).to.equal(exampleMail.text.trim())
    expect(mail.html?.trim()).to.equal(exampleMail.html)
    expect(new Date(mail.date ?? '')).to.deep.equal(exampleMail.date)
  })

  it('delivers to the one address and keeps it as it is', async () => {
    const to = 'ada+dinner.for_two@mail.example.org'
    await bench.transport.send({ ...exampleMail, to })
    const mail = await only()
    expect(mail.to).to.deep.equal([to])
    expect(mail.receivers ?? [to]).to.deep.equal([to])
  })

  it('keeps the Message-ID, also when the mail is sent again', async () => {
    await bench.transport.send(exampleMail)
    await bench.transport.send(exampleMail)
    const ids = new Set((await bench.arrived()).map(({ messageId }) => messageId))
    expect([...ids]).to.deep.equal([exampleMail.messageId])
  })

  it('asks for no automatic answer, names the language and loads nothing', async () => {
    await bench.transport.send(exampleMail)
    const { headers } = await only()
    expect(headers.get('auto-submitted')).to.equal('auto-generated')
    expect(headers.get('content-language')).to.equal('en')
  })

  it('delivers a subject of every script, however long', async () => {
    const subject = `Ihr Code für „Königsberger Klöpse & Söhne“ 中文 ${'sehr '.repeat(40)}lang`
    await bench.transport.send({ ...exampleMail, subject })
    expect((await only()).subject).to.equal(subject)
  })

  for (const [what, wrong] of [
    ['a line break in the subject', { subject: 'Hello\r\nBcc: eve@example.com' }],
    ['a bare line feed in the subject', { subject: 'Hello\nBcc: eve@example.com' }],
    ['a line break in the sender', { from: 'A <a@example.com>\r\nBcc: eve@example.com' }],
    ['a line break in the address', { to: 'ada@example.org\r\nBcc: eve@example.com' }],
    ['a list of addresses', { to: 'ada@example.org, eve@example.com' }],
    ['a group of addresses', { to: 'all: ada@example.org;' }],
    ['a name with the address', { to: 'Ada <ada@example.org>' }],
    ['a quoted local part', { to: '"eve@example.com x"@example.org' }],
    ['a comment in the address', { to: 'ada(eve@example.com)@example.org' }],
    ['an address without a host', { to: 'ada' }],
    ['a second header in the Message-ID', { messageId: '<x@y>\r\nX: y' }],
  ] as const) {
    it(`refuses ${what}, and nothing arrives`, async () => {
      const error = await bench.transport
        .send({ ...exampleMail, ...wrong })
        .catch((thrown: unknown) => thrown)
      expect(error).to.be.instanceOf(UndeliveredError).and.to.have.property('fault', 'refused')
      expect(await bench.arrived()).to.deep.equal([])
    })
  }

  it('sends many at once, each once', async () => {
    const mails = Array.from({ length: 30 }, (_, index) => ({
      ...exampleMail,
      id: `m${index}`,
      messageId: `<m${index}@id.example.com>`,
      to: `guest${index}@example.org`,
    }))
    await Promise.all(mails.map((mail) => bench.transport.send(mail)))
    const arrived = await bench.arrived()
    expect(arrived.map(({ to }) => to[0]).sort()).to.deep.equal(mails.map(({ to }) => to).sort())
    for (const { messageId, to } of arrived) expect(messageId).to.contain(to[0]?.match(/\d+/)?.[0])
  })
}

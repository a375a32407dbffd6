/** What every `MailTransport` keeps, the built-in ones and a plug-in. */
import assert from 'node:assert/strict'
import type { ContractCase } from './contract-case.ts'
import { type MailMessage, type MailTransport, UndeliveredError } from './mail-transport.ts'

/** A transport, and what stands behind it. */
export interface TransportBench {
  transport: MailTransport
  /** What arrived, in any order. */
  arrived(): Promise<ArrivedMail[]>
  /** From now on no mail is taken: the server is away, or says no. */
  fail(): Promise<void>
  close(): Promise<void>
}

export interface ArrivedMail {
  messageId: string | undefined
  /** Bare addresses of the header. */
  to: string[]
  /** Bare addresses that the next server was told; absent when it was told no other than those. */
  receivers?: string[]
  subject: string | undefined
  text: string | undefined
  html: string | undefined
  /** Absent when the next server dates mails itself. */
  date?: string | undefined
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
  headers: { 'Content-Language': 'en', 'Auto-Submitted': 'auto-generated' },
}

type Promised = (bench: TransportBench) => Promise<void>

/** @param open gives a transport behind which nothing has arrived yet; each case opens its own and closes it */
export function mailTransportContract(open: () => Promise<TransportBench>): ContractCase[] {
  return Object.entries(promises).map(([name, promised]) => ({
    name,
    async run() {
      const bench = await open()
      try {
        await promised(bench)
      } finally {
        await bench.close()
      }
    },
  }))
}

const promises: Readonly<Record<string, Promised>> = {
  async 'delivers both parts, the subject and the date as they are'(bench) {
    await bench.transport.send(exampleMail)
    const mail = await only(bench)
    assert.equal(mail.subject, exampleMail.subject)
    assert.equal(mail.text?.replaceAll('\r\n', '\n').trim(), exampleMail.text.trim())
    assert.equal(mail.html?.trim(), exampleMail.html)
    if (mail.date !== undefined) assert.deepEqual(new Date(mail.date), exampleMail.date)
  },

  async 'delivers to the one address and keeps it as it is'(bench) {
    const to = 'ada+dinner.for_two@mail.example.org'
    await bench.transport.send({ ...exampleMail, to })
    const mail = await only(bench)
    assert.deepEqual(mail.to, [to])
    assert.deepEqual(mail.receivers ?? [to], [to])
  },

  async 'keeps the Message-ID, also when the mail is sent again'(bench) {
    await bench.transport.send(exampleMail)
    await bench.transport.send(exampleMail)
    const ids = new Set((await bench.arrived()).map(({ messageId }) => messageId))
    assert.deepEqual([...ids], [exampleMail.messageId])
  },

  async 'passes the headers on: no automatic answers, and the language'(bench) {
    await bench.transport.send(exampleMail)
    const { headers } = await only(bench)
    assert.equal(headers.get('auto-submitted'), 'auto-generated')
    assert.equal(headers.get('content-language'), 'en')
  },

  async 'delivers a subject of every script, however long'(bench) {
    const subject = `Ihr Code für „Königsberger Klöpse & Söhne“ 中文 ${'sehr '.repeat(40)}lang`
    await bench.transport.send({ ...exampleMail, subject })
    assert.equal((await only(bench)).subject, subject)
  },

  async 'sends many at once, each once'(bench) {
    const mails = Array.from({ length: 30 }, (_, index) => ({
      ...exampleMail,
      id: `m${index}`,
      messageId: `<m${index}@id.example.com>`,
      to: `guest${index}@example.org`,
    }))
    await Promise.all(mails.map((mail) => bench.transport.send(mail)))
    const pairs = (await bench.arrived()).map(({ to, messageId }) => `${to[0]} ${messageId}`)
    assert.deepEqual(pairs.sort(), mails.map(({ to, messageId }) => `${to} ${messageId}`).sort())
  },

  async 'rejects when no mail is taken, gives none up for good and names no address'(bench) {
    await bench.fail()
    const error = await bench.transport.send(exampleMail).then(
      () => assert.fail('a mail that nobody took counts as sent'),
      (thrown: unknown) => thrown,
    )
    assert(error instanceof Error, 'what is thrown is an Error')
    if (error instanceof UndeliveredError) assert.notEqual(error.fault, 'refused')
    assert(!error.message.includes(exampleMail.to), 'the message names the address')
    assert.deepEqual(await bench.arrived(), [])
  },
}

async function only(bench: TransportBench): Promise<ArrivedMail> {
  const [mail, ...more] = await bench.arrived()
  assert(
    mail && more.length === 0,
    `one mail should have arrived, and there are ${mail ? more.length + 1 : 0}`,
  )
  return mail
}

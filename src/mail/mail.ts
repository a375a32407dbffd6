/**
 * What is said to people by mail: the letters, the promise that each arrives, and the transports. It does not
 * decide when something is said, and does not know people: who has something to say puts `write` into the
 * batch of the cause.
 */
import { hash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { MaitredError } from '../errors.ts'
import type { Language, Locale } from '../locale/locale.ts'
import { createOutbox, type Log, type OutboxRow, outboxCollection, type Verdict } from '../outbox/outbox.ts'
import { type MailMessage, type MailTransport, UndeliveredError } from '../ports/ports.ts'
import type { AnyCollectionSpec, Store, Write } from '../storage/storage.ts'
import { isBareAddress, refuseUnplain } from './compose.ts'
import { createFolderTransport, type SentMail } from './folder-transport.ts'
import type { Letter } from './letter.ts'
import { createRenderer } from './render.ts'
import { createSmtpTransport } from './smtp-transport.ts'

export type { SentMail } from './folder-transport.ts'
export type { FactorChange, Letter, LetterContext, LetterData, MailTemplate, NameChange } from './letter.ts'

/** A letter to somebody. */
export type NewMail = Letter & {
  /** The stored address, never what was just typed. */
  to: string
  language: Language
  /** A batch that is made twice with the same key fails the second time instead of promising two mails. */
  key?: string | undefined
}

export interface Mail {
  /**
   * The promise as data, to stand in the batch of its cause; then `wake()`. What it says is sealed at rest.
   * @throws MaitredError `internal` when the address is none that mail can be sent to
   */
  write(mail: NewMail): Write
  /** As `write`, for an answer that must cost the same; the row is never due and goes after a minute. */
  decoy(mail: NewMail): Write
  wake(): void
  start(): void
  /** Sends what it is sending (at most 5 s) and lets go of the server. */
  stop(): Promise<void>
  /** Sends what is due now, to the end. */
  pass(): Promise<void>
  /** Without a mail server: what lies in `DATA_DIR/mail`, newest first. */
  sent(): Promise<SentMail[]>
  /** Asks whoever takes our mails whether they would, where that can be asked. @throws UndeliveredError */
  check(): Promise<void>
  /** What was given up in the last 30 days, newest first: template, time and reason. */
  dead(): Promise<OutboxRow[]>
}

export interface MailOptions {
  store: Store
  config: {
    issuer: string
    dataDir: string
    smtpUrl?: string | undefined
    /** In the place of `smtpUrl` and of the folder. */
    mail?: MailTransport | undefined
    mailFrom: string
    name: string
    brand: { color: string; contrast?: string | undefined }
  }
  locale: Locale
  sealer: { seal(purpose: string, text: string): string; open(purpose: string, sealed: string): string }
  now: () => Date
  log: Log
  /** The folder of all views. */
  views: string
  /** A transport that has not settled by then is left alone, and the mail is sent again later; default 10 minutes. */
  patienceMs?: number
}

const outbox = outboxCollection('outbox')
export const collections: readonly AnyCollectionSpec[] = [outbox]

const PURPOSE = 'mail'
/** Seconds until one mail is tried again that the server put off; the last one over and over. */
const WAITS = [5, 15, 60, 300, 900, 1_800, 3_600]
const DECOY_MS = 60_000
const GIVE_UP_MS = 25 * 3_600_000

export function createMail(options: MailOptions): Mail {
  const { store, config, locale, sealer, now, log, views, patienceMs = 10 * 60_000 } = options
  const folder = createFolderTransport({ folder: join(config.dataDir, 'mail') })
  const transport = config.mail ?? (config.smtpUrl ? createSmtpTransport({ url: config.smtpUrl }) : folder)
  const brand = { name: config.name, ...config.brand }
  const render = createRenderer({ views, locale, issuer: config.issuer, brand })
  const host = new URL(config.issuer).hostname

  async function message({ _id, content, since }: OutboxRow): Promise<MailMessage> {
    const { to, language, ...letter }: NewMail = JSON.parse(sealer.open(PURPOSE, content.sealed ?? ''))
    const rendered = await render(letter, language, since)
    return {
      id: _id,
      messageId: `<${_id}@${host}>`,
      date: since,
      from: config.mailFrom,
      to,
      headers: {
        'Content-Language': language,
        // RFC 3834, 5: no out-of-office answers to this, please.
        'Auto-Submitted': 'auto-generated',
      },
      ...rendered,
    }
  }

  /** Whatever the transport is, it gets nothing that could be two mails, and cannot keep the others waiting for ever. */
  async function deliver(mail: MailMessage): Promise<void> {
    refuseUnplain(mail)
    const settled = new AbortController()
    const late = wait(patienceMs, undefined, { ref: false, signal: settled.signal }).then(() => {
      throw new UndeliveredError('later', 'the transport did not settle')
    })
    const sent = (async () => transport.send(mail))()
    await Promise.race([sent, late]).finally(() => settled.abort())
  }

  function judge(error: unknown, { attempts, since }: OutboxRow): Verdict {
    const fault = error instanceof UndeliveredError ? error.fault : 'outage'
    const reason = withoutAddresses(error instanceof Error ? error.message : String(error))
    const age = now().getTime() - since.getTime()
    if (fault === 'refused' || age > GIVE_UP_MS) return { reason, next: 'dead' }
    if (fault === 'outage') return { reason, next: 'outage' }
    return { reason, next: 'again', seconds: WAITS[Math.min(attempts, WAITS.length) - 1] ?? 0 }
  }

  const promises = createOutbox({
    store,
    collection: outbox,
    now,
    log,
    judge,
    async send(row) {
      const mail = await message(row).catch((cause: unknown) => {
        // Not the server's fault: the other mails must not wait for this one.
        throw new UndeliveredError('later', 'the mail could not be made', cause)
      })
      await deliver(mail)
    },
  })

  function write({ key, ...mail }: NewMail): ReturnType<typeof promises.write> {
    if (!isBareAddress(mail.to)) {
      throw new MaitredError('internal', { cause: new Error(`no address for the mail ${mail.template}`) })
    }
    return promises.write({
      about: mail.template,
      content: { sealed: sealer.seal(PURPOSE, JSON.stringify(mail)) },
      // It becomes part of the Message-ID, so it is made of harmless signs and says nothing.
      key: key === undefined ? undefined : hash('sha256', key, 'base64url'),
    })
  }

  return {
    write,
    decoy(mail) {
      const promise = write(mail)
      const { due: _, ...row } = promise.insert
      return { ...promise, insert: { ...row, expires: new Date(now().getTime() + DECOY_MS) } }
    },
    wake: promises.wake,
    start() {
      if (transport === folder && config.issuer.startsWith('https:')) {
        log.warn({ folder: join(config.dataDir, 'mail') }, 'without SMTP_URL no mail leaves this machine')
      }
      promises.start()
    },
    async stop() {
      await promises.stop()
      await transport.close()
    },
    pass: promises.pass,
    sent: () => (transport === folder ? folder.sent() : Promise.resolve([])),
    async check() {
      try {
        await transport.check?.()
      } catch (error) {
        if (error instanceof UndeliveredError) throw error
        throw new UndeliveredError('outage', error instanceof Error ? error.message : String(error), error)
      }
    },
    dead: promises.dead,
  }
}

/** What servers answer often holds the address, and that is nobody's business in a log. */
function withoutAddresses(text: string): string {
  return text.replace(/[^\s<>@]+@[^\s<>@]+/g, '…')
}

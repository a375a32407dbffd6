/**
 * A real SMTP server that keeps what it accepted and can be told to misbehave. It does not judge: a test looks
 * at `received`.
 */
import type { AddressInfo, Socket } from 'node:net'
import PostalMime, { type Email } from 'postal-mime'
import { SMTPServer } from 'smtp-server'
import type { ArrivedMail } from '../../src/ports/contracts.ts'

export interface Received extends Email {
  /** The envelope's receivers, as the server heard them. */
  receivers: string[]
  raw: string
}

export interface SmtpBench {
  readonly port: number
  readonly url: string
  readonly received: Received[]
  /** What the server answers from now on: `refuse` a status for each receiver, `silent` nothing after DATA. */
  mood: { refuse?: number | undefined; silent?: boolean; slowMs?: number; onAccepted?: () => void }
  /** Resolves when the next mail was read to its end, whatever is then said of it. */
  heard(): Promise<void>
  /** Goes away with all its connections; `start` opens the same port again. */
  stop(): Promise<void>
  start(): Promise<void>
}

export async function startSmtp(port = 0): Promise<SmtpBench> {
  const received: Received[] = []
  const sockets = new Set<Socket>()
  const waiting: (() => void)[] = []
  let server: SMTPServer | undefined
  let bound = port

  const bench: SmtpBench = {
    get port() {
      return bound
    },
    get url() {
      return `smtp://127.0.0.1:${bound}`
    },
    received,
    mood: {},
    heard: () => new Promise((resolve) => waiting.push(resolve)),
    async start() {
      server = new SMTPServer({
        authOptional: true,
        disableReverseLookup: true,
        disabledCommands: ['STARTTLS', 'AUTH'],
        onRcptTo(_address, _session, callback) {
          const { refuse } = bench.mood
          callback(refuse ? Object.assign(new Error('no such person'), { responseCode: refuse }) : null)
        },
        onData(stream, session, callback) {
          const chunks: Buffer[] = []
          stream.on('data', (chunk: Buffer) => chunks.push(chunk))
          stream.on('end', async () => {
            for (const tell of waiting.splice(0)) tell()
            if (bench.mood.silent) return
            const raw = Buffer.concat(chunks)
            const mail = await PostalMime.parse(raw)
            const receivers = session.envelope.rcptTo.map(({ address }) => address)
            setTimeout(() => {
              received.push({ ...mail, receivers, raw: raw.toString('latin1') })
              bench.mood.onAccepted?.()
              callback()
            }, bench.mood.slowMs ?? 0)
          })
        },
      })
      // A client that goes away in the middle is what some tests do.
      server.on('error', () => {})
      server.server.on('connection', (socket: Socket) => {
        sockets.add(socket)
        socket.once('close', () => sockets.delete(socket))
      })
      await new Promise<void>((resolve) => server?.listen(bound, '127.0.0.1', resolve))
      bound = (server.server.address() as AddressInfo).port
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server?.close(() => resolve()))
    },
  }
  await bench.start()
  return bench
}

/** As the transports' contract wants it. */
export function arrivedMail(mail: Email & { receivers?: string[] }): ArrivedMail {
  return {
    messageId: mail.messageId,
    to: (mail.to ?? []).map(({ address }) => address ?? ''),
    ...(mail.receivers && { receivers: mail.receivers }),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    date: mail.date,
    headers: new Map(mail.headers.map(({ key, value }) => [key, value])),
  }
}

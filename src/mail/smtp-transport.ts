/** Hands mails to an SMTP server (RFC 5321), over a few connections that stay open. */
import type { NodemailerError } from 'nodemailer'
import { type MailTransport, UndeliveredError } from '../ports/ports.ts'
import { compose } from './compose.ts'

/**
 * Shorter than RFC 5321, 4.5.3.2 has them for relays between strangers: this is our own submission server, and
 * the mails that wait behind a stalled one must leave soon after its return.
 */
const CONNECT_MS = 10_000
const GREETING_MS = 15_000
const SILENCE_MS = 30_000
/** For a server that drips its answers, which no silence betrays. */
const WHOLE_MS = 5 * 60_000

/** @param url `smtp://` (STARTTLS where offered) or `smtps://`, with user and password in it when needed */
export function createSmtpTransport({ url }: { url: string }): MailTransport {
  let opened: ReturnType<typeof openPool> | undefined
  function pool(): ReturnType<typeof openPool> {
    opened ??= openPool(url)
    return opened
  }

  return {
    async send(message) {
      const mail = compose(message)
      try {
        await (await pool()).sendMail({ ...mail, signal: AbortSignal.timeout(WHOLE_MS) })
      } catch (error) {
        throw undelivered(error as NodemailerError)
      }
    },
    async check() {
      try {
        await (await pool()).verify()
      } catch (error) {
        throw undelivered(error as NodemailerError)
      }
    },
    async close() {
      const connections = await opened
      connections?.close({ force: true })
    },
  }
}

/** With the first mail, because nodemailer takes long to load. */
async function openPool(url: string) {
  const { createTransport } = await import('nodemailer')
  return createTransport({
    url,
    pool: true,
    maxConnections: 5,
    // A connection that went stale before a byte of the mail was sent; all other tries are the outbox's.
    maxRequeues: 1,
    dnsTimeout: CONNECT_MS,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: GREETING_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
}

function undelivered(error: NodemailerError): UndeliveredError {
  const { code = 'unknown', responseCode = 0, response, command } = error
  const reason = [code, command, response ?? error.message].filter(Boolean).join(' ')
  return new UndeliveredError(faultOf(error, code, responseCode), reason.slice(0, 300), error)
}

function faultOf(error: NodemailerError, code: string, status: number): UndeliveredError['fault'] {
  // 421: the server is closing; it says nothing of this mail (RFC 5321, 4.2.3).
  if (status === 421) return 'outage'
  if (code === 'EENVELOPE' || code === 'EMESSAGE') {
    // 5yz is for good (RFC 5321, 4.2.1). But a refused sender or content is the operator's fault, who mends it.
    return status >= 500 && error.command === 'RCPT TO' ? 'refused' : 'later'
  }
  // The server fell silent or drips. It may have taken the mail: tried again, but not in a hurry.
  if (error.timeoutType === 'SOCKET_TIMEOUT' || code === 'EABORT') return 'later'
  return 'outage'
}

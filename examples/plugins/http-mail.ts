/** Mails leave through an HTTP API as Resend has it. */
import { type MailTransport, UndeliveredError } from 'maitred/plugins'

export function httpMail({ url, key }: { url: string; key: string }): MailTransport {
  return {
    async send({ id, messageId, from, to, subject, text, html, headers: more }) {
      const headers = { ...more, 'Message-ID': messageId }
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          // A mail that was taken already is not sent again.
          'idempotency-key': id,
        },
        body: JSON.stringify({ from, to, subject, text, html, headers }),
        signal: AbortSignal.timeout(30_000),
      })
      await response.body?.cancel()
      if (response.ok) return
      // What is wrong with this mail must not hold up the others.
      const fault = [400, 409, 413, 422].includes(response.status) ? 'later' : 'outage'
      throw new UndeliveredError(fault, `the mail API answered ${response.status}`)
    },
    async close() {},
  }
}

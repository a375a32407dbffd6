/** The one place where a mail becomes what nodemailer wants, so that both transports say the same. */
import type { SendMailOptions } from 'nodemailer'
import { type MailMessage, UndeliveredError } from '../ports/ports.ts'

/**
 * A bare address without anything that a header or an envelope could read in two ways: no space, no comment,
 * no quoted local part, no list (nodemailer GHSA-mm7p-fcc7-pg87).
 */
const bareAddress = /^[^\s\p{Cc}"(),:;<>@[\\\]]{1,64}@[^\s\p{Cc}"(),:;<>@[\\\]]{1,255}$/u

export function isBareAddress(text: string): boolean {
  return bareAddress.test(text)
}

/** @throws UndeliveredError `refused` when a field could become two headers or two receivers. */
export function refuseUnplain({ id, messageId, from, to, subject, headers }: MailMessage): void {
  for (const [name, value] of Object.entries({ id, messageId, from, subject, ...headers })) {
    if (/\p{Cc}/u.test(value)) throw new UndeliveredError('refused', `a line break in "${name}"`)
  }
  if (!isBareAddress(to)) throw new UndeliveredError('refused', 'the address is not a plain one')
}

export function compose(message: MailMessage): SendMailOptions {
  const { messageId, from, to, subject, headers } = message
  return {
    messageId,
    date: message.date,
    from,
    // As an object it is not parsed again.
    to: { name: '', address: to },
    subject,
    text: message.text,
    html: message.html,
    headers: { ...headers },
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

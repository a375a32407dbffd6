/** The port through which mails leave. `mail-transport-contract.ts` is the proof of a transport. */

/**
 * A mail as it is sent. Every field is one line except the two bodies, and `to` is a plain address: the host has made
 * sure that nothing in it can become a second header or a second receiver.
 */
export interface MailMessage {
  /** Letters, digits, `-` and `_`. A repetition has the same one. */
  id: string
  /** `<id@host>` (RFC 5322, 3.6.4): by it a receiver recognises a repetition. */
  messageId: string
  /** When it was promised, not when it is sent. */
  date: Date
  /** A mailbox, `Name <address>`. */
  from: string
  /** One bare address. */
  to: string
  subject: string
  text: string
  html: string
  /** More headers, which go along as they are: the mail's language, and that it wants no automatic answer. */
  headers: Readonly<Record<string, string>>
}

/** Made when the configuration is read, by commands too that send nothing: it connects at the first mail. */
export interface MailTransport {
  /**
   * Resolves when the next server has taken over the responsibility for the mail, or the mail lies where it
   * belongs. Settles by itself within minutes. It may be called with the same mail again.
   * @throws UndeliveredError; any other error is taken for an outage
   */
  send(message: MailMessage): Promise<void>
  /** Whether the next server would take mails from us, without sending one. As `send`. */
  check?(): Promise<void>
  /** Lets go of connections. Nothing is sent afterwards. */
  close(): Promise<void>
}

/** Why a mail did not go. The message is for the admin: it names no address. */
export class UndeliveredError extends Error {
  /**
   * `refused`: this mail, for good. `later`: this mail, but not now. `outage`: no mail goes at the moment.
   */
  readonly fault: 'refused' | 'later' | 'outage'

  constructor(fault: UndeliveredError['fault'], reason: string, cause?: unknown) {
    super(reason, { cause })
    this.name = 'UndeliveredError'
    this.fault = fault
  }
}

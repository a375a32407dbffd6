/**
 * How mails leave: to an SMTP server, or into a folder as `.eml` files, for a machine without one. A mail that is sent
 * again has the same Message-ID, by which mailboxes recognise it; in the folder it falls onto itself.
 */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createTransport } from 'nodemailer'

export interface Letter {
  /** Letters, digits and `-`. */
  id: string
  to: string
  subject: string
  text: string
}

export interface Post {
  /** Settles within a minute. @throws when nobody took the letter over */
  send(letter: Letter): Promise<void>
  close(): void
}

const HOST = 'bella-napoli.example'
const FROM = `Bella Napoli <office@${HOST}>`
const PATIENCE = {
  dnsTimeout: 5_000,
  connectionTimeout: 5_000,
  greetingTimeout: 10_000,
  socketTimeout: 20_000,
}

/** @param to `smtp://` or `smtps://`, else a folder */
export function createPost(to: string): Post {
  const isServer = /^smtps?:/.test(to)
  const transport = isServer
    ? createTransport({ url: to, ...PATIENCE, disableFileAccess: true, disableUrlAccess: true })
    : undefined
  const composer = createTransport({ streamTransport: true, buffer: true, newline: 'windows' })

  return {
    async send({ id, ...letter }) {
      // It names a file, and stands in a header; it came through a queue.
      if (!/^[\w-]{1,200}$/.test(id)) throw new TypeError('No letter is called that')
      const mail = {
        ...letter,
        from: FROM,
        messageId: `<${id}@${HOST}>`,
        headers: { 'Auto-Submitted': 'auto-generated' },
      }
      if (transport) {
        await transport.sendMail(mail)
        return
      }
      const { message } = await composer.sendMail(mail)
      await mkdir(to, { recursive: true, mode: 0o700 })
      const file = join(to, `${id}.eml`)
      // Renamed into place: whoever lists the folder never meets half a mail.
      await writeFile(`${file}.part`, message as Buffer, { mode: 0o600 })
      await rename(`${file}.part`, file)
    },
    close: () => transport?.close(),
  }
}

/** For development: mails become files, and can be read again on a page. Nothing leaves the machine. */
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MailTransport } from '../ports/ports.ts'
import { compose } from './compose.ts'

export interface SentMail {
  id: string
  to: string
  subject: string
  at: Date
  text: string
  html: string
}

export interface FolderTransport extends MailTransport {
  /** What lies in the folder, newest first; at most 200. */
  sent(): Promise<SentMail[]>
}

const SHOWN = 200

/** @param folder is made when the first mail is sent */
export function createFolderTransport({ folder }: { folder: string }): FolderTransport {
  let composer: ReturnType<typeof openComposer> | undefined

  return {
    async send(message) {
      composer ??= openComposer()
      const { message: bytes } = await (await composer).sendMail(compose(message))
      await mkdir(folder, { recursive: true, mode: 0o700 })
      // Named by when it was promised and by its id: a repetition falls onto itself, and names sort by time.
      const file = join(folder, `${message.date.toISOString().replaceAll(':', '.')}_${message.id}.eml`)
      // Renamed into place: whoever lists the folder never meets half a mail.
      await writeFile(`${file}.part`, bytes as Buffer, { mode: 0o600 })
      await rename(`${file}.part`, file)
    },
    async sent() {
      const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      const newest = names.filter((name) => name.endsWith('.eml')).sort()
      return await Promise.all(
        newest
          .reverse()
          .slice(0, SHOWN)
          .map((name) => read(folder, name)),
      )
    },
    async close() {},
  }
}

/** With the first mail, because nodemailer takes long to load. */
async function openComposer() {
  const { createTransport } = await import('nodemailer')
  return createTransport({ streamTransport: true, buffer: true, newline: 'windows' })
}

/** Parsed from the very bytes that a mail server would have got. */
async function read(folder: string, name: string): Promise<SentMail> {
  const { default: PostalMime } = await import('postal-mime')
  const mail = await PostalMime.parse(await readFile(join(folder, name)))
  return {
    id: name.slice(name.indexOf('_') + 1, -'.eml'.length),
    to: mail.to?.[0]?.address ?? '',
    subject: mail.subject ?? '',
    at: new Date(mail.date ?? 0),
    text: mail.text ?? '',
    html: mail.html ?? '',
  }
}

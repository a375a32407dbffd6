/**
 * Promises as many mails as its argument says, prints one line for each that the store holds, and sends what is
 * due until it is killed.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createVault } from '../../src/keys/keys.ts'
import { createLocale } from '../../src/locale/locale.ts'
import { collections, createMail } from '../../src/mail/mail.ts'
import { openStore } from '../../src/storage/storage.ts'

const { DATA_DIR: dataDir = '', MONGODB_URI: mongodbUri, SMTP_URL: smtpUrl, SECRET = '' } = process.env
const now = () => new Date()
const tell = (line: string) => writeSync(1, `${line}\n`)
const log = { info() {}, warn: (_: object, text: string) => tell(`log ${text}`), error: () => tell('dead') }

const store = await openStore({ collections, now, dataDir, mongodbUri })
const mail = createMail({
  store,
  config: {
    issuer: 'https://id.example.com',
    dataDir,
    smtpUrl,
    mailFrom: 'Maitred <no-reply@id.example.com>',
    name: 'Maitred',
    brand: { color: '#0f5c4d' },
  },
  locale: createLocale(),
  sealer: createVault([SECRET]),
  now,
  log,
  views: join(import.meta.dirname, '../../views'),
})
for (let n = 0; n < Number(process.argv[2]); n += 1) {
  const to = `${process.pid}.${n}@example.org`
  const data = { link: 'https://id.example.com/reset' }
  await store.batch([mail.write({ template: 'reset-password', to, language: 'en', data })])
  tell(`promised ${to}`)
}
mail.start()
setInterval(() => {}, 1_000)

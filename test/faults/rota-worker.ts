/** A worker of the back office as a process of its own, so that it can be killed. Says "working" when it works. */
import { writeSync } from 'node:fs'
import { openStore } from 'maitred/storage'
import { backOfficeCollections } from '../../examples/restaurant/back-office/documents.ts'
import { openRotaDesk } from '../../examples/restaurant/back-office/rota-desk/rota-desk.ts'

const { env } = process
const now = () => new Date()
const log = { info() {}, warn: tell, error: tell }

function tell(o: object, text: string): void {
  writeSync(1, `${text} ${JSON.stringify(o)}\n`)
}

const store = await openStore({
  collections: backOfficeCollections,
  now,
  dataDir: env.DATA_DIR ?? '',
  mongodbUri: env.MONGODB_URI,
})
await openRotaDesk({
  store,
  url: env.ROTA_URL ?? '',
  issuer: env.ISSUER ?? '',
  clientId: env.CLIENT_ID ?? '',
  clientSecret: env.CLIENT_SECRET ?? '',
  origin: 'http://localhost:3003',
  mailTo: env.SMTP_URL ?? '',
  queueUrl: env.QUEUE_URL,
  retries: { attempts: 30, pauses: [0.3] },
  leaseMs: 2_000,
  letterLeaseMs: 2_000,
  restMs: 200,
  log,
  now,
})
tell({}, 'working')
setInterval(() => {}, 1_000)

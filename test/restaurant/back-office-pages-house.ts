/** The back office with its pages beside a real Maitred and a rota, with the demo's people and a small year behind it. */
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BackOffice,
  type BackOfficeOptions,
  startBackOffice,
} from '../../examples/restaurant/back-office/back-office.ts'
import { backOfficeCollections } from '../../examples/restaurant/back-office/documents.ts'
import type { Log } from '../../examples/restaurant/back-office/log.ts'
import { migrations } from '../../examples/restaurant/back-office/migrations.ts'
import { type RotaProgram, startRota } from '../../examples/restaurant/rota/rota.ts'
import { demoStaff } from '../../examples/restaurant/seed/demo.ts'
import { seedRestaurants } from '../../examples/restaurant/seed/seed.ts'
import { readDocument } from '../../src/admin/admin.ts'
import type { Store } from '../../src/storage/storage.ts'
import { type RunningApp, startApp } from '../support/app.ts'
import type { Engine } from '../support/engines.ts'
import { createVisitor, type Page, type Visitor } from '../support/visitor.ts'

export const PEOPLE = {
  ada: { email: 'ada@bella-napoli.example', password: 'saffron umbrella at nine' },
  bruno: { email: 'bruno@bella-napoli.example', password: 'copper kettle by the window' },
  carla: { email: 'carla@bella-napoli.example', password: 'seven lemons and a bicycle' },
  dario: { email: 'dario@guests.example', password: 'rainy sunday on the ferry' },
}

const SECRET = 'demo-only-back-office-b95d20f4e8137ac6'
const worker = {
  clientId: 'back-office-worker',
  clientSecret: 'demo-only-back-office-worker-47c0e9a6d15b832f',
}
/** Impatient, so that a test sees a task given up. */
const patience = { timeoutMs: 1_500, restMs: 200, retries: { attempts: 2, pauses: [0.1] } }
const silent: Log = { info: () => {}, warn: () => {}, error: () => {} }

export interface Office {
  maitred: RunningApp
  backOffice: BackOffice
  store: Store
  rota: RotaProgram
  /** A browser without scripts in which that person has signed in. */
  visit(who: keyof typeof PEOPLE): Promise<Visitor & { first: Page }>
  stop(): Promise<void>
}

export async function openOffice(
  engine: Engine,
  o: {
    transactions?: number
    now?: () => Date
    log?: Log
    options?: Partial<BackOfficeOptions>
  } = {},
): Promise<Office> {
  const { transactions = 150, now = () => new Date(), log = silent } = o
  const maitred = await startApp(engine)
  const store = await engine.open({ collections: backOfficeCollections, migrations, now })
  await seedRestaurants({ store, now: now(), sizes: [transactions, 20], customers: 30, known: demoStaff })
  const rota = await startRota({ issuer: maitred.url, port: 0 })
  const mail = await mkdtemp(join(tmpdir(), 'back-office-mail-'))
  const backOffice = await startBackOffice({
    issuer: maitred.url,
    port: 0,
    clientId: 'back-office',
    clientSecret: SECRET,
    dataDir: '',
    store,
    log,
    now,
    rotaUrl: rota.url,
    worker,
    mailTo: mail,
    patience,
    ...o.options,
  })
  const demo = readFileSync(new URL('../../config/demo.yaml', import.meta.url), 'utf8')
    .replaceAll('http://localhost:3003', backOffice.url)
    // The owner's second factor has journeys of its own.
    .replace('mfa: true', 'mfa: false')
    .replace(/ {4}totp: .*\n/, '')
  await maitred.desiredState.apply(readDocument(demo))

  return {
    maitred,
    backOffice,
    store,
    rota,
    async visit(who) {
      const provider = createVisitor(maitred.url)
      const visitor = createVisitor(backOffice.url)
      const { leaves } = await visitor.get('/sign-in')
      const page = await provider.get(String(leaves))
      const { email, password } = PEOPLE[who]
      const back = await provider.submit(page, { identifier: email, password })
      if (!back.leaves) throw new Error(`the sign-in stopped at ${back.url}`)
      return { ...visitor, first: await visitor.get(back.leaves) }
    },
    async stop() {
      await backOffice.close()
      await rota.close()
      await rm(mail, { recursive: true })
      await store.close()
      await maitred.stop()
    },
  }
}

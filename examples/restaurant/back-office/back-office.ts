/**
 * The back office as a program: its store, its API, its pages, one socket. It decides nothing: who people are is the
 * provider's to say, what they may the token's and the API's (`api/`), and who works when the rota's.
 */
import { join } from 'node:path'
import Koa from 'koa'
import { openStore, type Store } from 'maitred/storage'
import { pino } from 'pino'
import { type ListeningPlace, listen } from '../listen.ts'
import type { Neighbour } from '../web/layout.ts'
import { createApi } from './api/api.ts'
import { backOfficeCollections } from './documents.ts'
import type { Log } from './log.ts'
import { migrations } from './migrations.ts'
import { createOfficePages } from './pages/pages.ts'
import { openRotaDesk, type RotaDesk, type RotaDeskOptions } from './rota-desk/rota-desk.ts'

export interface BackOfficeOptions {
  /** The provider, exactly as it calls itself. */
  issuer: string
  /** 0 takes any free port. */
  port: number
  /** Where to listen; default 127.0.0.1. */
  host?: string
  /** The application that its pages sign people in as. Without it there is the API alone. */
  clientId?: string
  clientSecret?: string
  /** The other apps, as its pages name them. */
  neighbours?: () => readonly Neighbour[]
  /** Folder of the embedded store. */
  dataDir: string
  /** Instead of the embedded store. */
  mongodbUri?: string | undefined
  /** An open store with `backOfficeCollections`, instead of one of its own; whoever opened it closes it. */
  store?: Store
  /** Where the kitchen rota listens. Without it nobody can ask for rotas. */
  rotaUrl?: string
  /** As whom the rota is asked: an application of the kind `machine`. */
  worker?: { clientId: string; clientSecret: string }
  /** `amqp://…` or `kafka://…`; absent, the store is the queue. */
  queueUrl?: string | undefined
  /** `smtp://…`, or a folder for `.eml` files. Default: `mail` in `dataDir`. */
  mailTo?: string
  /** How patient it is with the rota and with its own workers. */
  patience?: Pick<RotaDeskOptions, 'timeoutMs' | 'restMs' | 'retries' | 'leaseMs'>
  fetch?: typeof globalThis.fetch
  now?: () => Date
  /** Default: warnings and errors, to standard output. */
  log?: Log
}

const name = 'Bella Napoli – Back office'

export interface BackOffice {
  name: string
  url: string
  close(): Promise<void>
}

export async function startBackOffice(o: BackOfficeOptions): Promise<BackOffice> {
  const {
    now = () => new Date(),
    log = pino({ name: 'back-office', level: 'warn' }),
    dataDir,
    mongodbUri,
  } = o
  const store =
    o.store ??
    (await openStore({ collections: backOfficeCollections, migrations, now, mongodbUri, dataDir, log }))
  const closeStore = async () => {
    if (!o.store) await store.close()
  }
  let place: ListeningPlace | undefined
  let desk: RotaDesk | undefined
  try {
    place = await listen(o)
    const { url } = place

    const { rotaUrl, worker, mailTo = join(dataDir, 'mail'), queueUrl } = o
    const shared = { store, issuer: o.issuer, origin: url, log, now, ...(o.fetch && { fetch: o.fetch }) }
    if (rotaUrl && worker)
      desk = await openRotaDesk({ ...shared, ...worker, ...o.patience, url: rotaUrl, mailTo, queueUrl })
    const api = createApi({ ...shared, desk })
    const app = new Koa()
    for (const step of api.middleware) app.use(step)
    if (o.clientId) {
      const { clientId } = o
      for (const step of await createOfficePages({ ...o, name, clientId, url, now })) app.use(step)
    }
    place.serve(app.callback())

    return {
      name,
      url,
      async close() {
        await place?.close()
        await desk?.close()
        await closeStore()
      },
    }
  } catch (error) {
    await place?.close()
    await desk?.close()
    await closeStore()
    throw error
  }
}

/** `maitred demo`: the provider, the restaurant that signs in through it, and its people, to click through. */
import { readFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Logger } from 'pino'
import { readDocument, type StateDocument } from '../admin/admin.ts'
import type { App } from '../app.ts'
import { type Config, loadConfig } from '../config.ts'
import { withDemoBrand } from './demo-brand.ts'
import { demoGuide, secondFactorCodes } from './demo-guide.ts'
import { UsageError } from './explain.ts'
import { requireFree } from './free-ports.ts'
import { createDemoLog } from './log.ts'
import { openApp } from './open-app.ts'
import { stopSignal } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'

export async function demo(terminal: Terminal): Promise<number> {
  const config = withDemoBrand(await loadConfig(terminal))
  if (!config.development) {
    throw new UsageError('Anybody can read the passwords of the demo: it runs on a loopback ISSUER only.')
  }
  const { document, ports } = await readDemo(config.port)
  // Before a year of the restaurant is made up for nothing.
  await requireFree([
    { port: config.port, host: config.host },
    ...Object.values(ports).map((port) => ({ port })),
  ])
  const stopped = stopSignal()
  const log = createDemoLog(terminal)
  const app = await openApp(config, log)
  const open: { close(): Promise<void> }[] = [app]
  try {
    await app.desiredState.apply(document)
    open.push(await app.listen())
    open.push(await openRestaurant(terminal, { app, config, document, ports, log }))
    await stopped
  } finally {
    for (const part of open.reverse()) await part.close()
  }
  return 0
}

/** The demo's state file, in which its apps have the ports after the provider's. */
async function readDemo(port: number) {
  const { portsAfter } = await import('../../examples/restaurant/start.ts')
  const ports = portsAfter(port)
  const last = Math.max(...Object.values(ports))
  if (port === 0 || last > 65_535) {
    throw new UsageError(
      `PORT ${port} leaves no room for the apps of the demo, which take the ports after it.`,
    )
  }
  const text = await readFile(join(import.meta.dirname, '../../config/demo.yaml'), 'utf8')
  const moved = text.replaceAll(/(http:\/\/localhost:)300([1-5])\b/g, (_, at, n) => at + (port + Number(n)))
  return { document: readDocument(moved), ports }
}

/** The provider answers already: what the restaurant has to make up takes a moment, and only the first time. */
async function openRestaurant(
  terminal: Terminal,
  {
    app,
    config,
    document,
    ports,
    log,
  }: {
    app: App
    config: Config
    document: StateDocument
    ports: Awaited<ReturnType<typeof readDemo>>['ports']
    log: Logger
  },
) {
  const { seedDemo } = await import('../../examples/restaurant/seed/demo.ts')
  const { startRestaurant } = await import('../../examples/restaurant/start.ts')
  const { issuer, dataDir, mongodbUri, smtpUrl } = config
  const place = { dataDir, mongodbUri }
  await seedDemo({
    place,
    now: () => new Date(),
    guest: await guestOf(app),
    onBegin: () => terminal.out(`Maitred answers at ${issuer}. Making up a year of the restaurant …`),
  })
  const { close, frontOfHouse, backOffice, kitchen, tablePlanner } = await startRestaurant({
    issuer,
    place,
    ports,
    log,
    queueUrl: terminal.env.QUEUE_URL || undefined,
    ...(smtpUrl && { mailTo: smtpUrl }),
  })
  const apps = [
    { ...frontOfHouse, hint: 'Dario books and pays; Carla sees her shifts' },
    { ...backOffice, hint: 'Ada and Bruno: staff, guests, sales, charts, rota' },
    { ...kitchen, hint: 'Elena; whoever is signed in already needs no password' },
    { ...tablePlanner, hint: 'Bruno; made by somebody else, so you are asked what it may know' },
  ]
  const anew = mongodbUri ? 'An empty database' : `rm -r ${shellPath(terminal.cwd, dataDir)}`
  terminal.out(demoGuide({ issuer, apps, people: document.people, anew }))
  const codes = process.stdin.isTTY ? secondFactorCodes(terminal, document.people) : undefined
  return {
    async close() {
      codes?.stop()
      await close()
    },
  }
}

/** A path as it is typed into a shell. */
function shellPath(cwd: string, path: string): string {
  const near = relative(cwd, path)
  const shown = near === '' || near.startsWith('..') ? path : near
  return /^[\w./@+-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`
}

/** The customer of the demo, who has been there before. */
async function guestOf({ accounts }: App) {
  const person = await accounts.findByIdentifier('dario@guests.example')
  if (!person?.email || !person.firstName || !person.lastName) return undefined
  return { sub: person._id, email: person.email, firstName: person.firstName, lastName: person.lastName }
}

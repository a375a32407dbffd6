/** `maitred demo`: the provider, the restaurant that signs in through it, and its people, to click through. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readDocument, type StateDocument } from '../admin/admin.ts'
import { type Config, loadConfig } from '../config.ts'
import { withDemoBrand } from './demo-brand.ts'
import { demoGuide, secondFactorCodes } from './demo-guide.ts'
import { UsageError } from './explain.ts'
import { createDemoLog } from './log.ts'
import { openApp } from './open-app.ts'
import { stopSignal } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'

export async function demo(terminal: Terminal): Promise<number> {
  const config = withDemoBrand(await loadConfig(terminal))
  if (!config.development) {
    throw new UsageError('Anybody can read the passwords of the demo: it runs on a loopback ISSUER only.')
  }
  const document = readDocument(await readFile(join(import.meta.dirname, '../../config/demo.yaml'), 'utf8'))
  const stopped = stopSignal()
  const app = await openApp(config, createDemoLog(terminal))
  const open: { close(): Promise<void> }[] = [app]
  try {
    await app.desiredState.apply(document)
    open.push(await app.listen())
    open.push(await openRestaurant(terminal, config, document))
    await stopped
  } finally {
    for (const part of open.reverse()) await part.close()
  }
  return 0
}

async function openRestaurant(terminal: Terminal, { issuer }: Config, document: StateDocument) {
  const { startRestaurant } = await import('../../examples/restaurant/start.ts')
  const restaurant = await startRestaurant({ issuer })
  const { close, ...apps } = restaurant
  terminal.out(demoGuide({ issuer, apps: Object.values(apps), people: document.people }))
  const codes = process.stdin.isTTY ? secondFactorCodes(terminal, document.people) : undefined
  return {
    async close() {
      codes?.stop()
      await close()
    },
  }
}

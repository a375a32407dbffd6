/** A whole Maitred for a test: real rooms, a real socket, a fresh store of the given engine. */
import { createServer } from 'node:net'
import { pino } from 'pino'
import { createHasher } from '../../src/accounts/accounts.ts'
import { type App, createApp } from '../../src/app.ts'
import { type Config, loadConfig } from '../../src/config.ts'
import type { Listening } from '../../src/http/http.ts'
import type { Engine } from './engines.ts'
import { preparedPlace } from './prepared-place.ts'
import { rememberingHasher } from './remembered-hashes.ts'

export interface RunningApp extends App {
  url: string
  config: Config
  stop(): Promise<void>
}

export interface AppSettings {
  env?: Record<string, string>
  /** Changes to the configuration that no variable makes. */
  config?: Partial<Config>
  now?: () => Date
  /** On a place where nothing is yet, so that tables, secret and keys are made by this start. */
  firstStart?: boolean
  /** Hashes and verifies each time, for tests of guesses and of what happens meanwhile. */
  realHashes?: boolean
  /** Where log lines go; default nowhere. */
  log?: { write(line: string): void }
}

/** Starts it on a free port of 127.0.0.1 (as `localhost`). */
export async function startApp(engine: Engine, settings: AppSettings = {}): Promise<RunningApp> {
  const port = await freePort()
  const place = await (settings.firstStart ? engine.place() : preparedPlace(engine))
  const env = { ISSUER: `http://localhost:${port}`, PORT: String(port), ...place.env, ...settings.env }
  const config = { ...(await loadConfig({ env, cwd: process.cwd() })), ...settings.config }
  const log = pino({ level: settings.log ? 'info' : 'silent' }, settings.log ?? { write: () => {} })
  const hasher = settings.realHashes ? createHasher() : rememberingHasher()
  const app = await createApp({ config, now: settings.now ?? (() => new Date()), log, hasher })
  const { server } = (await app.listen()) as Listening
  return {
    ...app,
    url: config.issuer,
    config,
    async stop() {
      // Nothing is under way any more: no draining.
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
      await app.close()
      await place.remove()
    },
  }
}

/**
 * A port that nobody listens on, for whoever must know it beforehand. Not one of those that the system gives to
 * outgoing connections: between here and its use one of them might have it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000)
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
}

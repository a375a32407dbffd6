/** The rooms, composed and given the real clock; and the short form for commands that answer and end. */
import type { Logger } from 'pino'
import { type App, createApp } from '../app.ts'
import { type Config, loadConfig } from '../config.ts'
import { createCommandLog } from './log.ts'
import type { Terminal } from './terminal.ts'

export function openApp(config: Config, log: Logger): Promise<App> {
  return createApp({ config, log, now: () => new Date() })
}

/** Opens the rooms, does one thing, and closes them whatever came of it. */
export async function withApp(
  terminal: Terminal,
  act: (app: App, config: Config) => Promise<number>,
): Promise<number> {
  const config = await loadConfig(terminal)
  const app = await openApp(config, createCommandLog(terminal))
  try {
    return await act(app, config)
  } finally {
    await app.close()
  }
}

/** The whole program as a process of its own, on a place that outlives it: for tests that kill or stop it. */
import { performance } from 'node:perf_hooks'
import { pino } from 'pino'
import { createApp } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { freePort, type RunningApp } from '../support/app.ts'
import type { Engine } from '../support/engines.ts'
import { type Cast, seedRestaurant } from '../support/restaurant.ts'
import { type ServerProcess, serveMaitred } from '../support/server-process.ts'
import { until } from '../support/until.ts'

export interface AppPlace {
  url: string
  cast: Cast
  /** Starts `maitred serve`; answers how long it took until `/readyz` was green. */
  serve(more?: Record<string, string>): Promise<{ server: ServerProcess; readyMs: number }>
  remove(): Promise<void>
}

export async function openAppPlace(engine: Engine, env: Record<string, string> = {}): Promise<AppPlace> {
  const place = await engine.place()
  const port = String(await freePort())
  const url = `http://localhost:${port}`
  // Each visitor comes from an address of its own, so that limits by address do not end the load.
  const all = { ...place.env, ISSUER: url, PORT: port, TRUSTED_PROXIES: '127.0.0.0/8', ...env }
  const config = await loadConfig({ env: all, cwd: process.cwd() })
  const app = await createApp({ config, now: () => new Date(), log: pino({ level: 'silent' }) })
  const cast = await seedRestaurant({ ...app, url, config, stop: app.close } as RunningApp)
  await app.close()

  return {
    url,
    cast,
    async serve(more = {}) {
      const began = performance.now()
      const server = await serveMaitred({ ...all, ...more })
      await until(async () => {
        if ((await fetch(`${url}/readyz`)).status !== 200) throw new Error('not ready')
      })
      return { server, readyMs: performance.now() - began }
    },
    remove: place.remove,
  }
}

let visitors = 0

/** Headers of somebody at an address that nobody else has. */
export function fromElsewhere(): Record<string, string> {
  visitors += 1
  return { 'x-forwarded-for': `10.${visitors >> 16}.${(visitors >> 8) & 255}.${visitors & 255}` }
}

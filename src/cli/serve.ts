/** `maitred serve`: the identity provider, until it is told to stop. */
import cluster from 'node:cluster'
import { flushCompileCache } from 'node:module'
import { type Config, ConfigurationError, loadConfig } from '../config.ts'
import { compileEarly } from './compile-early.ts'
import { letHashesGiveWay } from './give-way.ts'
import { createLog } from './log.ts'
import { openApp } from './open-app.ts'
import { stopSignal } from './stop-signal.ts'
import type { Terminal } from './terminal.ts'

/** Orchestrators kill after 30 s; requests end far sooner, because the store answers or fails within 5 s. */
const DRAIN_MS = 25_000

/** Balancers look every second or two whether we are ready, and let connections lie for a while. */
const PATIENCE = { notice: 3_000, silence: 500 }

/** Later, what only the start calls is no longer compiled, and a process that is killed would keep nothing. */
const COMPILED_MS = 1_000

export async function serve({ env, cwd }: Terminal): Promise<number> {
  const config = await loadConfig({ env, cwd })
  requireSecureArrival(config)
  const log = createLog()
  if (config.workers > 1 && cluster.isPrimary) {
    return (await import('./workers.ts')).superviseWorkers(config.workers, log)
  }

  const stopped = stopSignal()
  compileEarly()
  await letHashesGiveWay()
  const app = await openApp(config, log)
  try {
    const server = await app.listen()
    log.info({ url: server.url, issuer: config.issuer, store: app.store.engine }, 'listening')
    setTimeout(flushCompileCache, COMPILED_MS).unref()
    log.info({ signal: await stopped }, 'draining')
    setTimeout(() => {
      log.error('requests were still open after 25 seconds')
      process.exit(1)
    }, DRAIN_MS).unref()
    await server.close(PATIENCE)
  } finally {
    await app.close()
  }
  log.info('stopped')
  return 0
}

/** Behind an https issuer every request over plain HTTP is sent on to https: without TLS here or a proxy, for ever. */
function requireSecureArrival({ issuer, tls, trustedProxies }: Config): void {
  if (issuer.startsWith('http:') || tls || trustedProxies.length > 0) return
  const found = 'nothing, and no TLS_CERT and TLS_KEY either'
  const wanted = 'the CIDRs of the proxies that terminate TLS, or a certificate and key for this server'
  throw new ConfigurationError([{ path: 'TRUSTED_PROXIES', found, wanted }])
}

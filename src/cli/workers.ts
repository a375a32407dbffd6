/** Several processes on one machine that share a port: started, replaced when they die, stopped together. */
import cluster from 'node:cluster'
import type { Logger } from 'pino'
import { stopSignal } from './stop-signal.ts'

/** Between a worker's death and its successor, so that a fault in the start does not eat the machine. */
const RESTART_MS = 1_000

/** @returns 0 when all ended well after a signal, else 1 or the code of the worker that could not start. */
export async function superviseWorkers(count: number, log: Logger): Promise<number> {
  const workers = () => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
  let code = 0
  let started = false
  let stopping = false

  const stop = () => {
    stopping = true
    for (const worker of workers()) worker.process.kill('SIGTERM')
  }
  const ended = new Promise<void>((resolve) => {
    cluster.on('exit', (worker, exitCode, signal) => {
      if (stopping) {
        if (exitCode !== 0) code ||= 1
      } else if (started) {
        log.error({ worker: worker.process.pid, exitCode, signal }, 'a worker died; another takes its place')
        setTimeout(() => stopping || cluster.fork(), RESTART_MS)
      } else {
        code = exitCode || 1
        stop()
      }
      if (stopping && workers().length === 0) resolve()
    })
  })
  cluster.on('listening', () => {
    started = true
  })

  void stopSignal().then(stop)
  for (let n = 0; n < count; n += 1) cluster.fork()
  await ended
  return code
}

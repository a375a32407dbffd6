/**
 * A real Redis for tests: one server on a free port that keeps nothing on disk. It never outlives the test process,
 * because the shell that starts it kills it when our end of its stdin closes. It does not install Redis;
 * `scripts/test-tools.ts` does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { connect } from 'node:net'
import { freePort } from './app.ts'
import { until } from './until.ts'

export interface Redis {
  readonly url: string
  /** Ends it at once; `start` brings it back empty. */
  kill(): Promise<void>
  start(): Promise<void>
}

const SERVER = '/usr/bin/redis-server'

/** The server to use, or `undefined`. */
export function findRedis(): string | undefined {
  return existsSync(SERVER) ? SERVER : undefined
}

/** Why the tests with Redis are left out; `undefined` when they are not. @throws in CI, where it must be there */
export function withoutRedis(): string | undefined {
  if (process.env.QUICK === '1') return 'QUICK=1 leaves Redis out'
  if (findRedis()) return undefined
  if (process.env.CI === 'true') throw new Error('No Redis: run `npm run test:tools`')
  return 'there is no Redis here: `npm run test:tools` installs it'
}

export async function startRedis(): Promise<Redis> {
  const port = await freePort()
  let pid = 0
  let guard: ChildProcess | undefined

  async function start(): Promise<void> {
    const script = '"$@" >/dev/null & pid=$!; echo $pid; cat >/dev/null; kill -9 $pid'
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
    guard = spawn('/bin/sh', ['-c', script, 'sh', SERVER, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    })
    pid = await new Promise<number>((resolve) => guard?.stdout?.once('data', (text) => resolve(Number(text))))
    guard.stdout?.destroy()
    guard.unref()
    // A pipe is a net.Socket at run time; what keeps the event loop alive is not in its declared type.
    ;(guard.stdin as unknown as { unref(): void }).unref()
    await until(async () => {
      if (!(await answers(port))) throw new Error('Redis does not listen')
    })
  }

  await start()
  return {
    url: `redis://127.0.0.1:${port}`,
    async kill() {
      process.kill(pid, 'SIGKILL')
      await until(async () => {
        if (await answers(port)) throw new Error('Redis is still there')
      })
      guard?.kill('SIGKILL')
    },
    start,
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

let shared: Promise<Redis> | undefined

/** The one server of this test process, started when first asked for. */
export function sharedRedis(): Promise<Redis> {
  shared ??= startRedis()
  return shared
}

/**
 * A real RabbitMQ for tests: one node in a temp folder, on free ports, with a port mapper of its own. It never
 * outlives the test process, because the shell that starts it kills it when our end of its stdin closes. It does not
 * install RabbitMQ; `scripts/test-tools.ts` does.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './app.ts'
import { until } from './until.ts'

export interface Rabbitmq {
  readonly port: number
  readonly url: string
  /** Ends the node at once, as a crash would; `start` brings it back on its data. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Debian's own script, not the one in the PATH: that one insists on the user `rabbitmq` and on /var. */
const SERVER = '/usr/lib/rabbitmq/bin/rabbitmq-server'

/** The server to use, or `undefined`. */
export function findRabbitmq(): string | undefined {
  return existsSync(SERVER) ? SERVER : undefined
}

/** Why the tests with RabbitMQ are left out; `undefined` when they are not. @throws in CI, where it must be there */
export function withoutRabbitmq(): string | undefined {
  if (process.env.QUICK === '1') return 'QUICK=1 leaves RabbitMQ out'
  if (findRabbitmq()) return undefined
  if (process.env.CI === 'true') throw new Error('No RabbitMQ: run `npm run test:tools`')
  return 'there is no RabbitMQ here: `npm run test:tools` installs it'
}

const PATIENCE_MS = 90_000

/** @throws when it does not listen within 90 seconds */
export async function startRabbitmq(): Promise<Rabbitmq> {
  const folder = await mkdtemp(join(tmpdir(), 'maitred-rabbitmq-'))
  const [port, distribution, mapper] = [await freePort(), await freePort(), await freePort()]
  const pidFile = join(folder, 'pid')
  const env = {
    PATH: process.env.PATH,
    // The cookie of the Erlang node lies here.
    HOME: folder,
    RABBITMQ_NODENAME: `test-${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(distribution),
    RABBITMQ_MNESIA_BASE: join(folder, 'data'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'none'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
    RABBITMQ_PID_FILE: pidFile,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none',
    ERL_EPMD_PORT: String(mapper),
    ERL_EPMD_ADDRESS: '127.0.0.1',
  }
  await writeFile(join(folder, 'plugins'), '[].\n')
  await writeFile(
    join(folder, 'rabbitmq.conf'),
    'disk_free_limit.absolute = 1MB\nvm_memory_high_watermark.absolute = 512MB\n',
  )
  let guard: ChildProcess | undefined

  async function start(): Promise<void> {
    await rm(pidFile, { force: true })
    // The mapper lets go of a node shortly after its end.
    const kill = 'kill -9 "$(cat "$1")" 2>/dev/null; sleep 1; epmd -kill >/dev/null 2>&1; rm -rf "$HOME"'
    const script = `"$0" >"$2" 2>&1 </dev/null & cat >/dev/null; ${kill}`
    const log = join(folder, 'out')
    guard = spawn('/bin/sh', ['-c', script, SERVER, pidFile, log], {
      env,
      cwd: folder,
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    guard.unref()
    // A pipe is a net.Socket at run time; what keeps the event loop alive is not in its declared type.
    ;(guard.stdin as unknown as { unref(): void }).unref()
    await until(async () => {
      if (!(await isReady(port))) throw new Error(`RabbitMQ does not listen: ${await readFile(log, 'utf8')}`)
    }, PATIENCE_MS)
  }

  async function kill(): Promise<void> {
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL')
    await until(async () => {
      if (await isReady(port)) throw new Error('RabbitMQ is still there')
    })
    guard?.kill('SIGKILL')
  }

  await start()
  return {
    port,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
    kill,
    start,
    async stop() {
      await kill()
      // The mapper lets go of a node shortly after its end.
      await until(() => {
        if (spawnSync('epmd', ['-kill'], { env }).status !== 0)
          throw new Error('the port mapper is still there')
      })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function isReady(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

let shared: Promise<Rabbitmq> | undefined

/** The one node of this test process, started when first asked for. */
export function sharedRabbitmq(): Promise<Rabbitmq> {
  shared ??= startRabbitmq()
  return shared
}

/**
 * `node scripts/bench/start.ts [times]`: how long from node's start to the first discovery answer (median), and
 * what an idle server holds in memory, for `serve` on both engines, the demo (first and second start) and the
 * bare library.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { requireFree } from '../../src/cli/free-ports.ts'
import { findMongod } from '../../test/support/mongod.ts'
import { startDatabase } from './database.ts'
import { median } from './measure.ts'
import { nodeOptions } from './subject.ts'

const root = join(import.meta.dirname, '../..')
const times = Number(process.argv[2] ?? 5)
const cli = join(root, 'src/cli/maitred.js')
const library = join(import.meta.dirname, 'serve-library.ts')
/** How long a server is left alone before its memory is read, in milliseconds. */
const IDLE_MS = 5_000

/** Below the ports that systems give to connections, one of which could come between our look and the server. */
const FIRST_PORT = 20_000
const LAST_PORT = 30_000
/** Of the server and, behind it, of the demo's applications. */
const PORTS = 6

interface Start {
  seconds: number
  /** CPU seconds until then. */
  cpu: number
  /** Resident megabytes once idle; 0 when nobody waited for it. */
  memory: number
}

const folder = await mkdtemp(join(tmpdir(), 'maitred-start-'))
const database = findMongod() ? await startDatabase() : undefined
let folders = 0
let lastPort = FIRST_PORT
function fresh(): string {
  folders += 1
  return join(folder, `data-${folders}`)
}
try {
  const used = fresh()
  const serve = (env: Record<string, string>, memory = false) => start([cli, 'serve'], env, memory)
  const bare = await repeat(() => start([library], { BENCH_KIND: 'bare' }, true))
  const sqlite = await repeat(() => serve({ DATA_DIR: used }, true))
  tell('bare', bare)
  tell('serve, embedded', sqlite, 1.0)
  let mongodb: Start | undefined
  if (database) {
    mongodb = await repeat(() => serve({ DATA_DIR: used, MONGODB_URI: database.uri }, true))
    tell('serve, MongoDB', mongodb, 1.0)
  }
  const demoed = fresh()
  tell('demo, first', await repeat(() => start([cli, 'demo'], { DATA_DIR: fresh() })), 5)
  tell('demo, second', await repeat(() => start([cli, 'demo'], { DATA_DIR: demoed })), 1.5)
  tellMemory('embedded', sqlite, bare)
  if (mongodb) tellMemory('MongoDB', mongodb, bare)
} finally {
  await database?.stop()
  await rm(folder, { recursive: true, force: true })
}

async function start(args: string[], env: Record<string, string>, memory = false): Promise<Start> {
  const port = await findPort()
  const begun = performance.now()
  const child = spawn(process.execPath, [...nodeOptions, ...args], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      BENCH_PORT: String(port),
      ISSUER: `http://localhost:${port}`,
      ...env,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.on('data', (chunk: Buffer) => {
    words += chunk
  })
  const exit = once(child, 'exit')
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`${args.join(' ')} ended: ${words}`)
      await wait(5)
    }
    const seconds = (performance.now() - begun) / 1_000
    const cpu = ticksOf(child) / 100
    if (memory) await wait(IDLE_MS)
    return { seconds, cpu, memory: memory ? residentOf(child) : 0 }
  } finally {
    child.kill('SIGTERM')
    await exit
  }
}

/** Another one than before, with those after it. */
async function findPort(): Promise<number> {
  for (;;) {
    lastPort += PORTS
    const port = lastPort
    if (port + PORTS > LAST_PORT) throw new Error(`no ${PORTS} free ports from ${FIRST_PORT} to ${LAST_PORT}`)
    const wanted = Array.from({ length: PORTS }, (_, n) => ({ port: port + n }))
    const isFree = await requireFree(wanted).then(
      () => true,
      () => false,
    )
    if (isFree) return port
  }
}

/** The middle of so many starts; one before them fills caches of files and of compiled code. */
async function repeat(run: () => Promise<Start>): Promise<Start> {
  await run()
  const all: Start[] = []
  for (let n = 0; n < times; n += 1) all.push(await run())
  const of = (name: keyof Start) => median(all.map((one) => one[name]))
  return { seconds: of('seconds'), cpu: of('cpu'), memory: of('memory') }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const path = '/.well-known/openid-configuration'
    const req = get({ host: '127.0.0.1', port, path, headers: { host: `localhost:${port}` } }, (res) => {
      res.resume()
      resolve(res.statusCode === 200)
    })
    req.on('error', () => resolve(false))
  })
}

function residentOf({ pid }: ChildProcess): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) / 1_024
}

function ticksOf({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(fields[11]) + Number(fields[12])
}

function tell(what: string, { seconds, cpu, memory }: Start, most?: number): void {
  const verdict = most === undefined ? '' : `, at most ${most} s: ${seconds <= most ? 'reached' : 'MISSED'}`
  const size = memory > 0 ? `, idle ${memory.toFixed(0)} MB` : ''
  console.log(`${what.padEnd(18)} ${seconds.toFixed(2)} s (CPU ${cpu.toFixed(2)} s)${size}${verdict}`)
}

function tellMemory(what: string, ours: Start, bare: Start): void {
  const ratio = ours.memory / bare.memory
  const verdict = ratio <= 1.7 ? 'reached' : 'MISSED'
  console.log(`memory, ${what}: ${ratio.toFixed(2)} times bare, at most 1.7: ${verdict}`)
}

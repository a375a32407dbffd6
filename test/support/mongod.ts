/**
 * A real mongod for tests: one node of a replica set in a temp folder. It never outlives the test process,
 * not even after SIGKILL, because the shell that starts it kills it when our end of its stdin closes. It
 * does not install mongod; `scripts/test-tools.ts` does.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { mongo } from 'mongoose'
import { temporaryFolder } from './temporary-folder.ts'

/** The documents of each collection. */
export type Documents = Record<string, mongo.Document[]>

export interface Mongod {
  readonly port: number
  /** URI of a database that nobody else uses. */
  freshUri(): string
  /** Deletes a database: a server with thousands of collections is slow. */
  drop(uri: string): Promise<void>
  /** All that a database holds. */
  documents(uri: string): Promise<Documents>
  /** Leaves a database with these documents alone; its collections keep their indexes, which are costly to make. */
  reset(uri: string, documents: Documents): Promise<void>
  /** Freezes or thaws the process; resolves when it is so. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): Promise<void>
  /** Ends it at once as a crash would; `start` brings it back on its data. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

/** Where `scripts/test-tools.ts` puts the mongod that it installs. */
export const mongodFolder = join(import.meta.dirname, '../../.tools/mongod-6.0.5')

/** The mongod to use: `MONGOD`, then what `scripts/test-tools.ts` installed, then the `PATH`. */
export function findMongod(): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const candidates = [
    process.env.MONGOD ?? '',
    join(mongodFolder, 'mongod'),
    ...folders.map((folder) => join(folder, 'mongod')),
  ]
  return candidates.find((file) => file !== '' && existsSync(file))
}

let shared: Promise<Mongod> | undefined

/** The one mongod of this test process, started when first asked for. */
export function sharedMongod(): Promise<Mongod> {
  shared ??= startMongod()
  return shared
}

/** Starts a mongod of one's own: a replica set of one node, or one that was never initiated, or none at all. */
export async function startMongod(
  replicaSet: 'ready' | 'uninitiated' | 'none' = 'ready',
  parameters: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Mongod> {
  const binary = findMongod()
  if (!binary) throw new Error('No mongod: run `npm run test:tools`, or set QUICK=1 to leave MongoDB out')
  const folder = await temporaryFolder('maitred-mongod-')
  let port = 0
  let pid = 0
  let guard: ChildProcess
  let databases = 0

  async function start(): Promise<void> {
    const logFile = join(folder, `log-${pid}`)
    const args = ['--port', String(port), '--dbpath', folder, '--logpath', logFile, ...settings]
    for (const [name, value] of Object.entries({ ...defaults, ...parameters }))
      args.push('--setParameter', `${name}=${value}`)
    if (replicaSet !== 'none') args.push('--replSet', 'rs0')
    const script =
      'ulimit -n "$(ulimit -Hn)"; "$@" >/dev/null & pid=$!; echo $pid; cat >/dev/null; kill -9 $pid; wait; rm -rf "$0"'
    guard = spawn('/bin/sh', ['-c', script, folder, binary as string, ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      detached: true,
    })
    pid = await new Promise<number>((resolve) => guard.stdout?.once('data', (text) => resolve(Number(text))))
    port = await listening(logFile)
    if (replicaSet === 'ready') await initiate(port)
    guard.stdout?.destroy()
    guard.unref()
    // A pipe is a net.Socket at run time; what keeps the event loop alive is not in its declared type.
    ;(guard.stdin as unknown as { unref(): void }).unref()
  }

  async function kill(): Promise<void> {
    process.kill(pid, 'SIGKILL')
    while (await answers(port)) await wait(10)
    guard.kill('SIGKILL')
  }

  await start()
  return {
    port,
    freshUri: () => {
      databases += 1
      const query = replicaSet === 'ready' ? '?replicaSet=rs0' : ''
      return `mongodb://127.0.0.1:${port}/test_${process.pid}_${databases}${query}`
    },
    drop: (uri) => withClient(uri, drop),
    documents: (uri) =>
      withClient(uri, async (client) => {
        const all: Documents = {}
        for (const collection of await client.db().collections())
          all[collection.collectionName] = await collection.find().toArray()
        return all
      }),
    reset: (uri, documents) => withClient(uri, (client) => reset(client.db(), documents)),
    async signal(name) {
      process.kill(pid, name)
      if (!existsSync(`/proc/${pid}/task`)) return
      while ((await isStopped(pid)) !== (name === 'SIGSTOP')) await wait(5)
    },
    kill,
    start,
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const settings = [
  '--bind_ip',
  '127.0.0.1',
  '--nounixsocket',
  '--wiredTigerCacheSizeGB',
  '0.25',
  '--oplogSize',
  '64',
]

const defaults = {
  diagnosticDataCollectionEnabled: false,
  // Tests have clocks of their own, which the server does not know.
  ttlMonitorEnabled: false,
  // Fail points, for tests of what a network does.
  enableTestCommands: 1,
}

async function listening(logFile: string): Promise<number> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const log = await readFile(logFile, 'utf8').catch(() => '')
    const port = /"msg":"Waiting for connections","attr":\{"port":(\d+)/.exec(log)?.[1]
    if (port) return Number(port)
    if (log.includes('"msg":"Shutting down"') || log.includes('Aborting')) throw new Error(log.slice(-2_000))
    await wait(20)
  }
  throw new Error(`mongod did not start within 20 s: ${logFile}`)
}

function initiate(port: number): Promise<void> {
  return withClient(`mongodb://127.0.0.1:${port}/?directConnection=true`, async (client) => {
    const admin = client.db('admin')
    const members = [{ _id: 0, host: `127.0.0.1:${port}` }]
    await admin.command({ replSetInitiate: { _id: 'rs0', members } }).catch((error) => {
      if (error.codeName !== 'AlreadyInitialized') throw error
    })
    while (!(await admin.command({ hello: 1 })).isWritablePrimary) await wait(10)
    await client
      .db('test')
      .collection('ready')
      .insertOne({}, { writeConcern: { w: 'majority' } })
  })
}

/** Every thread of it, as the kernel says: a signal takes a moment to arrive. */
async function isStopped(pid: number): Promise<boolean> {
  const threads = await readdir(`/proc/${pid}/task`)
  const states = await Promise.all(threads.map((id) => stateOf(`/proc/${pid}/task/${id}/stat`)))
  return states.every((state) => state === 'T' || state === undefined)
}

/** The letter behind the name, which may hold anything; nothing when the thread is gone. */
async function stateOf(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return /\) (\w)/.exec(text.slice(text.lastIndexOf(')')))?.[1]
}

/** A process that was killed may have left a transaction open; it would keep the database for a minute. */
async function drop(client: mongo.MongoClient): Promise<void> {
  const [db, admin] = [client.db(), client.db('admin')]
  await db.command({ dropDatabase: 1, maxTimeMS: 3_500 }).catch(async (error) => {
    if (error.codeName !== 'MaxTimeMSExpired') throw error
    const inactive = { type: 'idleSession', 'transaction.timeInactiveMicros': { $gte: 3e6 } }
    const pipeline = [
      { $currentOp: { idleSessions: true } },
      { $match: inactive },
      { $replaceWith: { id: '$lsid.id' } },
    ]
    const sessions = await admin.aggregate(pipeline).toArray()
    // An empty list would mean all.
    if (sessions.length > 0) await admin.command({ killSessions: sessions })
    await db.dropDatabase()
  })
}

async function reset(db: mongo.Db, documents: Documents): Promise<void> {
  const quick = { writeConcern: { w: 1, j: false } } as const
  await Promise.all((await db.collections()).map((collection) => collection.deleteMany({}, quick)))
  for (const [name, some] of Object.entries(documents))
    if (some.length > 0) await db.collection(name).insertMany(some, quick)
  // A majority write after them makes sure of all.
  await db.collection('ready').deleteMany({}, { writeConcern: { w: 'majority' } })
}

async function withClient<T>(uri: string, work: (client: mongo.MongoClient) => Promise<T>): Promise<T> {
  const { default: mongoose } = await import('mongoose')
  const client = new mongoose.mongo.MongoClient(uri)
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

/**
 * A real Kafka for tests: one broker without ZooKeeper in a temp folder, on free ports. It never outlives the test
 * process, because the shell that starts it kills it when our end of its stdin closes. `scripts/kafka.ts` fetches its
 * jars from Maven Central; nothing else does, because few will want it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../support/app.ts'
import { until } from '../support/until.ts'

export interface KafkaBroker {
  readonly url: string
  stop(): Promise<void>
}

export const kafkaVersion = '3.9.1'
export const kafkaFolder = join(import.meta.dirname, `../../.tools/kafka-${kafkaVersion}`)

/** Why the tests with Kafka are left out; `undefined` when they are not. */
export function withoutKafka(): string | undefined {
  if (process.env.KAFKA !== '1') return '`node scripts/kafka.ts` runs them'
  return spawnSync('java', ['-version']).status === 0 ? undefined : 'there is no Java here'
}

const PATIENCE_MS = 60_000

/** @throws when it does not listen within 60 seconds */
export async function startKafka(): Promise<KafkaBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'maitred-kafka-'))
  const [port, controller] = [await freePort(), await freePort()]
  const settings = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
  }
  const file = join(folder, 'server.properties')
  await writeFile(
    file,
    Object.entries(settings)
      .map((pair) => pair.join('='))
      .join('\n'),
  )
  const java = ['-Xmx400m', '-cp', join(kafkaFolder, '*')]
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'AAAAAAAAAAAAAAAAAAAAAA', '-c', file]
  const formatted = spawnSync('java', [...java, ...format], { encoding: 'utf8', timeout: PATIENCE_MS })
  if (formatted.status !== 0) throw new Error(`Kafka cannot begin: ${formatted.stderr}`)

  const log = join(folder, 'out')
  const script =
    'java "$@" >"$0/out" 2>&1 </dev/null & pid=$!; cat >/dev/null; kill -9 $pid; wait; rm -rf "$0"'
  const guard: ChildProcess = spawn('/bin/sh', ['-c', script, folder, ...java, 'kafka.Kafka', file], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  guard.unref()
  // A pipe is a net.Socket at run time; what keeps the event loop alive is not in its declared type.
  ;(guard.stdin as unknown as { unref(): void }).unref()
  await until(async () => {
    const said = await readFile(log, 'utf8')
    if (!said.includes('Kafka Server started')) throw new Error(`Kafka does not start: ${said.slice(-500)}`)
  }, PATIENCE_MS)

  return {
    url: `kafka://127.0.0.1:${port}`,
    async stop() {
      guard.stdin?.end()
      await until(() => {
        if (existsSync(folder)) throw new Error('Kafka is still there')
      })
      await rm(folder, { recursive: true, force: true })
    },
  }
}

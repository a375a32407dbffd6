/**
 * A real Kafka for tests: one broker without ZooKeeper in a temp folder, on free ports. It never outlives the test
 * process, because the shell that starts it kills it when our end of its stdin closes.
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

const PATIENCE_MS = 60_000

/** @param jars the folder of Kafka's jars @throws when it does not listen within 60 seconds */
export async function startKafka(jars: string): Promise<KafkaBroker> {
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
  const java = ['-Xmx400m', '-cp', join(jars, '*')]
  const format = ['kafka.tools.StorageTool', 'format', '-t', 'AAAAAAAAAAAAAAAAAAAAAA', '-c', file]
  const formatted = spawnSync('java', [...java, ...format], { encoding: 'utf8', timeout: PATIENCE_MS })
  if (formatted.status !== 0)
    throw new Error(`Kafka cannot begin: ${formatted.stderr}`, { cause: formatted.error })

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

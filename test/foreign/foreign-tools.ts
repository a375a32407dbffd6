/**
 * Programs of other languages that say what they think of ours: how each is installed into `.tools`. Their folders
 * there are named after what they are made of, so that an old one is never taken for the new.
 */
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ForeignTool {
  name: string
  /** What is not tested without it. */
  without: string
  /** The installed program; absent, it is not there. */
  find(): string | undefined
  /** What installing it takes: a command that runs where that is there, and Debian's package where it is not. */
  needs: { probe: readonly string[]; debian: string }
  /** What installs it, one command after the other, in its folder of sources. */
  install: { cwd: string; commands: readonly (readonly string[])[] }
}

/** Why the tests with it are left out; `undefined` when they are not. @throws in CI, where it must be there */
export function withoutTool({ name, find }: ForeignTool): string | undefined {
  if (find()) return undefined
  const why = `${name} is not installed: npm run test:tools`
  if (process.env.CI === 'true') throw new Error(why)
  return why
}

const sources = (language: string) => join(import.meta.dirname, language)

/** A program of a virtual environment with all of `requirements.txt`, and nothing else. */
function ofPython(o: { name: string; without: string; folder: string; program: string }): ForeignTool {
  const { name, without, folder: cwd, program } = o
  const environment = place('python', cwd, 'requirements.txt')
  const python = join(environment, 'bin/python')
  const pip = [python, '-m', 'pip', '--disable-pip-version-check']
  return {
    name,
    without,
    find: () => (existsSync(join(environment, 'installed')) ? join(environment, program) : undefined),
    needs: { probe: ['python3', '-c', 'import ensurepip'], debian: 'python3-venv' },
    install: {
      cwd,
      commands: [
        ['python3', '-m', 'venv', '--clear', environment],
        [...pip, 'install', '--quiet', '--no-deps', '--requirement', 'requirements.txt'],
        [...pip, 'check'],
        ['touch', join(environment, 'installed')],
      ],
    },
  }
}

export const pyjwt = ofPython({
  name: 'Python with PyJWT',
  without: 'The guard is not compared with it.',
  folder: sources('python'),
  program: 'bin/python',
})

const goServer = join(place('go', sources('go')), 'server')

export const golangJwt: ForeignTool = {
  name: 'Go with golang-jwt',
  without: 'The guard is not compared with it.',
  find: () => (existsSync(goServer) ? goServer : undefined),
  needs: { probe: ['go', 'version'], debian: 'golang-go' },
  install: { cwd: sources('go'), commands: [['go', 'build', '-trimpath', '-o', goServer, '.']] },
}

export const schemathesis = ofPython({
  name: 'schemathesis',
  without: 'Nobody asks the restaurant’s API whatever its description allows and forbids.',
  folder: sources('schemathesis'),
  program: 'bin/schemathesis',
})

const kafkaJars = place('kafka', sources('kafka'))
const copyJars = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies'

/** What is found are its jars; whoever has Maven has a Java to run them. */
export const kafka: ForeignTool = {
  name: 'Kafka',
  without: 'The tests on Kafka are left out; the embedded queue is tested.',
  find: () => (existsSync(join(kafkaJars, 'installed')) ? kafkaJars : undefined),
  needs: { probe: ['mvn', '--version'], debian: 'maven' },
  install: {
    cwd: sources('kafka'),
    commands: [
      ['mvn', '-q', '-B', copyJars, '-DincludeScope=runtime', `-DoutputDirectory=${kafkaJars}`],
      ['touch', join(kafkaJars, 'installed')],
    ],
  },
}

export const foreignTools: readonly ForeignTool[] = [pyjwt, golangJwt, schemathesis, kafka]

/** Where in `.tools` it goes that is made of these sources: by default all of the folder. */
function place(name: string, folder: string, ...files: string[]): string {
  const hash = createHash('sha256')
  for (const file of files.length > 0 ? files : readdirSync(folder).sort())
    hash.update(readFileSync(join(folder, file)))
  return join(import.meta.dirname, '../../.tools', `${name}-${hash.digest('hex').slice(0, 12)}`)
}

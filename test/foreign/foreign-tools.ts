/**
 * Resource servers in other languages: how each is installed into `.tools` and how it is started. Their folders there
 * are named after what they are made of, so that an old one is never taken for the new.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

export interface ForeignTool {
  name: string
  /** The installed program; absent, it is not there. */
  find(): string | undefined
  /** What installs it, one command after the other, in its folder of sources. */
  install: { cwd: string; commands: readonly (readonly string[])[] }
  /** What comes before the issuer and the audience. */
  args: readonly string[]
}

export interface ForeignServer {
  name: string
  url: string
  close(): Promise<void>
}

const tools = join(import.meta.dirname, '../../.tools')
const python = join(import.meta.dirname, 'python')
const go = join(import.meta.dirname, 'go')
const environment = join(tools, `python-${digestOf(python, 'requirements.txt')}`)
const program = join(tools, `go-${digestOf(go)}`, 'server')

export const foreignTools: readonly ForeignTool[] = [
  {
    name: 'Python with PyJWT',
    // Written last by what installs it.
    find: () => (existsSync(join(environment, 'installed')) ? join(environment, 'bin/python') : undefined),
    install: {
      cwd: python,
      commands: [
        ['python3', '-m', 'venv', '--clear', environment],
        [
          join(environment, 'bin/python'),
          ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps'],
          ...['--requirement', 'requirements.txt'],
        ],
        [join(environment, 'bin/python'), '-c', 'import jwt, cryptography'],
        ['touch', join(environment, 'installed')],
      ],
    },
    args: [join(python, 'server.py')],
  },
  {
    name: 'Go with golang-jwt',
    find: () => (existsSync(program) ? program : undefined),
    install: { cwd: go, commands: [['go', 'build', '-trimpath', '-o', program, '.']] },
    args: [],
  },
]

/** Resolves once it listens. @throws with what it complained about */
export async function startForeign(
  tool: ForeignTool,
  issuer: string,
  audience: string,
): Promise<ForeignServer> {
  const file = tool.find()
  if (!file) throw new Error(`${tool.name} is not installed: npm run test:tools`)
  const child = spawn(file, [...tool.args, issuer, audience], { stdio: ['pipe', 'pipe', 'pipe'] })
  const port = await portOf(child)
  return {
    name: tool.name,
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve())
        child.stdin?.end()
      }),
  }
}

function portOf(child: ChildProcess): Promise<number> {
  let words = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    words += chunk
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${words}`)))
    if (child.stdout) createInterface(child.stdout).once('line', (line) => resolve(Number(line)))
  })
}

function digestOf(folder: string, ...names: string[]): string {
  const hash = createHash('sha256')
  for (const name of names.length > 0 ? names : readdirSync(folder).sort())
    hash.update(readFileSync(join(folder, name)))
  return hash.digest('hex').slice(0, 12)
}

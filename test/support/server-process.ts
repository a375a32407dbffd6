/** `maitred` as a process of its own, for tests of what only a process shows: signals, exit codes, crashes. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until } from './until.ts'

const root = join(import.meta.dirname, '../..')

export interface ServerProcess {
  readonly child: ChildProcess
  /** Standard output and standard error until now. */
  out(): string
  err(): string
  /** The log lines of this message. */
  logged(message: string): Record<string, unknown>[]
  /** Waits for its end. @returns the exit code, or the signal that killed it */
  ended(): Promise<number | NodeJS.Signals | null>
  /** Ends it if it still runs; its workers end with it. */
  stop(): Promise<void>
}

/** Starts a command; it need not come up. The environment holds nothing but what is given and the `PATH`. */
export function spawnMaitred(args: string[], env: Record<string, string>): ServerProcess {
  return watch([process.execPath, join(root, 'src/cli/maitred.js'), ...args], env)
}

/** Starts another program of this repository, by its path in it. */
export function spawnProgram(path: string, args: string[]): ServerProcess {
  return watch([process.execPath, join(root, path), ...args], {})
}

/** Starts a script of package.json, as people and process managers do from a clone. */
export function spawnScript(script: string, env: Record<string, string>): ServerProcess {
  return watch(['npm', 'run', '--silent', script], env)
}

function watch([command = '', ...args]: string[], env: Record<string, string>): ServerProcess {
  const child = spawn(command, args, {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [out, err] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk
  })
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk
  })
  const exit = once(child, 'close')

  return {
    child,
    out: () => out,
    err: () => err,
    logged: (message) =>
      out
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line))
        .filter(({ msg }) => msg === message),
    async ended() {
      const [code, signal] = await exit
      return code ?? signal
    },
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await exit
    },
  }
}

/** Starts `maitred serve` and waits until it is ready. @throws with its last words when it ends instead */
export async function serveMaitred(env: Record<string, string>): Promise<ServerProcess> {
  const server = spawnMaitred(['serve'], env)
  await listening(server)
  return server
}

/** @throws with its last words when it ends instead, or does not listen within 30 s */
export function listening(server: ServerProcess): Promise<void> {
  return until(() => {
    if (server.child.exitCode !== null) throw new Error(`It ended: ${server.err()}${server.out()}`)
    if (server.logged('listening').length === 0) throw new Error(`It does not listen: ${server.out()}`)
  }, 30_000)
}

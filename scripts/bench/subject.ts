/** One server under test: a process of its own, so that its CPU time is its own. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'

/** `hashless`: on MongoDB, with a password hash that costs nothing. `hashing`: bare, with one that costs what ours does. */
export type Kind = 'bare' | 'plain' | 'sqlite' | 'mongodb' | 'hashless' | 'hashing'

/** As `npm start`, `npm run serve` and the image start Maitred; the bare library gets the same. */
export const nodeOptions = ['--use-largepages=silent']

/** What a server tells of itself once it listens. */
export interface Offer {
  issuer: string
  port: number
  /** Application ids with their secrets: `kitchen` has people, `lookup` its opaque twin, `robot` none. */
  secrets: Record<'kitchen' | 'lookup' | 'robot', string>
  people: string[]
  password: string
}

/** What the parent asks a server; each question has one answer. */
export type Question = 'cpu' | 'watch-loop' | 'loop' | 'profile' | 'profiled'

export interface Answers {
  /** Microseconds of user and system time of all its threads. */
  cpu: number
  'watch-loop': true
  /** Milliseconds. */
  loop: { p99: number; max: number }
  profile: true
  /** Where the profile lies. */
  profiled: string
}

export interface Subject extends Offer {
  readonly kind: Kind
  readonly pid: number
  ask<Q extends Question>(question: Q): Promise<Answers[Q]>
  stop(): Promise<void>
}

/** Starts a server in its own process. `env` names its store. */
export async function startSubject(kind: Kind, env: Record<string, string>): Promise<Subject> {
  const ours = kind === 'sqlite' || kind === 'mongodb' || kind === 'hashless'
  const port = await freePort()
  const child = fork(join(import.meta.dirname, ours ? 'serve-maitred.ts' : 'serve-library.ts'), {
    execArgv: nodeOptions,
    env: { PATH: process.env.PATH, ...env, BENCH_KIND: kind, BENCH_PORT: String(port) },
    // Logs are written and thrown away: writing them is part of the work.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exit = once(child, 'exit')
  const first = await Promise.race([once(child, 'message').then(([offer]) => offer as Offer), exit])
  if (Array.isArray(first)) throw new Error(`${kind} ended with ${first[0] ?? first[1]}`)
  return {
    ...first,
    kind,
    pid: child.pid as number,
    async ask(question) {
      const answer = once(child, 'message')
      child.send(question)
      return (await answer)[0]
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exit
    },
  }
}

/** Microseconds of CPU of another process, from the kernel (proc(5), `stat`; a tick is 10 ms). */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10_000
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return address.port
}

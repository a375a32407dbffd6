/** A shell on a real socket, and a client that says exactly what a test wants to say. */
import { request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { createShell, type Listening, type Shell } from '../../src/http/http.ts'
import { createVault } from '../../src/keys/keys.ts'
import { createLocale } from '../../src/locale/locale.ts'

const secrets = [Buffer.alloc(32, 7).toString('base64url')]

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

export interface Sent {
  method?: string
  headers?: Record<string, string>
  body?: string | Buffer
  /** A certificate to trust; absent, plain HTTP. */
  ca?: string
}

export interface Open {
  shell: Shell
  listening: Listening
  port: number
  /** The log's lines so far. */
  logs: Record<string, unknown>[]
  send(path: string, sent?: Sent): Promise<Answer>
  /** Writes bytes and reads until the server closes. */
  raw(bytes: string | Buffer): Promise<string>
}

export interface ShellSettings {
  issuer?: string
  tls?: { cert: string; key: string }
  trustedProxies?: string[]
  logo?: string
  ping?: () => Promise<void>
  views?: string
  assets?: string
}

const opened: Listening[] = []

/** @param setUp adds routes before it listens */
export async function openShell(settings: ShellSettings = {}, setUp?: (shell: Shell) => void): Promise<Open> {
  const issuer = settings.issuer ?? 'http://localhost:3000'
  const logs: Record<string, unknown>[] = []
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      for (const line of chunk.toString().trim().split('\n')) logs.push(JSON.parse(line))
      done()
    },
  })
  const shell = createShell({
    config: {
      issuer,
      host: '127.0.0.1',
      port: 0,
      tls: settings.tls,
      trustedProxies: settings.trustedProxies ?? [],
      name: 'Bella Napoli',
      brand: { color: '#0f5c4d', ...(settings.logo && { logo: settings.logo }) },
    },
    store: { ping: settings.ping ?? (async () => {}) },
    locale: createLocale({}),
    log: pino({ level: 'debug' }, sink),
    now: () => new Date(),
    vault: createVault(secrets),
    views: settings.views ?? join(import.meta.dirname, 'views'),
    assets: settings.assets ?? join(import.meta.dirname, 'assets'),
  })
  setUp?.(shell)
  const listening = await shell.listen()
  opened.push(listening)
  const { port } = listening.server.address() as AddressInfo
  return {
    shell,
    listening,
    port,
    logs,
    send: (path, sent) =>
      send(port, path, { ...sent, headers: { host: new URL(issuer).host, ...sent?.headers } }),
    raw: (bytes) => raw(port, bytes),
  }
}

/** For `afterEach`: ends at once what a test opened. */
export async function closeShells(): Promise<void> {
  for (const { server } of opened.splice(0)) {
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
}

function send(port: number, path: string, { method = 'GET', headers, body, ca }: Sent): Promise<Answer> {
  const options = { host: '127.0.0.1', port, path, method, headers, agent: false as const }
  return new Promise((resolve, reject) => {
    const req =
      ca === undefined ? requestHttp(options) : requestHttps({ ...options, ca, servername: 'localhost' })
    req.on('error', reject)
    req.on('response', async (res) => {
      const chunks: Buffer[] = []
      res.on('error', reject)
      for await (const chunk of res) chunks.push(chunk as Buffer)
      resolve({ status: res.statusCode ?? 0, headers: res.headers, text: Buffer.concat(chunks).toString() })
    })
    req.end(body)
  })
}

function raw(port: number, bytes: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', reject).on('close', () => resolve(text))
  })
}

/** Polls until it holds; fails after two seconds. */
export async function eventually(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries += 1) {
    if (tries > 400) throw new Error('it did not come to hold')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

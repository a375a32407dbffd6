/**
 * What the attacks share: the restaurant's house with one more application, a second process's worth of it on
 * the same store, requests as bytes, races, and the mails that were sent.
 */
import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { pino } from 'pino'
import { type App, createApp } from '../../src/app.ts'
import { type AppSettings, freePort, type RunningApp, startApp } from '../support/app.ts'
import type { Engine } from '../support/engines.ts'
import { API, CALLBACK, type Cast, PASSWORD, seedRestaurant } from '../support/restaurant.ts'
import { serveMaitred } from '../support/server-process.ts'
import { createVisitor, type Page, type Visitor } from '../support/visitor.ts'

export const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'
export const ADA = { identifier: 'ada@example.com', password: PASSWORD }
export const VERIFIER = 'a-verifier-of-at-least-forty-three-characters'
export const CHALLENGE = 'mg3QoZgnRJxQy_jYdfW7D8wJkoziCuM8Yhos7PwVvsI'

const agent = new Agent({ keepAlive: false })

export interface House extends RunningApp {
  cast: Cast
  /** Secret of `till`, which may use `POST /login`. */
  till: string
  /** Log lines until now. */
  lines: string[]
}

/** Passwords are hashed and verified each time, unless a test that is not about them says otherwise. */
export async function openHouse(engine: Engine, settings: AppSettings = {}): Promise<House> {
  const lines: string[] = []
  const log = { write: (line: string) => void lines.push(line) }
  const app = await startApp(engine, { log, realHashes: true, ...settings })
  const cast = await seedRestaurant(app)
  const shared = { redirectUris: [CALLBACK], api: API, firstParty: true }
  await app.applications.put(
    { _id: 'till', name: 'Till', login: true, origins: ['https://till.example'], ...shared },
    'test',
  )
  await app.applications.put(
    { _id: 'tv', name: 'Menu board', kind: 'native', firstParty: true, grants: [DEVICE, 'refresh_token'] },
    'test',
  )
  return { ...app, cast, lines, till: await app.applications.newSecret('till', 'test') }
}

/** A second instance on the same store; `url` reaches it, and it answers as the same issuer. */
export async function openTwin(
  { config }: RunningApp,
  { now = () => new Date() } = {},
): Promise<{ url: string; app: App; stop(): Promise<void> }> {
  const port = await freePort()
  const app = await createApp({
    config: { ...config, port },
    now,
    log: pino({ level: 'silent' }),
  })
  const listening = await app.listen()
  return {
    url: `http://localhost:${port}`,
    app,
    async stop() {
      // Nothing is under way any more: no draining.
      await listening.close({ notice: 0, silence: 0 })
      await app.close()
    },
  }
}

/** The same as a process of its own, for what two of them must settle in the store alone; on MongoDB only. */
export async function openProcess({
  config,
  url,
}: RunningApp): Promise<{ url: string; stop(): Promise<void> }> {
  const { dataDir, mongodbUri } = config
  if (!mongodbUri) throw new TypeError('the embedded store is for one process')
  const port = await freePort()
  const env = { ISSUER: url, PORT: String(port), DATA_DIR: dataDir, MONGODB_URI: mongodbUri }
  const { stop } = await serveMaitred(env)
  return { url: `http://localhost:${port}`, stop }
}

/** So many at once. */
export function race<T>(times: number, run: (at: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: times }, (_, at) => run(at)))
}

export function basic(id: string, secret: string): { authorization: string } {
  return { authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` }
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: Record<string, string>
}

/** One request, nothing followed; `at` sends it to a twin, under the issuer's name all the same. */
export function send(
  house: { url: string },
  path: string,
  init: {
    method?: string
    headers?: Record<string, string | string[]>
    body?: string | Buffer
    form?: Record<string, string>
    at?: string
  } = {},
): Promise<Answer> {
  const { form } = init
  const body = form ? new URLSearchParams(form).toString() : init.body
  const { port } = new URL(init.at ?? house.url)
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path,
      agent,
      method: form ? 'POST' : (init.method ?? 'GET'),
      headers: {
        host: new URL(house.url).host,
        ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
        ...init.headers,
      },
    })
    outgoing.setTimeout(15_000, () => outgoing.destroy(new Error(`${path} hangs`)))
    outgoing.on('error', reject)
    outgoing.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) }),
      )
    })
    outgoing.end(body)
  })
}

export function token(
  house: { url: string },
  form: Record<string, string>,
  headers: Record<string, string> = {},
  at?: string,
): Promise<Answer> {
  return send(house, '/token', { form, headers, ...(at && { at }) })
}

/** `POST /login` as `till`. */
export function login(
  house: House,
  body: unknown,
  o: { at?: string | undefined; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return send(house, '/login', {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...basic('till', house.till), ...o.headers },
    ...(o.at && { at: o.at }),
  })
}

/** A well-formed authorization request of `kitchen`; `extra` overrides, and `undefined` removes. */
export function authUrl(house: { url: string }, extra: Record<string, string | undefined> = {}): string {
  const all = {
    client_id: 'kitchen',
    response_type: 'code',
    scope: 'openid',
    redirect_uri: CALLBACK,
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    state: 'a-state',
    ...extra,
  }
  const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return `${house.url}/auth?${new URLSearchParams(given)}`
}

/** Signs Ada (or another) in and stops at the code. */
export async function codeOf(
  house: House,
  o: { visitor?: Visitor; extra?: Record<string, string>; as?: typeof ADA } = {},
): Promise<{ code: string; visitor: Visitor }> {
  const visitor = o.visitor ?? createVisitor(house.url)
  const page = await visitor.get(authUrl(house, o.extra))
  const after = page.leaves ? page : await visitor.submit(page, o.as ?? ADA, 'sign-in')
  const code = after.leaves ? new URL(after.leaves).searchParams.get('code') : undefined
  if (!code) throw new Error(`no code at ${after.url}: ${after.leaves ?? after.html.slice(0, 2_000)}`)
  return { code, visitor }
}

export function redeem(house: House, code: string, o: { at?: string; extra?: Record<string, string> } = {}) {
  const form = { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER }
  return token(house, { ...form, ...o.extra }, basic('kitchen', house.cast.secret), o.at)
}

export function refresh(house: House, refresh_token: string, at?: string): Promise<Answer> {
  const form = { grant_type: 'refresh_token', refresh_token }
  return token(house, form, basic('kitchen', house.cast.secret), at)
}

/** A fresh sign-in's tokens for `kitchen`. */
export async function tokensOf(house: House, o: Parameters<typeof codeOf>[1] = {}) {
  const { code, visitor } = await codeOf(house, o)
  const answer = await redeem(house, code)
  if (answer.status !== 200) throw new Error(answer.text)
  return { code, visitor, ...(answer.json as Record<'access_token' | 'refresh_token' | 'id_token', string>) }
}

export function userinfo(house: { url: string }, bearer: string, path = '/me'): Promise<Answer> {
  return send(house, path, { headers: { authorization: `Bearer ${bearer}`, accept: 'application/json' } })
}

/** The newest mail to an address, as text. */
export async function newestMail(house: App, to: string): Promise<string> {
  await house.mail.pass()
  const mail = (await house.mail.sent()).find((sent) => sent.to === to)
  if (!mail) throw new Error(`no mail to ${to}`)
  return mail.text
}

/** Asks for a reset and returns the mailed link. */
export async function resetLink(
  house: House,
  email: string,
  visitor = createVisitor(house.url),
): Promise<string> {
  await visitor.submit(await visitor.get(`${house.url}/forgot-password`), { email })
  return /http\S+reset-password\?token=[\w-]+/.exec(await newestMail(house, email))?.[0] ?? ''
}

/** Begins a sign-up and returns the page that asks for the mailed code, and the mail. */
export async function signUp(
  house: House,
  email: string,
  visitor = createVisitor(house.url),
): Promise<{ visitor: Visitor; page: Page; mail: string; code: string; link: string }> {
  const begun = await visitor.get(authUrl(house, { prompt: 'create' }))
  const page = await visitor.submit(begun, { email, password: PASSWORD }, 'sign-up')
  const mail = await newestMail(house, email)
  const [, a = '', b = ''] = /\b(\d{3}) ?(\d{3})\b/.exec(mail) ?? []
  const link = /http\S+verify-email\?token=[\w-]+/.exec(mail)?.[0] ?? ''
  return { visitor, page, mail, code: a + b, link }
}

/** Bytes over a socket, as no client library would send them. */
export function bytes(
  house: { url: string },
  sent: string | Buffer,
): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(house.url)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname === 'localhost' ? '127.0.0.1' : hostname)
    let text = ''
    socket.setTimeout(8_000, () => socket.destroy(new Error('it hangs')))
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that answered and then closed on what is still being sent.
      if (text !== '' && error.code !== undefined) finish()
      else reject(error)
    })
    socket.on('close', finish)
    socket.end(sent)

    function finish(): void {
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text })
    }
  })
}

function parse(text: string): Record<string, string> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** The id of the sign-in that a page belongs to. */
export function uidOf({ url }: Page): string {
  return new URL(url).pathname.split('/')[2] ?? ''
}

/**
 * Where the journeys in the browser play: the demo's house with its two apps, an app of somebody else, a board
 * on the wall and a phone's app, once for each engine. Every journey brings people of its own.
 */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createDutiesApp } from '../../examples/restaurant/web/duties-app.ts'
import type { WebApp } from '../../examples/restaurant/web/web-app.ts'
import { demoBrand } from '../../src/cli/demo-brand.ts'
import type { SentMail } from '../../src/mail/mail.ts'
import { type DemoHouse, openDemo } from '../restaurant/demo-house.ts'
import { type Engine, engines } from '../support/engines.ts'

export const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code'

export interface Stage extends DemoHouse {
  engine: Engine['name']
  /** Made by somebody else, so people are asked; whoever signs up there owns a restaurant and needs a second factor. */
  planner: WebApp
  /** Somebody with a proven address and a password. */
  hire(firstName: string, roles?: string[]): Promise<Colleague>
  /** The newest mail to that address whose text matches. */
  mailTo(address: string, like: RegExp): Promise<SentMail>
}

export interface Colleague {
  id: string
  name: string
  email: string
  password: string
}

const SECRET = 'demo-only-table-planner-e07d46b1c9523a8f'
const PASSWORD = 'a lighthouse keeps the ledger'

const open = new Map<Engine['name'], Promise<Stage>>()
const closing: (() => Promise<void>)[] = []

/** The stage of each engine, opened when the first journey asks for it. */
export const stages: readonly { engine: Engine['name']; stage(): Promise<Stage> }[] = engines().map(
  (engine) => ({
    engine: engine.name,
    stage() {
      const known = open.get(engine.name) ?? openStage(engine)
      open.set(engine.name, known)
      return known
    },
  }),
)

after('close the stages', async () => {
  for (const close of closing.reverse()) await close()
})

async function openStage(engine: Engine): Promise<Stage> {
  const house = await openDemo(engine, { config: demoBrand })
  closing.push(house.close)
  const { app } = house
  const planner = await createDutiesApp({
    name: 'Table Planner',
    port: 0,
    issuer: app.url,
    clientId: 'table-planner',
    clientSecret: SECRET,
    duties: { owner: ['Plan every table'] },
  })
  closing.push(planner.close)
  await house.apply((state) =>
    state
      .replaceAll('http://localhost:3005', planner.url)
      .replace('scopes: [openid, profile, email,', '$& roles,')
      .replace(
        '    name: Table Planner\n',
        `$&    initiateLoginUri: ${planner.url}/sign-in\n    signUp: open\n    signUpRoles: [owner]\n`,
      ),
  )
  await app.applications.put(
    { _id: 'board', name: 'Menu board', kind: 'native', firstParty: true, grants: [DEVICE, 'refresh_token'] },
    'test',
  )
  await app.applications.put(
    {
      _id: 'phone',
      name: 'Taccuino',
      kind: 'native',
      firstParty: true,
      redirectUris: ['com.example.app:/cb'],
    },
    'test',
  )
  let hired = 0
  return {
    ...house,
    engine: engine.name,
    planner,
    async hire(firstName, roles = ['waiter']) {
      hired += 1
      const email = `${firstName.toLowerCase()}.${hired}@bella-napoli.example`
      const { _id } = await app.accounts.create({
        email,
        emailVerified: true,
        firstName,
        lastName: 'Marino',
        password: PASSWORD,
        roles: app.roles.copy(roles),
        by: 'test',
      })
      return { id: _id, name: `${firstName} Marino`, email, password: PASSWORD }
    },
    async mailTo(address, like) {
      await app.mail.pass()
      const mails = (await app.mail.sent()).filter(({ to }) => to === address)
      const mail = mails.find(({ text }) => like.test(text))
      if (!mail) throw new Error(`none of ${mails.length} mails to ${address} is like ${like}`)
      return mail
    },
  }
}

/** An app that is nothing but its callback, which sends the browser on to another site. */
export interface Relay {
  /** Where the provider is to send people. */
  callback: string
  /** Where they end up. */
  landing: string
  /** What came to the callback, as its query or its form. */
  received: URLSearchParams[]
  close(): Promise<void>
}

export async function openRelay(): Promise<Relay> {
  const received: URLSearchParams[] = []
  const page = (text: string) =>
    `<!doctype html><html lang="en"><title>${text}</title><main><h1>${text}</h1></main></html>`
  const listen = async (answer: RequestListener) => {
    const server = createServer(answer)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { server, port: (server.address() as AddressInfo).port }
  }
  const third = await listen((_req, res) => {
    res.setHeader('content-type', 'text/html')
    res.end(page('At the third site'))
  })
  const landing = `http://localhost:${third.port}/landing`
  const own = await listen(async (req, res) => {
    let body = ''
    for await (const chunk of req.setEncoding('utf8')) body += chunk
    const url = new URL(req.url ?? '/', 'http://app.example')
    if (url.pathname !== '/callback') return void res.writeHead(204).end()
    received.push(new URLSearchParams(req.method === 'POST' ? body : url.search))
    res.writeHead(303, { location: landing }).end()
  })
  return {
    callback: `http://127.0.0.1:${own.port}/callback`,
    landing,
    received,
    async close() {
      for (const { server } of [own, third]) {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    },
  }
}

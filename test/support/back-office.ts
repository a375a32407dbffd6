/** The restaurant's back office beside a real Maitred: two restaurants, people of every role, real tokens. */
import {
  type BackOffice,
  type BackOfficeOptions,
  startBackOffice,
} from '../../examples/restaurant/back-office/back-office.ts'
import {
  backOfficeCollections,
  type Restaurant,
  restaurants,
  type StaffMember,
  staff,
} from '../../examples/restaurant/back-office/documents.ts'
import type { Log } from '../../examples/restaurant/back-office/log.ts'
import { migrations } from '../../examples/restaurant/back-office/migrations.ts'
import { searchTerms } from '../../examples/restaurant/back-office/search-terms.ts'
import type { Store } from '../../src/storage/storage.ts'
import { type RunningApp, startApp } from './app.ts'
import type { Engine } from './engines.ts'
import { CALLBACK, PASSWORD, relyingParty, signIn } from './restaurant.ts'

export const RESTAURANT_API = 'https://api.bella-napoli.example'

const waiter =
  'bookings.read bookings.update orders.read orders.update customers.read transactions.read transactions.update staff.read shifts.read availability.own'
const manager = `${waiter} customers.update reports.read shifts.update rota.ask tasks.read`

/** As in `config/demo.yaml`, but that nobody needs a second factor. */
const roles = { owner: `${manager} staff.update tasks.update`, manager, waiter, customer: 'bookings.own' }

/** Who they are; of the staff are those with a restaurant. */
const people = {
  ada: { role: 'owner', restaurant: 'napoli', firstName: 'Ada', lastName: 'Rossi' },
  bruno: { role: 'manager', restaurant: 'napoli', firstName: 'Bruno', lastName: 'Conti' },
  carla: { role: 'waiter', restaurant: 'napoli', firstName: 'Carla', lastName: 'Esposito' },
  dario: { role: 'customer', restaurant: undefined, firstName: 'Dario', lastName: 'Greco' },
  elena: { role: 'customer', restaurant: undefined, firstName: 'Elena', lastName: 'Marino' },
  rosa: { role: 'owner', restaurant: 'roma', firstName: 'Rosa', lastName: 'Bianchi' },
} as const

export type PersonName = keyof typeof people

export interface ApiAnswer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any
}

export interface CallOptions {
  body?: unknown
  headers?: Record<string, string>
}

export interface BackOfficeHouse {
  maitred: RunningApp
  backOffice: BackOffice
  store: Store
  /** Of the application `front-of-house`. */
  secret: string
  token(who: PersonName): Promise<string>
  /** Asks the API: `call('ada', 'GET', '/staff')`; without a person, without a token. */
  call(who: PersonName | undefined, method: string, path: string, o?: CallOptions): Promise<ApiAnswer>
  stop(): Promise<void>
}

export async function openBackOffice(
  engine: Engine,
  o: { log?: Log; now?: () => Date; fetch?: typeof fetch } = {},
  /** What it needs besides, when that takes a running Maitred. */
  more?: (maitred: RunningApp) => Promise<Partial<BackOfficeOptions>>,
): Promise<BackOfficeHouse> {
  const maitred = await startApp(engine)
  const secret = await seedMaitred(maitred)
  const store = await engine.open({ collections: backOfficeCollections, migrations })
  await seedStore(store)
  const silent: Log = { info: () => {}, warn: () => {}, error: () => {} }
  const place = { issuer: maitred.url, port: 0, dataDir: '', store, log: silent }
  const backOffice = await startBackOffice({ ...place, ...o, ...(await more?.(maitred)) })
  const party = await relyingParty(maitred, 'front-of-house', secret)
  const tokens = new Map<PersonName, Promise<string>>()

  async function tokenOf(who: PersonName): Promise<string> {
    const { tokens } = await signIn(maitred, party, { identifier: emailOf(who) })
    return tokens.access_token
  }

  function token(who: PersonName): Promise<string> {
    const known = tokens.get(who) ?? tokenOf(who)
    tokens.set(who, known)
    return known
  }

  return {
    maitred,
    backOffice,
    store,
    secret,
    token,
    async call(who, method, path, { body, headers = {} } = {}) {
      const isText = typeof body === 'string'
      const answer = await fetch(`${backOffice.url}/api${path}`, {
        method,
        headers: {
          ...(who && { Authorization: `Bearer ${await token(who)}` }),
          ...(body !== undefined && { 'Content-Type': 'application/json' }),
          ...headers,
        },
        ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      const isJson = /json/.test(answer.headers.get('content-type') ?? '')
      return {
        status: answer.status,
        headers: answer.headers,
        body: isJson && text ? JSON.parse(text) : text,
      }
    },
    async stop() {
      await backOffice.close()
      await store.close()
      await maitred.stop()
    },
  }
}

export function emailOf(who: PersonName): string {
  return `${who}@bella-napoli.example`
}

async function seedMaitred({ apis, roles: allRoles, applications, accounts }: RunningApp): Promise<string> {
  await apis.put({ _id: RESTAURANT_API, name: 'Bella Napoli', scopes: [] })
  for (const [role, names] of Object.entries(roles)) {
    const permissions = [{ api: RESTAURANT_API, names: names.split(' ') }]
    await allRoles.put({ _id: role, title: role, permissions, mfa: false })
  }
  const shared = { name: 'Bella Napoli', firstParty: true, api: RESTAURANT_API, redirectUris: [CALLBACK] }
  await applications.put({ _id: 'front-of-house', ...shared }, 'test')
  for (const [who, { role, firstName, lastName }] of Object.entries(people)) {
    await accounts.create({
      email: emailOf(who as PersonName),
      emailVerified: true,
      firstName,
      lastName,
      password: PASSWORD,
      roles: allRoles.copy([role]),
      by: 'test',
    })
  }
  return applications.newSecret('front-of-house', 'test')
}

async function seedStore(store: Store): Promise<void> {
  const at = new Date('2026-01-02T10:00:00Z')
  const places: Restaurant[] = [
    {
      _id: 'napoli',
      name: 'Bella Napoli',
      city: 'Napoli',
      currency: 'EUR',
      timeZone: 'Europe/Rome',
      version: 1,
    },
    {
      _id: 'roma',
      name: 'Bella Napoli Roma',
      city: 'Roma',
      currency: 'EUR',
      timeZone: 'Europe/Rome',
      version: 1,
    },
  ]
  const members = Object.entries(people).flatMap(([who, person]): StaffMember[] => {
    const { restaurant, firstName, lastName, role } = person
    if (restaurant === undefined) return []
    const name = { email: emailOf(who as PersonName), firstName, lastName }
    const search = searchTerms(name)
    const dates = { createdAt: at, updatedAt: at, version: 1 }
    return [{ _id: `staff-${who}`, restaurant, ...name, job: role, active: true, search, ...dates }]
  })
  await store.batch([
    ...places.map((insert) => ({ in: restaurants, insert })),
    ...members.map((insert) => ({ in: staff, insert })),
  ])
}

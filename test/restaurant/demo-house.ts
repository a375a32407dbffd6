/** The demo as `npm start` has it, on free ports, and browsers that walk through it. */
import { readFileSync } from 'node:fs'
import { restaurantPlace } from '../../examples/restaurant/back-office/place.ts'
import { seedDemo } from '../../examples/restaurant/seed/demo.ts'
import { startRestaurant } from '../../examples/restaurant/start.ts'
import { readDocument } from '../../src/admin/admin.ts'
import { type AppSettings, startApp } from '../support/app.ts'
import type { Engine } from '../support/engines.ts'
import { sharedMongod } from '../support/mongod.ts'
import { createVisitor, type Page, textOf, type Visitor } from '../support/visitor.ts'

const demo = readFileSync(new URL('../../config/demo.yaml', import.meta.url), 'utf8')

export const carla = { email: 'carla@bella-napoli.example', password: 'seven lemons and a bicycle' }
export const bruno = { email: 'bruno@bella-napoli.example', password: 'copper kettle by the window' }
export const dario = { email: 'dario@guests.example', password: 'rainy sunday on the ferry' }

/** Of a year, in each restaurant: enough for charts. */
const smallSizes = [120, 40]

const silent = { info: () => {}, warn: () => {}, error: () => {} }

interface Place {
  url: string
}

/** One person's browser: what it keeps for the provider and for each app. */
export interface DemoBrowser {
  provider: Visitor
  at(place: Place): Visitor
  /** From "Sign in" to the provider's first page, or to the way back when it has none to show. */
  begin(place: Place): Promise<Page>
  /** Goes on to the app that the provider sends us back to. */
  land(place: Place, page: Page): Promise<Page>
  signIn(place: Place, who: { email: string; password: string }): Promise<Page>
  /** What a person reads on the app's first page. */
  home(place: Place): Promise<string>
  /** What the app shows of the tokens that it has. */
  you(place: Place): Promise<string>
}

export type DemoHouse = Awaited<ReturnType<typeof openDemo>>

export interface DemoSettings extends AppSettings {
  /** How the restaurant's programs ask others. */
  fetch?: typeof globalThis.fetch
}

export async function openDemo(engine: Engine, { fetch, ...settings }: DemoSettings = {}) {
  const app = await startApp(engine, settings)
  await app.desiredState.apply(readDocument(demo))
  const person = await app.accounts.findByIdentifier(dario.email)
  if (!person) throw new Error('the demo has no Dario')
  const guest = { sub: person._id, email: dario.email, firstName: 'Dario', lastName: 'Greco' }
  const { dataDir, mongodbUri } = app.config
  const place = { dataDir, mongodbUri }
  const now = settings.now ?? (() => new Date())
  await seedDemo({ place, now, sizes: smallSizes, guest })
  const ports = { frontOfHouse: 0, kitchen: 0, backOffice: 0, rota: 0, tablePlanner: 0 }
  const asking = fetch && { fetch }
  const restaurant = await startRestaurant({ issuer: app.url, place, ports, now, log: silent, ...asking })
  const { frontOfHouse, kitchen, backOffice, rota, tablePlanner } = restaurant
  // A redirect to a loopback may come on any port; the provider's own calls need the real one.
  const text = demo
    .replaceAll('http://localhost:3001', frontOfHouse.url)
    .replaceAll('http://localhost:3002', kitchen.url)
    .replaceAll('http://localhost:3003', backOffice.url)
  const apply = (change = (state: string) => state) => app.desiredState.apply(readDocument(change(text)))
  await apply()

  function openBrowser(): DemoBrowser {
    const provider = createVisitor(app.url)
    const visitors = new Map<string, Visitor>()
    const at = ({ url }: Place): Visitor => {
      const visitor = visitors.get(url) ?? createVisitor(url)
      visitors.set(url, visitor)
      return visitor
    }
    const browser: DemoBrowser = {
      provider,
      at,
      async begin(place) {
        const { leaves } = await at(place).get('/sign-in')
        return provider.get(String(leaves))
      },
      async land(place, page) {
        if (!page.leaves) throw new Error(`still at the provider: ${textOf(page.html)}`)
        return at(place).get(page.leaves)
      },
      async signIn(place, { email, password }) {
        const page = await browser.begin(place)
        return browser.land(place, await provider.submit(page, { identifier: email, password }))
      },
      home: async (place) => textOf((await at(place).get('/')).html),
      you: async (place) => textOf((await at(place).get('/you')).html),
    }
    return browser
  }

  return {
    app,
    frontOfHouse,
    kitchen,
    backOffice,
    tablePlanner,
    /** Its behaviour may be changed. */
    rota,
    /** Where the back office keeps what it remembers, beside the provider. */
    place,
    /** Applies the demo's state file, changed. */
    apply,
    openBrowser,
    async close() {
      await restaurant.close()
      // Whoever gets the database after us must not find our staff in the one beside it.
      const { mongodbUri: beside } = restaurantPlace(place)
      if (beside) await (await sharedMongod()).drop(beside)
      await app.stop()
    },
  }
}

/**
 * The front of house beside a real Maitred and a real back office, and people who walk through it without scripts:
 * those of the back office, and Elio, another guest.
 */
import { products } from '../../examples/restaurant/back-office/documents.ts'
import {
  type StartFrontOfHouse,
  startFrontOfHouse,
} from '../../examples/restaurant/front-of-house/front-of-house.ts'
import type { WebApp } from '../../examples/restaurant/web/web-app.ts'
import { type BackOfficeHouse, openBackOffice, type PersonName } from './back-office.ts'
import type { Engine } from './engines.ts'
import { CALLBACK, PASSWORD } from './restaurant.ts'
import { createVisitor, type Page, textOf, type Visitor } from './visitor.ts'

export interface FrontHouse extends BackOfficeHouse {
  frontOfHouse: WebApp
  /** Another one of the kind, for a test that needs it different. */
  openFront(o?: Partial<StartFrontOfHouse>): Promise<WebApp>
  /** Seats the guests of a booking and writes their bill: two margherite for €19.00. */
  serve(booking: string): Promise<void>
  /** Signs somebody in who wanted that page. */
  enter(who: PersonName | 'elio', path?: string, front?: WebApp): Promise<Guest>
}

/** Somebody in front of their browser. */
export interface Guest {
  /** What the app's pages see of the browser. */
  visitor: Visitor
  /** The browser at the provider. */
  provider: Visitor
  /** Where the sign-in led. */
  landed: Page
  read(path: string): Promise<string>
}

const silent = { warn: () => {}, error: () => {} }

export async function openFrontOfHouse(engine: Engine): Promise<FrontHouse> {
  const house = await openBackOffice(engine)
  const open: WebApp[] = []

  async function openFront(o: Partial<StartFrontOfHouse> = {}): Promise<WebApp> {
    const front = await startFrontOfHouse({
      issuer: house.maitred.url,
      port: 0,
      clientSecret: house.secret,
      apiUrl: `${house.backOffice.url}/api`,
      log: silent,
      ...o,
    })
    open.push(front)
    // One application for all of them: the newest is told of sign-outs.
    await house.maitred.applications.change(
      'front-of-house',
      (before) => ({
        ...before,
        _id: 'front-of-house',
        name: front.name,
        redirectUris: [CALLBACK, ...open.map(({ url }) => `${url}/callback`)],
        postLogoutRedirectUris: open.map(({ url }) => `${url}/signed-out`),
        backchannelLogoutUri: `${front.url}/backchannel-logout`,
        initiateLoginUri: `${front.url}/sign-in`,
      }),
      'test',
    )
    return front
  }

  const { accounts, roles } = house.maitred
  await accounts.create({
    email: 'elio@bella-napoli.example',
    emailVerified: true,
    firstName: 'Elio',
    lastName: 'Serra',
    password: PASSWORD,
    roles: roles.copy(['customer']),
    by: 'test',
  })
  const frontOfHouse = await openFront()
  return {
    ...house,
    frontOfHouse,
    openFront,
    async serve(booking) {
      const { call, store } = house
      const { headers, body } = await call('carla', 'GET', `/bookings/${booking}`)
      const version = { 'If-Match': String(headers.get('etag')) }
      await call('carla', 'PATCH', `/bookings/${booking}`, { headers: version, body: { status: 'seated' } })
      const product = { _id: booking, restaurant: 'napoli', name: 'Margherita', amount: 950 }
      const more = { category: 'pizza', search: [], version: 1 }
      await store.batch([{ in: products, insert: { ...product, ...more } }])
      const lines = [{ product: booking, quantity: 2 }]
      const bill = { customer: body.customer, booking, lines }
      const { status } = await call('carla', 'POST', '/transactions', { body: bill })
      if (status !== 201) throw new Error(`the bill was answered with ${status}`)
    },
    async enter(who, path = '/', front = frontOfHouse) {
      const visitor = createVisitor(front.url)
      const provider = createVisitor(house.maitred.url)
      const { leaves } = await visitor.get(`/sign-in?to=${encodeURIComponent(path)}`)
      const asked = await provider.get(String(leaves))
      const done = await provider.submit(asked, {
        identifier: `${who}@bella-napoli.example`,
        password: PASSWORD,
      })
      if (!done.leaves) throw new Error(`still at the provider: ${textOf(done.html)}`)
      const landed = await visitor.get(done.leaves)
      return { visitor, provider, landed, read: async (to) => textOf((await visitor.get(to)).html) }
    },
    async stop() {
      for (const front of open) await front.close()
      await house.stop()
    },
  }
}

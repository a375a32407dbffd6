/**
 * The app of the dining room. Guests book, look after their bookings and pay; the staff see their shifts and say when
 * they can work. It keeps nothing but who is signed in: everything else it asks the restaurant's API for, with the
 * access token of the person who asks.
 */
import { readFileSync } from 'node:fs'
import { createWebApp, type WebApp, type WebAppOptions } from '../web/web-app.ts'
import { addAvailabilityRoutes } from './availability.ts'
import { addBookRoutes } from './book.ts'
import { addBookingRoutes } from './bookings.ts'
import { addHomeRoutes } from './home.ts'
import { addShiftRoutes } from './shifts.ts'

export type StartFrontOfHouse = Omit<WebAppOptions, 'name' | 'clientId' | 'nav' | 'css' | 'routes'>

const css = readFileSync(new URL('./front-of-house.css', import.meta.url), 'utf8')

const places = [
  { permission: 'bookings.own', href: '/book', label: 'Book a table' },
  { permission: 'bookings.own', href: '/bookings', label: 'Your bookings' },
  { permission: 'shifts.read', href: '/shifts', label: 'Your shifts' },
  { permission: 'availability.own', href: '/availability', label: 'Your times' },
]

/** @throws when the port is taken or the provider does not answer; the API may come later */
export function startFrontOfHouse(o: StartFrontOfHouse): Promise<WebApp> {
  return createWebApp({
    apiUrl: 'http://localhost:3003/api',
    ...o,
    name: 'Bella Napoli – Front of house',
    clientId: 'front-of-house',
    css,
    nav: (permissions) => places.filter(({ permission }) => permissions.includes(permission)),
    routes(router, tools) {
      addHomeRoutes(router, tools)
      addBookRoutes(router, tools)
      addBookingRoutes(router, tools)
      addShiftRoutes(router, tools)
      addAvailabilityRoutes(router, tools)
    },
  })
}

/** The app of the dining room: tables, guests, bookings. */
import { createDutiesApp, type DutiesAppOptions } from '../web/duties-app.ts'
import type { WebApp } from '../web/web-app.ts'

export function startFrontOfHouse(
  o: Omit<DutiesAppOptions, 'name' | 'duties' | 'clientId'>,
): Promise<WebApp> {
  return createDutiesApp({
    ...o,
    name: 'Bella Napoli – Front of house',
    clientId: 'front-of-house',
    duties: {
      owner: ['See and change every booking', 'Open and close days', 'See what the evening brought in'],
      manager: ['See and change every booking', 'Give tables to waiters', 'Open and close days'],
      waiter: ['See the bookings of today', 'Seat guests and take their orders'],
      customer: ['Book a table', 'Change or cancel your own bookings'],
    },
  })
}

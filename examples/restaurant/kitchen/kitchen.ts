/**
 * The screen in the kitchen. It shows what each role may do there and has no orders: what it is here for is a second
 * app, into which people come without a second password.
 */
import { createDutiesApp, type DutiesAppOptions } from '../web/duties-app.ts'
import type { WebApp } from '../web/web-app.ts'

export function startKitchen(o: Omit<DutiesAppOptions, 'name' | 'duties' | 'clientId'>): Promise<WebApp> {
  return createDutiesApp({
    ...o,
    name: 'Bella Napoli – Kitchen display',
    clientId: 'kitchen-display',
    // A customer signs in with the same account and finds nothing here: the role decides, not the app's address.
    duties: {
      owner: ['See every order', 'Take dishes off the menu', 'Change the menu'],
      manager: ['See every order', 'Take dishes off the menu'],
      waiter: ['See the orders of your tables', 'Mark a dish as served'],
      chef: ['See every order', 'Mark a dish as cooked'],
    },
  })
}

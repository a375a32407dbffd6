/** The screen in the kitchen: what has to be cooked, and for which table. */
import { createRestaurantApp, type RestaurantApp, type RestaurantAppOptions } from '../web/app.ts'

type Start = Omit<RestaurantAppOptions, 'name' | 'duties' | 'clientId'>

export function startKitchen(o: Start): Promise<RestaurantApp> {
  return createRestaurantApp({
    ...o,
    name: 'Bella Napoli – Kitchen display',
    clientId: 'kitchen-display',
    // A customer signs in with the same account and finds nothing here: the role decides, not the app's address.
    duties: {
      owner: ['See every order', 'Take dishes off the menu', 'Change the menu'],
      manager: ['See every order', 'Take dishes off the menu'],
      waiter: ['See the orders of your tables', 'Mark a dish as served'],
    },
  })
}

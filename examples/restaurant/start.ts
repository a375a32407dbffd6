/** Starts the apps of the restaurant, each on its own port, so that each knows where the others are. */

import { startFrontOfHouse } from './front-of-house/front-of-house.ts'
import { startKitchen } from './kitchen/kitchen.ts'
import type { WebApp } from './web/web-app.ts'

export interface Restaurant {
  frontOfHouse: WebApp
  kitchen: WebApp
  close(): Promise<void>
}

/** As `config/demo.yaml` has them, for the demo alone: a secret of yours comes from the environment. */
const DEMO_SECRETS = {
  frontOfHouse: 'demo-only-front-of-house-3f9ab07c61d24e58',
  kitchen: 'demo-only-kitchen-display-8c25e7d1904b6fa3',
}

/** The provider at `issuer` must be running. Port 0 takes any free one. */
export async function startRestaurant(o: {
  issuer: string
  ports?: { frontOfHouse: number; kitchen: number }
  secrets?: { frontOfHouse: string; kitchen: string }
  host?: string
  fetch?: typeof globalThis.fetch
}): Promise<Restaurant> {
  const { ports = { frontOfHouse: 3001, kitchen: 3002 }, secrets = DEMO_SECRETS, ...shared } = o
  const open: WebApp[] = []
  const close = async () => {
    await Promise.all(open.map((app) => app.close()))
  }
  const besides = (name: string) => () => open.filter((app) => app.name !== name)
  try {
    const frontOfHouse = await startFrontOfHouse({
      ...shared,
      port: ports.frontOfHouse,
      clientSecret: secrets.frontOfHouse,
      neighbours: besides('Bella Napoli – Front of house'),
    })
    open.push(frontOfHouse)
    const kitchen = await startKitchen({
      ...shared,
      port: ports.kitchen,
      clientSecret: secrets.kitchen,
      neighbours: besides('Bella Napoli – Kitchen display'),
    })
    open.push(kitchen)
    return { frontOfHouse, kitchen, close }
  } catch (error) {
    await close()
    throw error
  }
}

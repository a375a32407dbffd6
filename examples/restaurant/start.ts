/**
 * Starts the programs of the restaurant, each on its own port, so that each knows where the others are. They share
 * nothing else: any of them could run on another machine.
 */
import { join } from 'node:path'
import { type BackOfficeOptions, startBackOffice } from './back-office/back-office.ts'
import { type Place, restaurantPlace } from './back-office/place.ts'
import { startFrontOfHouse } from './front-of-house/front-of-house.ts'
import { startKitchen } from './kitchen/kitchen.ts'
import { type RotaProgram, startRota } from './rota/rota.ts'
import { startTablePlanner } from './table-planner/table-planner.ts'
import type { Neighbour } from './web/layout.ts'

export interface Program {
  name: string
  url: string
  close(): Promise<void>
}

export interface Restaurant {
  frontOfHouse: Program
  kitchen: Program
  backOffice: Program
  rota: RotaProgram
  tablePlanner: Program
  close(): Promise<void>
}

type Ports = Record<'frontOfHouse' | 'kitchen' | 'backOffice' | 'rota' | 'tablePlanner', number>

export interface RestaurantOptions {
  /** The provider, which must be running. */
  issuer: string
  /** Where the provider keeps what is its; the back office has a place of its own beside it. */
  place: Place
  /** 0 takes any free one. Default: 3001 to 3005. */
  ports?: Ports
  /** `smtp://…`, or a folder for `.eml` files. Default: where the provider of a demo has its own. */
  mailTo?: string
  /** `amqp://…` or `kafka://…` for what the back office does in the background. Default: its store is the queue. */
  queueUrl?: string | undefined
  host?: string
  fetch?: typeof globalThis.fetch
  now?: () => Date
  /** Of the back office. Default: warnings and errors, to standard output. */
  log?: NonNullable<BackOfficeOptions['log']>
}

/** Those after the provider's own. */
export function portsAfter(port: number): Ports {
  return {
    frontOfHouse: port + 1,
    kitchen: port + 2,
    backOffice: port + 3,
    rota: port + 4,
    tablePlanner: port + 5,
  }
}

/** As `config/demo.yaml` has them, for the demo alone: a secret of yours comes from the environment. */
const demoSecrets = {
  frontOfHouse: 'demo-only-front-of-house-3f9ab07c61d24e58',
  kitchen: 'demo-only-kitchen-display-8c25e7d1904b6fa3',
  backOffice: 'demo-only-back-office-b95d20f4e8137ac6',
  worker: 'demo-only-back-office-worker-47c0e9a6d15b832f',
  tablePlanner: 'demo-only-table-planner-e07d46b1c9523a8f',
}

/** Guests find nothing in the kitchen and in the back office. */
const staffRoles = ['owner', 'manager', 'waiter', 'chef']

export async function startRestaurant(o: RestaurantOptions): Promise<Restaurant> {
  const {
    ports = portsAfter(3000),
    place,
    mailTo = join(place.dataDir, 'mail'),
    log,
    queueUrl,
    ...shared
  } = o
  const open: Program[] = []
  const started = <P extends Program>(program: P): P => {
    open.push(program)
    return program
  }
  /** Whoever asks others is gone before they are. */
  const close = async () => {
    for (const program of open.splice(0).reverse()) await program.close()
  }
  // People click on these; the rota is for programs alone.
  const apps: Neighbour[] = []
  const besides = (name: string) => () => apps.filter((app) => app.name !== name)
  try {
    const rota = started(await startRota({ ...shared, port: ports.rota }))
    const backOffice = started(
      await startBackOffice({
        ...shared,
        ...restaurantPlace(place),
        port: ports.backOffice,
        clientId: 'back-office',
        clientSecret: demoSecrets.backOffice,
        rotaUrl: rota.url,
        worker: { clientId: 'back-office-worker', clientSecret: demoSecrets.worker },
        mailTo,
        queueUrl,
        ...(log && { log }),
        neighbours: besides('Bella Napoli – Back office'),
      }),
    )
    const apiUrl = `${backOffice.url}/api`
    const frontOfHouse = started(
      await startFrontOfHouse({
        ...shared,
        apiUrl,
        port: ports.frontOfHouse,
        clientSecret: demoSecrets.frontOfHouse,
        neighbours: besides('Bella Napoli – Front of house'),
      }),
    )
    const kitchen = started(
      await startKitchen({
        ...shared,
        port: ports.kitchen,
        clientSecret: demoSecrets.kitchen,
        neighbours: besides('Bella Napoli – Kitchen display'),
      }),
    )
    const tablePlanner = started(
      await startTablePlanner({
        ...shared,
        apiUrl,
        port: ports.tablePlanner,
        clientSecret: demoSecrets.tablePlanner,
      }),
    )
    const forStaff = (app: Program): Neighbour => ({ name: app.name, url: app.url, roles: staffRoles })
    apps.push(frontOfHouse, forStaff(backOffice), forStaff(kitchen))
    return { frontOfHouse, kitchen, backOffice, rota, tablePlanner, close }
  } catch (error) {
    await close()
    throw error
  }
}

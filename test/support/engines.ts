/**
 * The engines that a test of storage runs on: always the embedded one; MongoDB unless QUICK=1 or no mongod
 * can be had. With CI=true a missing mongod is a failure.
 */
import { rm } from 'node:fs/promises'
import { openStore, type Store, type StoreOptions } from '../../src/storage/storage.ts'
import { findMongod, sharedMongod } from './mongod.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Where a store lies. `env` hands it to a server process. */
export interface Place {
  readonly dataDir: string
  readonly mongodbUri: string | undefined
  readonly env: Readonly<Record<string, string>>
  remove(): Promise<void>
}

export interface Engine {
  readonly name: 'sqlite' | 'mongodb'
  /**
   * A place that nobody else uses, for a test that opens it more than once or in another process. On MongoDB in
   * the database that is given, else in a fresh one.
   */
  place(database?: string): Promise<Place>
  /** Opens a store at the place, or at a fresh one that goes when the store is closed. */
  open(options: OpenOptions, at?: Place): Promise<Store>
}

type OpenOptions = Pick<StoreOptions, 'collections'> &
  Partial<Pick<StoreOptions, 'migrations' | 'now' | 'log'>>

export function engines(): Engine[] {
  const sqlite = engine('sqlite', async () => undefined)
  if (process.env.QUICK === '1') return [sqlite]
  if (!findMongod()) {
    if (process.env.CI === 'true') throw new Error('No mongod: run `npm run test:tools`')
    return [sqlite]
  }
  return [sqlite, engine('mongodb', async () => (await sharedMongod()).freshUri())]
}

function engine(name: Engine['name'], freshUri: () => Promise<string | undefined>): Engine {
  async function place(database?: string): Promise<Place> {
    const mongodbUri = database ?? (await freshUri())
    const dataDir = await temporaryFolder('maitred-data-')
    return {
      dataDir,
      mongodbUri,
      env: { DATA_DIR: dataDir, ...(mongodbUri && { MONGODB_URI: mongodbUri }) },
      remove: async () => {
        await rm(dataDir, { recursive: true, force: true })
        if (mongodbUri) await (await sharedMongod()).drop(mongodbUri)
      },
    }
  }
  return {
    name,
    place,
    async open(options, at) {
      const { dataDir, mongodbUri, remove } = at ?? (await place())
      const store = await openStore({ now: () => new Date(), ...options, dataDir, mongodbUri })
      if (at) return store
      return {
        ...store,
        close: async () => {
          await store.close()
          await remove()
        },
      }
    },
  }
}

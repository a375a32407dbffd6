/** Where the back office of a demo keeps what it remembers: beside the provider's data, never among it. */
import { join } from 'node:path'
import { openStore, type Store } from 'maitred/storage'
import { backOfficeCollections } from './documents.ts'
import { migrations } from './migrations.ts'

export interface Place {
  /** The provider's data folder; the restaurant has one of its own in it. */
  dataDir: string
  /** The provider's database; the restaurant has one of its own beside it. */
  mongodbUri?: string | undefined
}

export function restaurantPlace({ dataDir, mongodbUri }: Place): Place {
  const folder = join(dataDir, 'restaurant')
  if (mongodbUri === undefined) return { dataDir: folder }
  const [, before = '', database = '', options = ''] =
    /^(mongodb(?:\+srv)?:\/\/[^/?]*)\/?([^?]*)(.*)$/.exec(mongodbUri) ?? []
  return { dataDir: folder, mongodbUri: `${before}/${database || 'maitred'}-restaurant${options}` }
}

export function openRestaurantStore(place: Place, now: () => Date): Promise<Store> {
  return openStore({ collections: backOfficeCollections, migrations, now, ...restaurantPlace(place) })
}

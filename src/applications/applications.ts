/**
 * The applications people sign in to, the APIs their tokens are for, and what people have allowed
 * them. It knows documents, not the protocol: `oidc` makes clients and grants of them.
 */
import { MaitredError } from '../errors.ts'
import { randomToken, sha256 } from '../keys/keys.ts'
import type { AnyCollectionSpec, Store } from '../storage/storage.ts'
import { type Api, apiCollection } from './api.ts'
import {
  type Application,
  applicationCollection,
  completeApplication,
  type NewApplication,
} from './application.ts'
import { type CachedCollection, cacheCollection } from './cache.ts'
import { consentCollection } from './consents.ts'

export type { Api } from './api.ts'
export { type Application, completeApplication, type NewApplication } from './application.ts'
export { type Allowed, type Consent, type Consents, createConsents } from './consents.ts'
export { isOrigin, isRedirectUri, isResource, isWebUri } from './uri.ts'

export const collections: readonly AnyCollectionSpec[] = [
  applicationCollection,
  apiCollection,
  consentCollection,
]

export interface Applications {
  /** The application, from the cache; the built-in ones are always there. */
  get(id: string): Promise<Application | undefined>
  list(): Promise<Application[]>
  /** Creates or replaces it; returns it as stored. */
  put(application: NewApplication, by: string): Promise<Application>
  remove(id: string): Promise<void>
  /** Makes a new secret (256 random bits); it can be read only here. */
  newSecret(id: string, by: string): Promise<string>
  /** Forgets what the cache holds of it. */
  forget(id: string): void
  stop(): Promise<void>
}

export interface Apis {
  get(uri: string): Promise<Api | undefined>
  list(): Promise<Api[]>
  put(api: Api): Promise<void>
  remove(uri: string): Promise<void>
  stop(): Promise<void>
}

export async function openApplications(options: {
  store: Store
  now: () => Date
  /** Applications that are part of Maitred itself; they cannot be changed. */
  builtIn: readonly Application[]
}): Promise<Applications> {
  const { store, now } = options
  const builtIn = new Map(options.builtIn.map((application) => [application._id, application]))
  const cached: CachedCollection<Application> = await cacheCollection(store, applicationCollection)

  async function get(id: string): Promise<Application | undefined> {
    return builtIn.get(id) ?? (await cached.get(id))
  }

  async function put(given: NewApplication, by: string): Promise<Application> {
    if (builtIn.has(given._id)) throw new MaitredError('conflict', { cause: `${given._id} is built in` })
    const before = await cached.get(given._id)
    const application = completeApplication(given, by, now())
    if (before) {
      application.version = before.version + 1
      application.createdAt = before.createdAt
      application.createdBy = before.createdBy
    }
    await cached.put(application)
    return application
  }

  return {
    get,
    put,
    list: async () => [...builtIn.values(), ...(await cached.list())],
    remove: (id) => cached.remove(id),
    async newSecret(id, by) {
      const application = await get(id)
      if (!application) throw new MaitredError('not_found', { cause: `no application ${id}` })
      const secret = randomToken()
      await put({ ...application, secretHash: sha256(secret) }, by)
      return secret
    },
    forget: (id) => cached.forget(id),
    stop: () => cached.stop(),
  }
}

export async function openApis(options: { store: Store; issuer: string }): Promise<Apis> {
  const own: Api = { _id: `${options.issuer}/api`, name: 'Maitred', scopes: [] }
  const cached = await cacheCollection(options.store, apiCollection)
  return {
    get: async (uri) => (await cached.get(uri)) ?? (uri === own._id ? own : undefined),
    list: () => cached.list(),
    put: (api) => cached.put(api),
    remove: (uri) => cached.remove(uri),
    stop: () => cached.stop(),
  }
}

/**
 * The applications people sign in to, the APIs their tokens are for, and what people have allowed
 * them. It knows documents, not the protocol: `oidc` makes clients and grants of them.
 */
import { MaitredError } from '../errors.ts'
import { randomToken, sha256 } from '../keys/keys.ts'
import {
  type AnyCollectionSpec,
  BatchError,
  type CachedCollection,
  cacheCollection,
  DuplicateKeyError,
  type Store,
  type Write,
} from '../storage/storage.ts'
import { type Api, apiCollection } from './api.ts'
import {
  type Application,
  applicationCollection,
  applicationSchema,
  completeApplication,
  type NewApplication,
} from './application.ts'
import { consentCollection } from './consents.ts'

export type { Api } from './api.ts'
export { type AppLink, appLink } from './app-link.ts'
export {
  type Application,
  completeApplication,
  DYNAMIC_REGISTRATION,
  isDynamic,
  type NewApplication,
} from './application.ts'
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
  /** Origins whose pages belong to an application that may use `POST /login`; read again only after a change. */
  loginOrigins(): Promise<ReadonlySet<string>>
  /** The algorithms that there are keys for: what `idTokenAlg` can be. */
  idTokenAlgorithms: readonly string[]
  /**
   * Creates or replaces it; returns it as stored.
   * @throws MaitredError `invalid_form` naming the field; `conflict` when it is built in, or others keep changing it
   */
  put(application: NewApplication, by: string): Promise<Application>
  /** As `put`, from what is stored: `next` is called again when another changed it meanwhile. */
  change(
    id: string,
    next: (before: Application | undefined) => NewApplication,
    by: string,
  ): Promise<Application>
  /** Takes along its tokens and what people allowed it. */
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

const ATTEMPTS = 5

export async function openApplications(options: {
  store: Store
  now: () => Date
  /** Applications that are part of Maitred itself; they cannot be changed. */
  builtIn: readonly Application[]
  idTokenAlgorithms: readonly string[]
  /** Takes back what was given out to an application that is no more, in the same batch. */
  endTokens(id: string): Write[]
}): Promise<Applications> {
  const { store, now, idTokenAlgorithms } = options
  const documents = store.collection(applicationCollection)
  const builtIn = new Map(options.builtIn.map((application) => [application._id, application]))
  const cached: CachedCollection<Application> = await cacheCollection(store, applicationCollection)

  async function get(id: string): Promise<Application | undefined> {
    return builtIn.get(id) ?? (await cached.get(id))
  }

  const change: Applications['change'] = async (id, next, by) => {
    if (builtIn.has(id)) throw new MaitredError('conflict', { cause: `${id} is built in` })
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const before = await documents.get(id)
      const given = next(before)
      requireKey(given)
      const application = completeApplication(given, by, now())
      if (before) {
        application.version = before.version + 1
        application.createdAt = before.createdAt
        application.createdBy = before.createdBy
      }
      const isWritten = await (before ? replace(before, application) : insert(application))
      cached.forget(id)
      if (isWritten) return application
    }
    throw new MaitredError('conflict', { cause: `others keep changing ${id}` })
  }

  function requireKey({ idTokenAlg }: NewApplication): void {
    if (idTokenAlg === undefined || idTokenAlgorithms.includes(idTokenAlg)) return
    const cause = `no key signs with ${idTokenAlg}; possible: ${idTokenAlgorithms.join(', ')}`
    throw new MaitredError('invalid_form', { fields: { idTokenAlg: 'error.field.invalid' }, cause })
  }

  async function insert(application: Application): Promise<boolean> {
    try {
      await documents.insert(application)
      return true
    } catch (error) {
      if (error instanceof DuplicateKeyError) return false
      throw error
    }
  }

  /** Not when another has written since: versions begin anew with an application that is made again. */
  async function replace({ _id, version, createdAt }: Application, next: Application): Promise<boolean> {
    const fields = Object.keys(applicationSchema.shape).filter((field) => field !== '_id')
    const $set = Object.fromEntries(fields.map((field) => [field, next[field as keyof Application]]))
    return (await documents.update({ _id, version, createdAt }, { $set })) !== undefined
  }

  return {
    get,
    change,
    idTokenAlgorithms,
    put: (given, by) => change(given._id, () => given, by),
    list: async () => [...builtIn.values(), ...(await cached.list())],
    loginOrigins: cached.remember(async () => {
      const all = await cached.list({ login: true, firstParty: true })
      return new Set(all.flatMap(({ origins }) => origins))
    }),
    async remove(id) {
      try {
        await store.batch([
          { in: applicationCollection, take: { _id: id } },
          { in: consentCollection, remove: { application: id } },
          ...options.endTokens(id),
        ])
      } catch (error) {
        // There is none.
        if (!(error instanceof BatchError) || error.index !== 0) throw error
      } finally {
        cached.forget(id)
      }
    },
    async newSecret(id, by) {
      const secret = randomToken()
      const secretHash = sha256(secret)
      const withSecret = (before: Application | undefined): NewApplication => {
        if (!before) throw new MaitredError('not_found', { cause: `no application ${id}` })
        return { ...before, secretHash }
      }
      await change(id, withSecret, by)
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

/**
 * Applications as the library's clients: made once for each that the cache holds, so that a request builds
 * none. Secrets are compared as hashes.
 */
import { timingSafeEqual } from 'node:crypto'
import type Provider from 'oidc-provider'
import type { Adapter } from 'oidc-provider'
import { type Application, type Applications, DYNAMIC_REGISTRATION } from '../applications/applications.ts'
import { sha256 } from '../keys/keys.ts'
import { fromClientMetadata, toClientMetadata } from './client-metadata.ts'

type Client = InstanceType<Provider['Client']>

const applicationOfClient = new WeakMap<object, Application>()

/** The application behind a client of ours. */
export function applicationOf(client: object): Application {
  const application = applicationOfClient.get(client)
  if (!application) throw new TypeError('a client that is no application')
  return application
}

/** Makes `provider` take its clients from `applications`. */
export function serveClients(provider: Provider, applications: Applications): void {
  const { Client } = provider
  const made = new WeakMap<Application, Client>()

  Client.find = async (id: string) => {
    if (typeof id !== 'string' || id === '') return undefined
    const application = await applications.get(id)
    if (!application) return undefined
    const known = made.get(application)
    if (known) return known
    // The library would refuse the scopes of APIs here; `resources.ts` holds the application to those.
    const { scope, ...metadata } = toClientMetadata(application)
    const client = new (Client as unknown as new (metadata: object) => Client)(metadata)
    // To the library no scope is every scope; what may ask for none has a list that names none.
    if (scope !== undefined) Object.assign(client, { scope: scope || ' ' })
    applicationOfClient.set(client, application)
    made.set(application, client)
    return client
  }

  Client.prototype.compareClientSecret = function compareClientSecret(this: Client, actual: string): boolean {
    const stored = Buffer.from(this.clientSecret ?? '')
    const given = Buffer.from(sha256(actual))
    return stored.length === given.length && timingSafeEqual(stored, given)
  }
}

/** Where dynamic registration keeps clients (RFC 7591, RFC 7592): as applications like all others. */
export function createClientAdapter(applications: Applications): Adapter {
  return {
    async upsert(id, payload) {
      await applications.change(id, (before) => fromClientMetadata(payload, before), DYNAMIC_REGISTRATION)
    },
    async find(id) {
      const application = await applications.get(id)
      return application && toClientMetadata(application)
    },
    destroy: (id) => applications.remove(id),
    async consume() {},
    async findByUid() {},
    async findByUserCode() {},
    async revokeByGrantId() {},
  }
}

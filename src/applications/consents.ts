/**
 * What a person has allowed an application, remembered apart from any session: each session makes a
 * fresh grant from it, so that a replayed token on one device ends that device only.
 */
import { z } from 'zod'
import { type Collection, defineCollection, type Store, type Write } from '../storage/storage.ts'

const consentSchema = z.strictObject({
  /** `<person>:<application>` */
  _id: z.string(),
  person: z.string(),
  application: z.string(),
  scopes: z.array(z.string()),
  claims: z.array(z.string()),
  resources: z.array(z.strictObject({ api: z.string(), scopes: z.array(z.string()) })),
  givenAt: z.date(),
})

export type Consent = z.infer<typeof consentSchema>
export type Allowed = Pick<Consent, 'scopes' | 'claims' | 'resources'>

export const consentCollection = defineCollection<Consent>({
  name: 'consents',
  schema: consentSchema,
  index: [['person'], ['application']],
})

export interface Consents {
  get(person: string, application: string): Promise<Consent | undefined>
  list(person: string): Promise<Consent[]>
  /** Adds to what was allowed before, as data for a batch. */
  allow(person: string, application: string, before: Consent | undefined, more: Allowed): Write
  withdraw(person: string, application: string): Write
  /** All of a person's, for a deleted account. */
  forget(person: string): Write
}

export function createConsents({ store, now }: { store: Store; now: () => Date }): Consents {
  const consents: Collection<Consent> = store.collection(consentCollection)
  return {
    get: (person, application) => consents.get(`${person}:${application}`),
    list: (person) => consents.find({ person }),
    allow: (person, application, before, more) => ({
      in: consentCollection,
      put: {
        _id: `${person}:${application}`,
        person,
        application,
        scopes: union(before?.scopes, more.scopes),
        claims: union(before?.claims, more.claims),
        resources: mergeResources(before?.resources ?? [], more.resources),
        givenAt: now(),
      } as Consent,
    }),
    withdraw: (person, application) => ({
      in: consentCollection,
      remove: { _id: `${person}:${application}` },
    }),
    forget: (person) => ({ in: consentCollection, remove: { person } }),
  }
}

function union(before: readonly string[] | undefined, more: readonly string[]): string[] {
  return [...new Set([...(before ?? []), ...more])]
}

function mergeResources(before: Consent['resources'], more: Consent['resources']): Consent['resources'] {
  const merged = new Map(before.map(({ api, scopes }) => [api, scopes]))
  for (const { api, scopes } of more) merged.set(api, union(merged.get(api), scopes))
  return [...merged].map(([api, scopes]) => ({ api, scopes }))
}

/** The rooms that a state file is applied to, on one engine, without a server. */

import { z } from 'zod'
import { collections as accountCollections, createAccounts } from '../../src/accounts/accounts.ts'
import { collections as adminCollections, createDesiredState, readDocument } from '../../src/admin/admin.ts'
import {
  collections as applicationCollections,
  openApis,
  openApplications,
} from '../../src/applications/applications.ts'
import { createEvents, collections as eventCollections, openRevocations } from '../../src/events/events.ts'
import { createVault, randomToken } from '../../src/keys/keys.ts'
import { openRoles, collections as orgCollections } from '../../src/orgs/orgs.ts'
import { builtInFactors } from '../../src/plugins/plugins.ts'
import { defineCollection } from '../../src/storage/storage.ts'
import type { Engine } from '../support/engines.ts'
import { rememberingHasher } from '../support/remembered-hashes.ts'

/** Stands for what the end of a session writes. */
const endedCollection = defineCollection({ name: 'ended', schema: z.strictObject({ _id: z.string() }) })

export type House = Awaited<ReturnType<typeof openHouse>>

export async function openHouse(engine: Engine) {
  const now = () => new Date()
  const store = await engine.open({
    collections: [
      ...accountCollections,
      ...orgCollections,
      ...applicationCollections,
      ...eventCollections,
      ...adminCollections,
      endedCollection,
    ],
  })
  const log = { warn() {}, error() {} }
  const vault = createVault([randomToken()])
  const hasher = rememberingHasher()
  const accounts = createAccounts({ store, hasher, now })
  const events = createEvents({ store, now })
  const revocations = await openRevocations({ store, now, log })
  const revoke = (kind: 'role' | 'person') => (id: string) =>
    revocations.revoke({ kind, id, expires: new Date(now().getTime() + 900_000) })
  const roles = await openRoles({ store, accounts, log, revoke: revoke('role') })
  const applications = await openApplications({
    store,
    now,
    builtIn: [],
    idTokenAlgorithms: ['ES256', 'RS256'],
    endTokens: () => [],
  })
  const apis = await openApis({ store, issuer: 'http://localhost:3000' })
  const [totp] = builtInFactors({ vault })
  const ended: string[] = []
  const desired = createDesiredState({
    store,
    accounts,
    roles,
    applications,
    apis,
    vault,
    hasher,
    events,
    totp,
    now,
    builtIn: ['account'],
    revokeTokens: revoke('person'),
    forgive: () => [],
    endSessions: async (person) => {
      ended.push(person)
      return [{ in: endedCollection, put: { _id: person } }]
    },
  })
  return {
    store,
    accounts,
    roles,
    applications,
    apis,
    totp,
    revocations,
    /** People whose sessions were ended. */
    ended,
    plan: (text: string) => desired.plan(readDocument(text)),
    apply: (text: string) => desired.apply(readDocument(text)),
    async close() {
      await Promise.all([roles.stop(), applications.stop(), apis.stop(), revocations.stop()])
      await store.close()
    },
  }
}

/** Maitred as it is served, with an application, a machine and people to sign in. */
import type { Hasher } from '../../src/accounts/accounts.ts'
import { createApp } from '../../src/app.ts'
import { compileEarly } from '../../src/cli/compile-early.ts'
import { letHashesGiveWay } from '../../src/cli/give-way.ts'
import { createLog } from '../../src/cli/log.ts'
import { loadConfig } from '../../src/config.ts'
import { answerParent } from './answer-parent.ts'
import { API, CALLBACK, PASSWORD, PEOPLE } from './cast.ts'

const { BENCH_PORT: PORT = '0', BENCH_KIND: kind, PATH: __, ...place } = process.env
const env = {
  ...place,
  PORT,
  ISSUER: `http://localhost:${PORT}`,
  // Callers have an address each, as behind a balancer: attempts are counted by address.
  TRUSTED_PROXIES: '127.0.0.0/8',
}
const loaded = await loadConfig({ env, cwd: process.cwd() })
// As the library beside it: what RSA costs would hide the difference.
const config = { ...loaded, algorithms: { ...loaded.algorithms, idToken: 'ES256' as const } }
/** What a sign-in costs beside its hash shows best without one: two hashes at once slow down all the rest. */
const hashless: Hasher = {
  hash: async (password) => `none$${password}`,
  verify: async (hash, password) => hash === `none$${password}`,
  knows: (hash) => hash.startsWith('none$'),
  needsRehash: () => false,
  stop() {},
}
compileEarly()
await letHashesGiveWay()
const app = await createApp({
  config,
  log: createLog(),
  now: () => new Date(),
  ...(kind === 'hashless' && { hasher: hashless }),
})
const { accounts, applications, apis, hasher, roles } = app

await roles.put({
  _id: 'waiter',
  title: 'Waiter',
  permissions: [{ api: API, names: ['shifts.read', 'bookings.read'] }],
  mfa: false,
})
await apis.put({ _id: API, name: 'Bookings', scopes: [] })
const web = { redirectUris: [CALLBACK], firstParty: true, api: API }
await applications.put({ _id: 'kitchen', name: 'Kitchen display', ...web }, 'bench')
await applications.put({ _id: 'lookup', name: 'Lookup', ...web }, 'bench')
await applications.put({ _id: 'robot', name: 'Robot', kind: 'machine', api: API }, 'bench')
const passwordHash = await hasher.hash(PASSWORD)
for (const email of PEOPLE) {
  const name = { firstName: 'Ada', lastName: 'Rossi' }
  const copies = roles.copy(['waiter'])
  await accounts.create({ email, emailVerified: true, ...name, passwordHash, roles: copies, by: 'bench' })
}
const secrets = {
  kitchen: await applications.newSecret('kitchen', 'bench'),
  lookup: await applications.newSecret('lookup', 'bench'),
  robot: await applications.newSecret('robot', 'bench'),
}

const listening = await app.listen()
const offer = { issuer: config.issuer, port: Number(PORT), secrets, people: PEOPLE, password: PASSWORD }
answerParent(offer, async () => {
  await listening.close()
  await app.close()
})

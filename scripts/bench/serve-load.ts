/** The provider of `restaurant-load.ts`: as many guests as it is asked for, in a process of its own. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHasher, type Hasher } from '../../src/accounts/accounts.ts'
import { createApp } from '../../src/app.ts'
import { createLog } from '../../src/cli/log.ts'
import { loadConfig } from '../../src/config.ts'
import { CALLBACK, PASSWORD } from './cast.ts'
import { AUDIENCE, guestOf } from './restaurant-cast.ts'
import type { Offer } from './subject.ts'

const [PORT = '0', people = '0'] = process.argv.slice(2)
const DATA_DIR = await mkdtemp(join(tmpdir(), 'maitred-load-'))
const env = {
  PORT,
  DATA_DIR,
  ISSUER: `http://localhost:${PORT}`,
  // Callers have an address each, as behind a balancer: attempts are counted by address.
  TRUSTED_PROXIES: '127.0.0.0/8',
}
const config = await loadConfig({ env, cwd: process.cwd() })

/** Ten thousand sign-ins to begin with would take the hash's time ten thousand times; those that are measured do. */
let inEarnest = false
const real = createHasher()
const hasher: Hasher = {
  ...real,
  verify: async (hash, password) => (inEarnest ? real.verify(hash, password) : password === PASSWORD),
}
const app = await createApp({ config, log: createLog(), now: () => new Date(), hasher })
const { accounts, apis, applications, roles } = app
await apis.put({ _id: AUDIENCE, name: 'Bella Napoli', scopes: [] })
await roles.put({
  _id: 'customer',
  title: 'Customer',
  permissions: [{ api: AUDIENCE, names: ['bookings.own'] }],
  mfa: false,
})
const web = { redirectUris: [CALLBACK], firstParty: true, api: AUDIENCE }
await applications.put({ _id: 'kitchen', name: 'Front of house', ...web }, 'bench')
const passwordHash = await real.hash(PASSWORD)
const emails: string[] = []
for (let n = 0; n < Number(people); n += 1) {
  const { sub: _id, email, firstName, lastName } = guestOf(n)
  emails.push(email)
  const copies = roles.copy(['customer'])
  const name = { firstName, lastName }
  await accounts.create({
    _id,
    email,
    emailVerified: true,
    ...name,
    passwordHash,
    roles: copies,
    by: 'bench',
  })
}
const kitchen = await applications.newSecret('kitchen', 'bench')

const listening = await app.listen()
process.on('message', () => {
  inEarnest = true
})
process.on('disconnect', async () => {
  await listening.close()
  await app.close()
  await rm(DATA_DIR, { recursive: true, force: true })
  process.exit(0)
})
process.send?.({
  issuer: config.issuer,
  port: Number(PORT),
  secrets: { kitchen, lookup: '', robot: '' },
  people: emails,
  password: PASSWORD,
} satisfies Offer)

import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { startBackOffice } from '../../examples/restaurant/back-office/back-office.ts'
import { type StaffMember, staff } from '../../examples/restaurant/back-office/documents.ts'
import { openRestaurantStore, restaurantPlace } from '../../examples/restaurant/back-office/place.ts'
import { startApp } from '../support/app.ts'
import { RESTAURANT_API } from '../support/back-office.ts'
import { engines } from '../support/engines.ts'
import { sharedMongod } from '../support/mongod.ts'
import { CALLBACK, PASSWORD, relyingParty, signIn } from '../support/restaurant.ts'

const root = join(import.meta.dirname, '../..')
type Item = Record<string, string>

for (const engine of engines()) {
  describe(`RF-9 the command that makes a chain of restaurants (${engine.name})`, function () {
    this.timeout(60_000)
    const cleanUp: (() => unknown)[] = []
    let said: string[]
    let owners: StaffMember[]
    /** Asks the back office's API as this member of the staff, who signed in at Maitred. */
    let ask: (who: StaffMember, path: string) => Promise<{ status: number; body: { items: Item[] } & Item }>

    before(async () => {
      const maitred = await startApp(engine)
      cleanUp.push(() => maitred.stop())
      const { dataDir, mongodbUri } = maitred.config
      const place = { dataDir, mongodbUri }
      const { mongodbUri: beside } = restaurantPlace(place)
      if (beside) cleanUp.push(async () => (await sharedMongod()).drop(beside))
      const env = { ...process.env, DATA_DIR: dataDir, MONGODB_URI: mongodbUri }
      const seed = ['run', '--silent', 'demo:seed', '--', '--restaurants', '3', '--customers', '4']
      said = []
      for (let time = 0; time < 2; time += 1)
        said.push((await promisify(execFile)('npm', seed, { cwd: root, env })).stdout)

      const now = () => new Date()
      const store = await openRestaurantStore(place, now)
      cleanUp.push(() => store.close())
      owners = await store.collection(staff).find({ job: 'owner' }, { sort: { field: '_id', order: 'asc' } })

      const { apis, roles, applications, accounts } = maitred
      await apis.put({ _id: RESTAURANT_API, name: 'Bella Napoli', scopes: [] })
      const names = ['customers.read', 'transactions.read', 'bookings.read']
      await roles.put({
        _id: 'owner',
        title: 'Owner',
        permissions: [{ api: RESTAURANT_API, names }],
        mfa: false,
      })
      const office = { _id: 'office', name: 'Office', firstParty: true, redirectUris: [CALLBACK] }
      await applications.put({ ...office, api: RESTAURANT_API }, 'test')
      const party = await relyingParty(maitred, 'office', await applications.newSecret('office', 'test'))
      const tokens = new Map<string, string>()
      for (const { _id, email, firstName, lastName } of owners) {
        const name = { firstName, lastName, email, emailVerified: true, password: PASSWORD }
        await accounts.create({ ...name, roles: roles.copy(['owner']), by: 'test' })
        const { tokens: theirs } = await signIn(maitred, party, { identifier: email })
        tokens.set(_id, theirs.access_token)
      }

      const log = { info: () => {}, warn: () => {}, error: () => {} }
      const backOffice = await startBackOffice({ issuer: maitred.url, port: 0, dataDir: '', store, log })
      cleanUp.push(() => backOffice.close())
      ask = async ({ _id }, path) => {
        const headers = { Authorization: `Bearer ${tokens.get(_id)}` }
        const answer = await fetch(`${backOffice.url}/api${path}`, { headers })
        return { status: answer.status, body: await answer.json() }
      }
    })
    after(async () => {
      for (const step of cleanUp.splice(0).reverse()) await step()
    })

    it('says how many it made, and makes none again', () => {
      expect(said[0]).to.match(/3 restaurants made; there are 3\.\n$/)
      expect(said[1]).to.match(/0 restaurants made; there are 3\.\n$/)
    })

    it('gives each restaurant its customers, whom its owner sees and no other', async () => {
      expect(owners.map(({ restaurant }) => restaurant)).to.deep.equal(['milano', 'napoli', 'roma'])
      const seen = new Set<string>()
      for (const owner of owners) {
        const { status, body } = await ask(owner, '/customers?limit=100')
        expect(status).to.equal(200)
        expect(body.items).to.have.length(4)
        for (const { id = '' } of body.items) seen.add(id)
        expect((await ask(owner, `/customers/${owner.restaurant}-c1`)).status).to.equal(200)
        const [stranger] = owners.filter(({ restaurant }) => restaurant !== owner.restaurant)
        expect((await ask(owner, `/customers/${stranger?.restaurant}-c1`)).status).to.equal(404)
      }
      expect(seen.size).to.equal(12)
    })

    it('gives each restaurant bills of its own customers, and bookings', async () => {
      for (const owner of owners) {
        const bills = await ask(owner, '/transactions?limit=20')
        expect(bills.status).to.equal(200)
        expect(bills.body.items).to.have.length(20)
        const [bill] = bills.body.items.filter(({ customer }) => customer)
        expect((await ask(owner, `/customers/${bill?.customer}`)).body.id).to.equal(bill?.customer)
        expect((await ask(owner, '/bookings')).body.items).to.not.have.length(0)
      }
    })
  })
}

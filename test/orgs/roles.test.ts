import { expect } from 'chai'
import { z } from 'zod'
import {
  type Accounts,
  collections as accountCollections,
  createAccounts,
  type Hasher,
  type Person,
} from '../../src/accounts/accounts.ts'
import { MaitredError } from '../../src/errors.ts'
import { openRoles, collections as orgCollections, type Role, type Roles } from '../../src/orgs/orgs.ts'
import { defineCollection, type Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'
import { until } from '../support/until.ts'

/** Where the entries go that revoke tokens; the real ones are of the room above. */
const revoked = defineCollection({
  name: 'revokedRoles',
  schema: z.strictObject({ _id: z.string(), n: z.number() }),
})
const collections = [...accountCollections, ...orgCollections, revoked]
const orders = 'https://orders.example'

for (const engine of engines()) {
  describe(`RF-10 roles and their copies (${engine.name})`, () => {
    const now = () => new Date('2030-01-01')
    let store: Store
    let accounts: Accounts
    let roles: Roles
    let opened: Roles[]

    before(async function () {
      this.timeout(60_000)
      store = await engine.open({ collections, now })
      accounts = createAccounts({ store, hasher: {} as Hasher, now })
    })
    after(() => store.close())
    beforeEach(async () => {
      for (const spec of collections) await store.collection(spec).remove({})
      opened = []
      roles = await open()
    })
    afterEach(async () => {
      for (const one of opened) await one.stop()
    })

    async function open(over: Partial<Accounts> = {}): Promise<Roles> {
      const one = await openRoles({
        store,
        accounts: { ...accounts, ...over },
        revoke: (role) => ({
          in: revoked,
          update: { _id: role },
          change: { $inc: { n: 1 } },
          insert: Object.assign({ _id: role }, { n: 1 }),
        }),
        log: { error: () => {} },
      })
      opened.push(one)
      return one
    }

    const waiter = (names: string[], more: Partial<Role> = {}): Omit<Role, 'version'> => ({
      _id: 'waiter',
      title: 'Waiter',
      permissions: [{ api: orders, names }],
      mfa: false,
      ...more,
    })

    const holder = (...ids: string[]): Promise<Person> => accounts.create({ roles: roles.copy(ids) })
    const revocations = async (id = 'waiter') => (await store.collection(revoked).get(id))?.n ?? 0

    async function reread(person: Person): Promise<Person> {
      const found = await accounts.find(person._id)
      if (!found) throw new Error('the person is gone')
      return found
    }

    it('reach every person who embeds one, beyond a page of them', async () => {
      await roles.put(waiter(['orders.read']))
      await roles.put({ _id: 'cook', title: 'Cook', permissions: [], mfa: false })
      const holders = await Promise.all(Array.from({ length: 230 }, () => holder('cook', 'waiter')))
      const cook = await holder('cook')
      await roles.put(waiter(['orders.read', 'orders.write'], { mfa: true }))
      await roles.settled()
      for (const person of holders) {
        expect((await reread(person)).roles).deep.equal([
          { id: 'cook', version: 1, permissions: [], mfa: false },
          {
            id: 'waiter',
            version: 2,
            permissions: [{ api: orders, names: ['orders.read', 'orders.write'] }],
            mfa: true,
          },
        ])
      }
      expect(await reread(cook)).deep.equal(cook)
    })

    it('are fresh at once for whoever decides, before any copy is', async () => {
      await roles.put(waiter(['orders.read']))
      const person = await holder('waiter')
      await roles.put(waiter(['orders.write'], { mfa: true }))
      expect(roles.effective(person).permissionsFor(orders)).deep.equal(['orders.write'])
      expect(roles.effective(person).mfa).equal(true)
    })

    it('are fresh in another process by its watch', async () => {
      const other = await open()
      await roles.put(waiter(['orders.read']))
      await until(() => expect(other.get('waiter')).deep.equal({ ...waiter(['orders.read']), version: 1 }))
      await roles.put(waiter(['orders.write']))
      await until(() => expect(other.get('waiter')?.version).equal(2))
      expect(other.list()).deep.equal(roles.list())
    })

    it('are the person’s copy where it is newer than what this process knows', async () => {
      const copy = {
        id: 'waiter',
        version: 9,
        permissions: [{ api: orders, names: ['orders.pay'] }],
        mfa: false,
      }
      expect(roles.effective({ roles: [copy] }).permissionsFor(orders)).deep.equal(['orders.pay'])
      await roles.put(waiter(['orders.read']))
      expect(roles.effective({ roles: [copy] }).permissionsFor(orders)).deep.equal(['orders.pay'])
    })

    it('revoke what carries them once for each change of what they allow, and for nothing else', async () => {
      await roles.put(waiter(['orders.read']))
      expect(await revocations()).equal(0)
      await roles.put(waiter(['orders.read']))
      await roles.put(waiter(['orders.read'], { title: 'Server', description: 'Carries plates' }))
      expect(roles.get('waiter')).deep.include({ title: 'Server', description: 'Carries plates', version: 1 })
      await roles.put(waiter(['orders.read']))
      expect(roles.get('waiter')).deep.equal({ ...waiter(['orders.read']), version: 1 })
      expect(await revocations()).equal(0)
      await roles.put(waiter(['orders.write']))
      expect(roles.get('waiter')?.version).equal(2)
      expect(await revocations()).equal(1)
    })

    it('are not lost when two change one at once', async () => {
      const other = await open()
      await roles.put(waiter([]))
      await Promise.all([roles.put(waiter(['a'])), other.put(waiter(['b'])), roles.put(waiter(['c']))])
      await until(() => expect(roles.get('waiter')?.version).equal(4))
      await until(() => expect(other.get('waiter')).deep.equal(roles.get('waiter')))
      expect(await revocations()).equal(3)
    })

    it('are brought further by the next start when a process ended in the middle', async () => {
      await roles.put(waiter(['orders.read']))
      const people = await Promise.all(Array.from({ length: 120 }, () => holder('waiter')))
      let left = 50
      const dying = await open({
        async setRoles(...args) {
          if (left-- <= 0) throw new Error('the power went out')
          return accounts.setRoles(...args)
        },
      })
      await dying.put(waiter(['orders.write']))
      await dying.settled()
      const versions = async () =>
        (await Promise.all(people.map(reread))).map(({ roles: [copy] }) => copy?.version)
      expect(await versions()).include(1)
      const next = await open()
      await next.settled()
      expect(new Set(await versions())).deep.equal(new Set([2]))
    })

    it('do not undo what else happens to the person at the same time', async () => {
      await roles.put(waiter(['orders.read']))
      const person = await holder('waiter')
      await roles.put(waiter(['orders.write']))
      for (let i = 0; i < 10; i++) await accounts.change(person._id, {}, { $set: { firstName: `Ada ${i}` } })
      await until(async () =>
        expect(await accounts.setRoles(await reread(person), [], 'admin')).not.equal(undefined),
      )
      await roles.settled()
      expect(await reread(person)).deep.include({ firstName: 'Ada 9', roles: [], updatedBy: 'admin' })
    })

    it('leave no trace on the person of who copied them', async () => {
      await roles.put(waiter(['orders.read']))
      const person = await accounts.create({ roles: roles.copy(['waiter']), by: 'admin' })
      await roles.put(waiter(['orders.write']))
      await roles.settled()
      const { updatedAt, updatedBy } = await reread(person)
      expect({ updatedAt, updatedBy }).deep.equal({ updatedAt: person.updatedAt, updatedBy: 'admin' })
    })

    it('that are removed are taken from everybody, at once and in the documents', async () => {
      await roles.put(waiter(['orders.read'], { mfa: true }))
      const person = await holder('waiter')
      await roles.remove('waiter')
      expect(roles.effective(person)).deep.include({ roles: [], mfa: false })
      expect(roles.get('waiter')).equal(undefined)
      expect(roles.list()).deep.equal([])
      await roles.settled()
      expect((await reread(person)).roles).deep.equal([])
      expect(await revocations()).equal(1)
      await roles.remove('waiter')
      await roles.remove('nobody')
      expect(await revocations()).equal(1)
    })

    it('that are made again find no holders from before', async () => {
      await roles.put(waiter(['orders.read']))
      const person = await holder('waiter')
      await roles.remove('waiter')
      await roles.put(waiter(['orders.read']))
      await roles.settled()
      expect((await reread(person)).roles).deep.equal([])
      expect(roles.get('waiter')?.version).equal(3)
    })
  })

  describe(`roles as they are asked (${engine.name})`, () => {
    let store: Store
    let roles: Roles

    before(async function () {
      this.timeout(60_000)
      const now = () => new Date('2030-01-01')
      store = await engine.open({ collections, now })
      const accounts = createAccounts({ store, hasher: {} as Hasher, now })
      const revoke = () => ({ in: revoked, remove: {} })
      roles = await openRoles({ store, accounts, revoke, log: { error: () => {} } })
    })
    after(async () => {
      await roles.stop()
      await store.close()
    })

    it('give the permissions for one API, and those for all, each once', async () => {
      await roles.put({ _id: 'a', title: 'A', permissions: [{ api: '*', names: ['menu.read'] }], mfa: false })
      await roles.put({
        _id: 'b',
        title: 'B',
        permissions: [
          { api: orders, names: ['orders.write', 'menu.read'] },
          { api: 'https://pay.example', names: ['pay'] },
        ],
        mfa: false,
      })
      const effective = roles.effective({ roles: roles.copy(['b', 'a', 'b']) })
      expect(effective.roles).deep.equal(['b', 'a'])
      expect(effective.permissionsFor(orders)).deep.equal(['menu.read', 'orders.write'])
      expect(effective.permissionsFor('https://else.example')).deep.equal(['menu.read'])
      expect(roles.effective({ roles: [] }).permissionsFor(orders)).deep.equal([])
    })

    it('are refused beside their field when they do not exist or hold too much', async () => {
      expect(() => roles.copy(['nobody']))
        .throw(MaitredError)
        .include({ code: 'invalid_form' })
      const wrong: Partial<Role>[] = [
        { _id: 'has space' },
        { title: '' },
        { permissions: [{ api: orders, names: Array.from({ length: 201 }, (_, i) => `p${i}`) }] },
      ]
      for (const part of wrong) {
        const error = await roles
          .put({ _id: 'x', title: 'X', permissions: [], mfa: false, ...part })
          .catch((thrown: unknown) => thrown)
        expect(error).instanceOf(MaitredError)
        expect((error as MaitredError).fields).deep.equal({
          [Object.keys(part)[0] ?? '']: 'error.field.invalid',
        })
      }
    })
  })
}

import argon2 from 'argon2'
import { expect } from 'chai'
import { z } from 'zod'
import {
  type Accounts,
  collections,
  createAccounts,
  createHasher,
  createTickets,
  IdentifierTakenError,
  type Person,
  type Tickets,
} from '../../src/accounts/accounts.ts'
import { MaitredError } from '../../src/errors.ts'
import { BatchError, defineCollection, type Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const notes = defineCollection({ name: 'notes', schema: z.strictObject({ _id: z.string() }) })
const note = (_id: string) => ({ in: notes, insert: { _id } })

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

for (const engine of engines()) {
  describe(`people (${engine.name})`, () => {
    let store: Store
    let accounts: Accounts
    let tickets: Tickets
    let clock = Date.parse('2030-01-01')
    const now = () => new Date(clock)
    const hasher = createHasher({ maxWaitMs: 60_000 })

    before(async function () {
      this.timeout(60_000)
      store = await engine.open({ collections: [...collections, notes], now })
    })
    after(async () => {
      hasher.stop()
      await store.close()
    })
    beforeEach(async () => {
      clock = Date.parse('2030-01-01')
      for (const spec of [...collections, notes]) await store.collection(spec).remove({})
      accounts = createAccounts({ store, hasher, now })
      tickets = createTickets({ store, now })
    })

    const ada = (): Promise<Person> =>
      accounts.create({ email: 'Ada@Example.org', username: 'ada', phone: '+49 30 1234567' })

    describe('UM-1 identifiers', () => {
      it('find the person in any spelling', async () => {
        const { _id } = await ada()
        for (const typed of ['ada@example.org', ' ADA@EXAMPLE.ORG', 'Ada', '0049 30 1234567']) {
          expect((await accounts.findByIdentifier(typed))?._id, typed).equal(_id)
        }
        for (const typed of ['', 'eve', 'eve@example.org', '+4930', 'a@b@c', '\0']) {
          expect(await accounts.findByIdentifier(typed), typed).equal(undefined)
        }
      })

      it('belong to one person', async () => {
        await ada()
        for (const [kind, taken] of Object.entries({
          email: 'ADA@example.org',
          username: 'Ada',
          phone: '+49301234567',
        })) {
          const error = await failure(
            accounts.create({ email: 'eve@example.org', [kind]: taken }, [note('eve')]),
          )
          expect(error).instanceOf(IdentifierTakenError)
          expect((error as MaitredError).fields).deep.equal({ [kind]: 'error.field.taken' })
        }
        expect(await accounts.findByIdentifier('eve@example.org')).equal(undefined)
        expect(await store.collection(notes).count({})).equal(0)
      })

      it('belong to one of 50 who sign up at once', async () => {
        const outcomes = await Promise.all(
          Array.from({ length: 50 }, () => failure(accounts.create({ email: 'ada@example.org' }))),
        )
        expect(outcomes.filter((error) => error === undefined)).length(1)
        expect(outcomes.filter((error) => error instanceof IdentifierTakenError)).length(49)
      })

      it('are free again when they are given up, and after the person has gone', async () => {
        const person = await ada()
        const moved = await accounts.changeIdentifiers(person, { username: 'lovelace', phone: null })
        expect(moved).include({ username: 'lovelace', email: 'ada@example.org' })
        expect(moved).not.property('phone')
        await accounts.create({ username: 'ada', phone: '+49301234567' })
        await accounts.remove(moved)
        await accounts.create({ username: 'lovelace', email: 'ada@example.org' })
      })

      it('do not move to where somebody is, or when they moved in the meantime', async () => {
        const person = await ada()
        await accounts.create({ email: 'eve@example.org' })
        const taken = await failure(accounts.changeEmail(person, 'eve@example.org', [note('a')]))
        expect(taken).instanceOf(IdentifierTakenError)
        await accounts.changeEmail(person, 'countess@example.org')
        const late = await failure(accounts.changeEmail(person, 'lovelace@example.org', [note('b')]))
        expect(late).instanceOf(MaitredError).include({ code: 'conflict' })
        expect((await accounts.find(person._id))?.email).equal('countess@example.org')
        expect(await accounts.findByIdentifier('lovelace@example.org')).equal(undefined)
        expect(await store.collection(notes).count({})).equal(0)
      })

      it('are refused beside their field when they are none', async () => {
        const wrong = await failure(accounts.create({ email: 'ada@evil.org@example.org' }))
        expect(wrong).instanceOf(MaitredError)
        expect((wrong as MaitredError).fields).deep.equal({ email: 'error.field.email' })
      })
    })

    describe('AA-4 the profile', () => {
      it('has names, address, phone number and date of birth, and who wrote it when', async () => {
        const profile = {
          firstName: 'Ada',
          lastName: 'Lovelace',
          address: { street: 'St James’s Square 12', city: 'London', postalCode: 'SW1Y', country: 'GB' },
          birthdate: '1815-12-10',
          phone: '+44201234567',
        }
        const person = await accounts.create({ ...profile, by: 'admin' })
        expect(await accounts.find(person._id)).deep.equal(person)
        expect(person).deep.include({ ...profile, createdBy: 'admin', updatedBy: 'admin', createdAt: now() })
        clock += 1_000
        const changed = await accounts.change(
          person._id,
          {},
          { $set: { firstName: 'Augusta' }, $unset: { birthdate: true } },
        )
        expect(changed).deep.include({
          firstName: 'Augusta',
          updatedBy: person._id,
          updatedAt: now(),
          createdBy: 'admin',
        })
        expect(changed).not.property('birthdate')
        const byAdmin = await accounts.change(
          person._id,
          {},
          { $set: { lastName: 'King', updatedBy: 'admin' } },
        )
        expect(byAdmin?.updatedBy).equal('admin')
      })

      it('refuses what is no date, no name or no status', async () => {
        const wrong = { birthdate: '1815-02-30', firstName: 'Ada\r\nBcc: eve', status: 'root' as 'active' }
        for (const [field, value] of Object.entries(wrong)) {
          const error = await failure(accounts.create({ [field]: value }))
          expect((error as MaitredError).fields).deep.equal({ [field]: 'error.field.invalid' })
        }
      })

      it('changes only while the guard holds, with all that goes with it', async () => {
        const person = await ada()
        const guard = { status: 'waiting' }
        expect(await accounts.change(person._id, guard, { $set: { status: 'active' } }, [note('a')])).equal(
          undefined,
        )
        expect(await accounts.change(person._id, {}, { $set: { status: 'disabled' } }, [note('b')])).include({
          status: 'disabled',
        })
        expect(await store.collection(notes).find({})).deep.equal([{ _id: 'b' }])
      })

      it('says which of the other writes failed', async () => {
        const person = await ada()
        const also = [note('a'), tickets.takeWrite('reset', 'unknown')]
        for (const work of [
          () => accounts.change(person._id, {}, { $set: { mfa: true } }, also),
          () => accounts.create({ email: 'eve@example.org' }, also),
          () => accounts.setPassword(person, 'x', also),
          () => accounts.changeEmail(person, 'eve@example.org', also),
        ]) {
          expect(await failure(work()))
            .instanceOf(BatchError)
            .include({ index: 1 })
        }
        expect(await accounts.find(person._id)).deep.equal(person)
      })

      it('is not the way to change what has a second place', async () => {
        const person = await ada()
        for (const field of ['email', 'phone', 'roles', 'password.hash', 'revision']) {
          const error = await failure(accounts.change(person._id, {}, { $set: { [field]: 'x' } }))
          expect(error, field).instanceOf(MaitredError).include({ code: 'internal' })
        }
      })
    })

    describe('SB-5 passwords', () => {
      it('are checked, and set anew', async () => {
        const person = await accounts.create({ email: 'ada@example.org', password: 'tavern lemon horse' })
        expect(person.password?.hash).match(/^\$argon2id\$/)
        expect(await accounts.checkPassword(person, 'tavern lemon horse')).equal(true)
        expect(await accounts.checkPassword(person, 'tavern lemon horsE')).equal(false)
        clock += 1_000
        const changed = await accounts.setPassword(person, 'harbour window seven')
        expect(changed.password?.changedAt).deep.equal(now())
        expect(await accounts.checkPassword(changed, 'tavern lemon horse')).equal(false)
        expect(await accounts.checkPassword(changed, 'harbour window seven')).equal(true)
      })

      it('cost the same work for a person who does not exist or has none', async () => {
        const nobody = await accounts.create({ email: 'ada@example.org' })
        const verified: string[] = []
        const watching = {
          ...hasher,
          verify(hash: string, password: string) {
            verified.push(hash)
            return hasher.verify(hash, password)
          },
        }
        const watched = createAccounts({ store, hasher: watching, now })
        expect(await watched.checkPassword(undefined, 'tavern lemon horse')).equal(false)
        expect(await watched.checkPassword(nobody, 'tavern lemon horse')).equal(false)
        expect(verified).length(2)
        for (const hash of verified)
          expect(hash).match(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/)
      })

      it('are refused as hashes that nobody could verify', async () => {
        const person = await ada()
        const hash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'
        for (const work of [
          () => accounts.create({ email: 'eve@example.org', passwordHash: hash }),
          () => accounts.setPasswordHash(person, hash),
        ]) {
          const error = await failure(work())
          expect((error as MaitredError).fields).deep.equal({ passwordHash: 'error.field.invalid' })
        }
      })

      it('are hashed again at the next sign-in when the parameters were others', async () => {
        const weak = await argon2.hash('tavern lemon horse', {
          type: argon2.argon2id,
          memoryCost: 8_192,
          timeCost: 2,
          parallelism: 1,
        })
        const person = await accounts.create({ email: 'ada@example.org', passwordHash: weak })
        expect(await accounts.checkPassword(person, 'tavern lemon hors')).equal(false)
        expect((await accounts.find(person._id))?.password?.hash).equal(weak)
        expect(await accounts.checkPassword(person, 'tavern lemon horse')).equal(true)
        const upgraded = await accounts.find(person._id)
        expect(upgraded?.password?.hash).contain('m=19456')
        expect(upgraded?.password?.changedAt).deep.equal(person.password?.changedAt)
        expect(await accounts.checkPassword(upgraded, 'tavern lemon horse')).equal(true)
      })
    })

    describe('AA-7 a changed secret voids what was mailed before', () => {
      async function issued(person: Person) {
        const of = (['reset', 'verify', 'change-email', 'admin-invite'] as const).map((purpose) => ({
          purpose,
          ...tickets.issue({ purpose, person: person._id, ttlSeconds: 60 }),
        }))
        await store.batch(of.flatMap(({ writes }) => writes))
        return async () => {
          const alive = await Promise.all(of.map(({ purpose, token }) => tickets.peek(purpose, token)))
          return alive.flatMap((ticket) => (ticket ? [ticket.purpose] : []))
        }
      }

      it('a password the links that set one', async () => {
        const person = await ada()
        const alive = await issued(person)
        await accounts.setPassword(person, 'tavern lemon horse')
        expect(await alive()).deep.equal(['verify', 'change-email'])
      })

      it('an address all that went to the old one', async () => {
        const person = await ada()
        const alive = await issued(person)
        await accounts.changeIdentifiers(person, { username: 'countess' })
        expect(await alive()).length(4)
        const changed = await accounts.changeEmail(person, 'countess@example.org')
        expect(changed).include({ email: 'countess@example.org', emailVerified: true })
        expect(await alive()).deep.equal(['admin-invite'])
      })

      it('and the person’s end everything', async () => {
        const person = await ada()
        const alive = await issued(person)
        await accounts.remove(person, [note('a')])
        expect(await alive()).deep.equal([])
        expect(await accounts.find(person._id)).equal(undefined)
        for (const spec of collections) expect(await store.collection(spec).count({}), spec.name).equal(0)
        expect(await failure(accounts.remove(person)))
          .instanceOf(MaitredError)
          .include({ code: 'not_found' })
      })
    })

    describe('DC-3 one document for one person', () => {
      it('a sign-in reads that one: the person, with password, factors and roles in it', async () => {
        const role = {
          id: 'waiter',
          version: 1,
          permissions: [{ api: '*', names: ['orders.read'] }],
          mfa: false,
        }
        await accounts.create({ email: 'ada@example.org', password: 'tavern lemon horse', roles: [role] })
        const reads: string[] = []
        const counting: Store = {
          ...store,
          collection(spec) {
            const real = store.collection(spec)
            return {
              ...real,
              get(id) {
                reads.push(`${spec.name}.get`)
                return real.get(id)
              },
              find(match, options) {
                reads.push(`${spec.name}.find`)
                return real.find(match, options)
              },
            }
          },
        }
        const counted = createAccounts({ store: counting, hasher, now })
        const person = await counted.findByIdentifier('ada@example.org')
        expect(await counted.checkPassword(person, 'tavern lemon horse')).equal(true)
        expect(person?.roles).deep.equal([role])
        expect(reads).deep.equal(['people.find'])
      })
    })
  })
}

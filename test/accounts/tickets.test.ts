import { expect } from 'chai'
import {
  collections,
  createTickets,
  type TicketPurpose,
  type Tickets,
  voidTickets,
} from '../../src/accounts/accounts.ts'
import { sha256 } from '../../src/keys/keys.ts'
import { BatchError, type Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

for (const engine of engines()) {
  describe(`AA-7 tickets (${engine.name})`, () => {
    let store: Store
    let tickets: Tickets
    let clock = Date.parse('2030-01-01')
    const now = () => new Date(clock)

    before(async function () {
      this.timeout(60_000)
      store = await engine.open({ collections, now })
      tickets = createTickets({ store, now })
    })
    after(() => store.close())

    async function issue(
      person: string,
      purpose: TicketPurpose = 'reset',
      replaces = false,
    ): Promise<string> {
      const { token, writes } = tickets.issue({
        purpose,
        person,
        data: { to: 'ada@example.org' },
        ttlSeconds: 600,
        replaces,
      })
      await store.batch(writes)
      return token
    }

    it('are 256 random bits, of which only the SHA-256 lies at rest', async () => {
      const token = await issue('a')
      expect(token).match(/^[\w-]{43}$/)
      const [spec] = collections.filter(({ name }) => name === 'tickets')
      if (!spec) throw new Error('the collection has another name')
      const stored = JSON.stringify(await store.collection(spec).find({ person: 'a' }))
      expect(stored).contain(sha256(token)).not.contain(token)
    })

    it('may be looked at, and are used once', async () => {
      const token = await issue('b')
      expect(await tickets.peek('reset', token)).deep.include({
        person: 'b',
        data: { to: 'ada@example.org' },
      })
      expect(await tickets.peek('reset', token)).not.equal(undefined)
      expect(await tickets.take('reset', token)).deep.include({ person: 'b' })
      expect(await tickets.take('reset', token)).equal(undefined)
      expect(await tickets.peek('reset', token)).equal(undefined)
    })

    it('are taken by exactly one of 50', async () => {
      const token = await issue('c')
      const taken = await Promise.all(Array.from({ length: 50 }, () => tickets.take('reset', token)))
      expect(taken.filter(Boolean)).length(1)
    })

    it('guard a batch, of which exactly one of 20 succeeds', async () => {
      const token = await issue('d')
      const outcomes = await Promise.allSettled(
        Array.from({ length: 20 }, () => store.batch([tickets.takeWrite('reset', token)])),
      )
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).length(1)
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).instanceOf(BatchError)
    })

    it('serve their purpose only', async () => {
      const token = await issue('e', 'verify')
      expect(await tickets.peek('reset', token)).equal(undefined)
      expect(await tickets.take('reset', token)).equal(undefined)
      expect(await tickets.take('verify', token)).not.equal(undefined)
    })

    it('are the whole token or none', async () => {
      const token = await issue('f')
      for (const near of ['', token.slice(0, -1), `${token}A`, token.toLowerCase(), sha256(token)]) {
        expect(await tickets.take('reset', near), near).equal(undefined)
      }
    })

    it('expire', async () => {
      const token = await issue('g')
      clock += 599_000
      expect(await tickets.peek('reset', token)).not.equal(undefined)
      clock += 1_000
      expect(await tickets.peek('reset', token)).equal(undefined)
      expect(await tickets.take('reset', token)).equal(undefined)
      const late = store.batch([tickets.takeWrite('reset', token)])
      expect(await late.catch((error: unknown) => error)).instanceOf(BatchError)
    })

    it('void the older ones of the same person and purpose when they replace them', async () => {
      const older = await issue('h')
      const verify = await issue('h', 'verify')
      const other = await issue('i')
      const newer = await issue('h', 'reset', true)
      expect(await tickets.peek('reset', older)).equal(undefined)
      for (const alive of [
        tickets.peek('reset', newer),
        tickets.peek('verify', verify),
        tickets.peek('reset', other),
      ]) {
        expect(await alive).not.equal(undefined)
      }
    })

    it('are voided by a write', async () => {
      const [reset, verify] = [await issue('k'), await issue('k', 'verify')]
      await store.batch([voidTickets('k', ['reset'])])
      expect(await tickets.peek('reset', reset)).equal(undefined)
      expect(await tickets.peek('verify', verify)).not.equal(undefined)
      await store.batch([voidTickets('k')])
      expect(await tickets.peek('verify', verify)).equal(undefined)
    })
  })
}

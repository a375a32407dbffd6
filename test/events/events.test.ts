import { expect } from 'chai'
import { audit } from '../../src/events/audit.ts'
import { collections, createEvents, type Events, type NewEvent } from '../../src/events/events.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const origin = { ip: '203.0.113.9', device: 'Chrome on Windows', userAgent: 'Mozilla/5.0' }

for (const engine of engines()) {
  describe(`SB-7 the audit trail on ${engine.name}`, () => {
    let store: Store
    let events: Events
    let ahead = 0
    const now = () => new Date(Date.now() + ahead)

    before(async () => {
      store = await engine.open({ collections, now })
    })
    beforeEach(async () => {
      await store.collection(audit).remove({})
      events = createEvents({ store, now })
    })
    after(() => store.close())

    const record = (...all: NewEvent[]) => store.batch(all.map((event) => events.record(event)))
    const rows = () => store.collection(audit).find({})

    it('records who did what, when and from where, in the batch of the change', async () => {
      await record({
        type: 'role_changed',
        person: 'p1',
        actor: 'p2',
        application: 'pos',
        origin,
        detail: { role: 'manager' },
      })
      const [row] = await rows()
      expect(row).to.deep.include({ type: 'role_changed', person: 'p1', actor: 'p2', application: 'pos' })
      expect(row).to.deep.include({ origin, detail: { role: 'manager' } })
      expect(now().getTime() - (row?.at.getTime() ?? 0)).to.be.within(0, 5_000)
    })

    it('leaves no trace of what was rolled back', async () => {
      const failing = { in: audit, take: { _id: 'nobody' } }
      await store.batch([events.record({ type: 'sign_in', person: 'p1' }), failing]).catch(() => {})
      expect(await rows()).to.deep.equal([])
    })

    it('names nobody twice: one who acts for themselves is no actor', async () => {
      await record({ type: 'password_changed', person: 'p1', actor: 'p1' })
      expect((await rows())[0]).to.not.have.property('actor')
    })

    it('keeps the order of what happened in one millisecond', async () => {
      const types = ['sign_in', 'consent_given', 'session_ended', 'sign_out'] as const
      const at = now()
      const frozen = createEvents({ store, now: () => at })
      await store.batch(types.map((type) => frozen.record({ type, person: 'p1' })))
      const found = await store
        .collection(audit)
        .find({ person: 'p1' }, { sort: { field: 'at', order: 'asc' } })
      expect(found.map(({ type }) => type)).to.deep.equal(types)
    })

    it('lets go of a row after 400 days', async () => {
      await record({ type: 'sign_in', person: 'p1' })
      ahead += 399 * 86_400_000
      expect(await rows()).to.have.length(1)
      ahead += 2 * 86_400_000
      expect(await rows()).to.have.length(0)
    })

    describe('AA-6 the sign-in history', () => {
      it('tells time, address, device, outcome and method, the newest first', async () => {
        await record({ type: 'sign_in_failed', person: 'p1', origin, detail: { method: 'password' } })
        ahead += 1_000
        await record({ type: 'password_changed', person: 'p1', origin })
        await record({ type: 'sign_in', person: 'p2', origin })
        ahead += 1_000
        await record({ type: 'sign_in', person: 'p1', application: 'pos', origin, detail: { method: 'otp' } })
        const history = await events.history('p1')
        expect(history.map(({ outcome, method }) => [outcome, method])).to.deep.equal([
          ['success', 'otp'],
          ['failure', 'password'],
        ])
        expect(history[0]).to.deep.include({
          ip: origin.ip,
          device: origin.device,
          application: 'pos',
        })
        expect(history[0]?.at).to.be.above(history[1]?.at as Date)
      })

      it('is read in pages', async () => {
        for (let count = 0; count < 7; count += 1) {
          ahead += 1_000
          await record({ type: 'sign_in', person: 'p1', detail: { method: `${count}` } })
        }
        const pages: string[] = []
        let page = await events.history('p1', { limit: 3 })
        while (page.length > 0) {
          pages.push(page.map(({ method }) => method).join(''))
          page = await events.history('p1', { limit: 3, after: page.at(-1) })
        }
        expect(pages).to.deep.equal(['654', '321', '0'])
      })
    })

    describe('DC-19 after a deletion', () => {
      it('keeps what happened and the opaque id, and nothing more', async () => {
        const many = Array.from({ length: 450 }, () => ({ type: 'sign_in', person: 'p1', origin }) as const)
        await record(...many)
        await record({ type: 'role_changed', person: 'p2', actor: 'p1', origin, detail: { role: 'r' } })
        await record({ type: 'sign_in', person: 'p2', origin })
        await events.forget('p1')
        await events.forget('p1')
        const found = await rows()
        expect(found).to.have.length(452)
        const marked = found.filter((row) => row.person === 'p1' || row.actor === 'p1')
        expect(marked).to.have.length(451)
        for (const row of marked) {
          expect(row).to.not.have.any.keys('origin', 'detail')
          expect(row.at).to.be.a('date')
        }
        const other = found.find(({ person, type }) => person === 'p2' && type === 'sign_in')
        expect(other).to.deep.include({ origin })
      }).timeout(20_000)
    })
  })
}

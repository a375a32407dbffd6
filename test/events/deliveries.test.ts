import { expect } from 'chai'
import { collections, createDeliveries, type Deliveries, type Delivery } from '../../src/events/events.ts'
import type { Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const log = { info() {}, warn() {}, error() {} }

for (const engine of engines()) {
  describe(`DC-5 deliveries to other programs on ${engine.name}`, () => {
    let store: Store
    let ahead = 0
    const now = () => new Date(Date.now() + ahead)

    before(async () => {
      store = await engine.open({ collections, now })
    })
    after(() => store.close())

    function open(send: (delivery: Delivery & { id: string }) => Promise<void>): Deliveries {
      return createDeliveries({ store, now, log, send })
    }

    it('hands over what ends, once', async () => {
      const sent: Delivery[] = []
      const deliveries = open(async (delivery) => void sent.push(delivery))
      await store.batch([
        deliveries.write({ kind: 'backchannel_logout', clientId: 'pos', sub: 'p1', sid: 's1' }),
        deliveries.write({ kind: 'backchannel_logout', clientId: 'kds', sid: 's2' }),
      ])
      await deliveries.pass()
      await deliveries.pass()
      expect(sent.map(({ clientId, sub, sid }) => [clientId, sub, sid])).to.have.deep.members([
        ['pos', 'p1', 's1'],
        ['kds', undefined, 's2'],
      ])
    })

    it('tries five times within ten minutes under one id, then gives up visibly', async () => {
      const tries: { id: string; at: number }[] = []
      const began = now().getTime()
      const deliveries = open(async ({ id }) => {
        tries.push({ id, at: now().getTime() - began })
        throw new Error('503 from the receiver')
      })
      await store.batch([deliveries.write({ kind: 'backchannel_logout', clientId: 'pos', sub: 'p1' })])
      for (let second = 0; second < 1_200; second += 5) {
        await deliveries.pass()
        ahead += 5_000
      }
      expect(tries).to.have.length(5)
      expect(new Set(tries.map(({ id }) => id)).size).to.equal(1)
      expect(tries[1]?.at).to.be.below(15_000)
      expect(tries[4]?.at).to.be.below(600_000)
      const [dead] = await deliveries.dead()
      expect(dead).to.include({ about: 'backchannel_logout', attempts: 5, failure: '503 from the receiver' })
    }).timeout(60_000)

    it('does not let one receiver that is down hold up the others', async () => {
      const sent: string[] = []
      const deliveries = open(async ({ clientId }) => {
        if (clientId === 'down') throw new Error('no answer')
        sent.push(clientId)
      })
      const ids = ['down', 'a', 'down', 'b', 'down', 'c']
      await store.batch(ids.map((clientId) => deliveries.write({ kind: 'backchannel_logout', clientId })))
      await deliveries.pass()
      expect(sent.sort()).to.deep.equal(['a', 'b', 'c'])
    })
  })
}

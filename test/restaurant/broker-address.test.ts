import { expect } from 'chai'
import { openBroker } from '../../examples/restaurant/back-office/queue/open-broker.ts'
import { keepingLog } from './rota-place.ts'

describe('RF-8 the address of a broker', () => {
  for (const address of [
    'kafka://me:not-the-password@localhost:9092',
    'kafka://localhost:9092/topic',
    'kafka://localhost:9092?ssl=true',
    'redis://me:not-the-password@localhost',
    'nonsense',
  ]) {
    it(`is refused when it says what nobody heeds, without repeating it: ${address}`, async () => {
      const refused = await openBroker(address, { now: () => new Date(), log: keepingLog() })
        .then(() => undefined)
        .catch((error: unknown) => error)
      expect(refused).to.be.instanceOf(TypeError)
      expect(String(refused)).not.to.include('not-the-password')
    })
  }
})

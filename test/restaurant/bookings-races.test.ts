import { expect } from 'chai'
import { type BackOfficeHouse, openBackOffice, type PersonName } from '../support/back-office.ts'
import { type Engine, engines } from '../support/engines.ts'

/** An engine whose next two batches, once told so, begin when both are there: both have read the same. */
function meeting(engine: Engine): { engine: Engine; meet(): void } {
  let waiting: (() => void)[] | undefined
  return {
    meet() {
      waiting = []
    },
    engine: {
      ...engine,
      async open(options, at) {
        const store = await engine.open(options, at)
        return {
          ...store,
          async batch(writes) {
            const others = waiting
            if (others?.length === 0) await new Promise<void>((resolve) => others.push(resolve))
            else if (others) {
              waiting = undefined
              for (const go of others) go()
            }
            await store.batch(writes)
          },
        }
      },
    },
  }
}

for (const real of engines()) {
  describe(`RF-5 two who decide on the same state (${real.name})`, function () {
    this.timeout(30_000)
    const { engine, meet } = meeting(real)
    let house: BackOfficeHouse

    before(async () => {
      house = await openBackOffice(engine)
      // Their first call links the staff, which is no batch of ours.
      for (const who of ['bruno', 'carla'] as const) await house.call(who, 'GET', '/me')
    })
    after(() => house?.stop())

    async function both(who: PersonName, path: string, bodies: [object, object]): Promise<number[]> {
      meet()
      const answers = await Promise.all(bodies.map((body) => house.call(who, 'POST', path, { body })))
      return answers.map(({ status }) => status).sort()
    }

    it('give a guest one table at a time', async () => {
      const at = (hour: number) => new Date(Date.now() + (48 + hour) * 3_600_000).toISOString()
      const booking = { restaurant: 'napoli', name: 'Dario Greco', guests: 2 }
      // The first two also make the customer, once.
      for (const day of [0, 24, 48]) {
        const bodies: [object, object] = [
          { ...booking, at: at(day) },
          { ...booking, at: at(day + 1) },
        ]
        expect(await both('dario', '/bookings', bodies)).to.deep.equal([201, 422])
      }
      const apart: [object, object] = [
        { ...booking, at: at(72) },
        { ...booking, at: at(75) },
      ]
      expect(await both('dario', '/bookings', apart)).to.deep.equal([201, 201])
    })

    it('give somebody of the staff one shift at a time', async () => {
      const shift = { day: '2026-11-16', to: '23:00', job: 'waiter', staff: 'staff-carla' }
      const bodies: [object, object] = [
        { ...shift, from: '17:00' },
        { ...shift, from: '18:00' },
      ]
      expect(await both('bruno', '/shifts', bodies)).to.deep.equal([201, 422])
    })
  })
}

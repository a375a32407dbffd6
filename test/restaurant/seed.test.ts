import { expect } from 'chai'
import {
  backOfficeCollections,
  bookings,
  customers,
  days,
  restaurants,
  shifts,
  staff,
  transactions,
} from '../../examples/restaurant/back-office/documents.ts'
import { migrations } from '../../examples/restaurant/back-office/migrations.ts'
import { openRestaurantStore, restaurantPlace } from '../../examples/restaurant/back-office/place.ts'
import { rebuildSummaries } from '../../examples/restaurant/back-office/rebuild-summaries.ts'
import { demoCustomers, demoSizes, demoStaff, seedDemo } from '../../examples/restaurant/seed/demo.ts'
import { createProgress } from '../../examples/restaurant/seed/progress.ts'
import { seedRestaurants } from '../../examples/restaurant/seed/seed.ts'
import type { AnyCollectionSpec, Store } from '../../src/storage/storage.ts'
import { engines } from '../support/engines.ts'

const now = new Date('2026-11-21T16:00:00Z')
const guest = { sub: 'dario-sub', email: 'dario@guests.example', firstName: 'Dario', lastName: 'Greco' }

async function everything(store: Store): Promise<unknown[]> {
  const all = backOfficeCollections.map(async (spec: AnyCollectionSpec) => {
    const found = []
    let page: { _id: string }[] = []
    do {
      const last: string = page.at(-1)?._id ?? ''
      page = await store.collection(spec).find({ _id: { $gt: last } }, { limit: 1_000 })
      found.push(...page)
    } while (page.length === 1_000)
    return found
  })
  return Promise.all(all)
}

for (const engine of engines()) {
  describe(`DC-5 the year that the demo begins with (${engine.name})`, function () {
    this.timeout(60_000)
    const open = () => engine.open({ collections: backOfficeCollections, migrations })
    const small = { now, sizes: [400, 60], customers: 20, known: demoStaff }
    let store: Store

    before(async () => {
      store = await open()
      await seedRestaurants({ store, ...small })
    })
    after(() => store?.close())

    it('has summaries that agree with its transactions', async () => {
      expect(await rebuildSummaries(store)).to.include({ changed: 0 })
    })

    it('is the same in another store, and a second time', async () => {
      const other = await open()
      try {
        expect(await seedRestaurants({ store: other, ...small })).to.equal(2)
        const once = await everything(other)
        expect(await seedRestaurants({ store: other, ...small })).to.equal(0)
        expect(await everything(other)).to.deep.equal(once)
        expect(await everything(store)).to.deep.equal(once)
      } finally {
        await other.close()
      }
    })

    it('is finished when it was interrupted', async () => {
      const other = await open()
      try {
        let batches = 0
        const batch: Store['batch'] = async (writes) => {
          batches += 1
          if (batches > 1) throw new Error('pulled the plug')
          await other.batch(writes)
        }
        const broken = seedRestaurants({ store: { ...other, batch }, ...small })
        await broken.then(
          () => expect.fail('it went on'),
          (error: Error) => expect(error.message).to.equal('pulled the plug'),
        )
        expect(await other.collection(restaurants).count({})).to.equal(0)
        await seedRestaurants({ store: other, ...small })
        expect(await everything(other)).to.deep.equal(await everything(store))
      } finally {
        await other.close()
      }
    })

    it('is full on Saturdays and empty on Mondays', async () => {
      const all = await store.collection(days).find({ restaurant: 'napoli' })
      const on = (wanted: number) => {
        const some = all.filter(({ weekday }) => weekday === wanted)
        return some.reduce((sum, { total }) => sum + total, 0)
      }
      expect(on(6)).to.be.above(1.5 * on(1))
      expect(all.at(0)?.day).to.equal('2025-11-22')
      // On a quiet day of so small a restaurant nobody may have come yet.
      expect(all.at(-1)?.day).to.be.oneOf(['2026-11-20', '2026-11-21'])
    })

    it('has nothing of the future but bookings and shifts', async () => {
      expect(await store.collection(transactions).count({ at: { $gt: now } })).to.equal(0)
      const coming = { restaurant: 'napoli', at: { $gt: now }, status: { $in: ['booked', 'cancelled'] } }
      expect(await store.collection(bookings).count(coming)).to.be.above(5)
      expect(
        await store.collection(shifts).count({ restaurant: 'napoli', staff: { $exists: true } }),
      ).to.be.above(10)
      const open = { restaurant: 'napoli', staff: { $exists: false }, day: { $gte: '2026-11-23' } }
      expect(await store.collection(shifts).count(open)).to.equal(7 * 8)
    })

    it('has the people of the demo among its staff, whom nobody has been yet', async () => {
      for (const { email, job } of demoStaff) {
        const [found] = await store.collection(staff).find({ email })
        expect(found).to.include({ job, restaurant: 'napoli', active: true }).and.not.have.property('sub')
      }
    })

    it('gets the days that have gone by when it is started again', async () => {
      const later = new Date('2026-12-11T16:00:00Z')
      const other = await open()
      try {
        await seedRestaurants({ store: other, ...small })
        const [sale] = await other.collection(transactions).find({ restaurant: 'napoli' }, { limit: 1 })
        await other.collection(staff).update({ _id: 'napoli-s5' }, { $set: { active: false } })
        for (let time = 0; time < 2; time += 1) {
          expect(await seedRestaurants({ store: other, ...small, now: later })).to.equal(0)
          const since = { restaurant: 'napoli', day: { $gt: '2026-11-21' } }
          const made = await other.collection(transactions).find(since)
          expect(made.map(({ day }) => day)).to.include.members(['2026-11-27', '2026-12-05', '2026-12-08'])
          expect(made.map((one) => one.staff)).to.not.include('napoli-s5')
          expect(await other.collection(transactions).get(sale?._id ?? '')).to.deep.equal(sale)
          expect(await rebuildSummaries(other)).to.include({ changed: 0 })
          const nextWeek = { restaurant: 'napoli', day: { $gte: '2026-12-14', $lte: '2026-12-20' } }
          expect(await other.collection(shifts).count(nextWeek)).to.equal(7 * 8)
          const coming = { restaurant: 'napoli', at: { $gt: later }, status: 'booked' }
          expect(await other.collection(bookings).count(coming)).to.be.above(5)
        }
      } finally {
        await other.close()
      }
    })

    it('ends the tables whose evening is over, the same way each time', async () => {
      const later = new Date('2026-11-29T16:00:00Z')
      const ended = async () => {
        const other = await open()
        try {
          await seedRestaurants({ store: other, ...small })
          // Somebody has worked with this one: it is theirs to end.
          const [touched] = await other.collection(bookings).find({ status: 'booked' }, { limit: 1 })
          await other
            .collection(bookings)
            .update({ _id: touched?._id ?? '' }, { $set: { version: 2, at: now } })
          for (const at of [new Date('2026-11-22T16:00:00Z'), later, later])
            await seedRestaurants({ store: other, ...small, now: at })
          const over = await other
            .collection(bookings)
            .find({ at: { $lt: new Date(later.getTime() - 4 * 3_600_000) } })
          expect(over.filter(({ status }) => status === 'booked').map(({ _id }) => _id)).to.deep.equal([
            touched?._id,
          ])
          for (const { transaction, status } of over)
            if (status === 'paid')
              expect(await other.collection(transactions).get(transaction ?? '')).to.have.property('paidAt')
          expect(over.filter(({ note }) => note === 'Nobody came')).to.have.length.above(0)
          expect(await rebuildSummaries(other)).to.include({ changed: 0 })
          return await everything(other)
        } finally {
          await other.close()
        }
      }
      expect(await ended()).to.deep.equal(await ended())
    })

    it('gives a guest a past once, and keeps the summaries right', async () => {
      const place = await engine.place()
      try {
        const demo = { place, guest, now: () => now, sizes: [60, 40] }
        const begun: string[] = []
        for (let time = 0; time < 2; time += 1)
          await seedDemo({ ...demo, onBegin: () => begun.push('begun') })
        expect(begun).to.have.length(1)
        const kept = await openRestaurantStore(place, () => now)
        try {
          const mine = await kept.collection(bookings).find({ sub: guest.sub })
          const statuses = ['billed', 'booked', 'booked', 'paid', 'paid']
          expect(mine.map(({ status }) => status).sort()).to.deep.equal(statuses)
          expect(await kept.collection(customers).count({ sub: guest.sub })).to.equal(2)
          expect(await rebuildSummaries(kept)).to.include({ changed: 0 })
        } finally {
          await kept.close()
        }
      } finally {
        await place.remove()
      }
    })
  })
}

describe('DC-5 the first start of the demo', () => {
  it('makes at most 5,000 transactions, whatever the day', async function () {
    this.timeout(60_000)
    for (const day of ['2026-02-28', '2027-08-15', '2028-02-29']) {
      let made = 0
      const batch: Store['batch'] = async (writes) => {
        made += writes.filter((write) => write.in === transactions).length
      }
      const collection = () => ({ get: async () => undefined })
      const store = { batch, collection } as unknown as Store
      await seedRestaurants({
        store,
        now: new Date(`${day}T20:00:00Z`),
        sizes: demoSizes,
        customers: demoCustomers,
      })
      expect(made).to.be.within(4_000, 5_000)
    }
  })

  it('keeps the restaurant apart from the provider', () => {
    const uris = {
      'mongodb://localhost:27017/?replicaSet=rs0':
        'mongodb://localhost:27017/maitred-restaurant?replicaSet=rs0',
      'mongodb://localhost:27017': 'mongodb://localhost:27017/maitred-restaurant',
      'mongodb://a:b@one,two/ids?x=/y': 'mongodb://a:b@one,two/ids-restaurant?x=/y',
      'mongodb+srv://host.example/ids': 'mongodb+srv://host.example/ids-restaurant',
    }
    for (const [mongodbUri, own] of Object.entries(uris))
      expect(restaurantPlace({ dataDir: '/data', mongodbUri })).to.include({ mongodbUri: own })
    expect(restaurantPlace({ dataDir: '/data' })).to.deep.equal({ dataDir: '/data/restaurant' })
  })
})

describe('DC-5 the progress of a larger seed', () => {
  function shown(terminal: { isTTY?: boolean; columns?: number }): string[] {
    const written: string[] = []
    const write = (text: string) => {
      written.push(text)
      return true
    }
    const progress = createProgress({ out: { write, ...terminal } as never, total: 20, what: 'restaurants' })
    for (let done = 0; done <= 20; done += 0.5) progress.show(done)
    progress.end()
    return written
  }

  it('is a bar on a terminal', () => {
    const bar = shown({ isTTY: true, columns: 40 })
    expect(bar[0]).to.equal('\r[----------------]  0 of 20 restaurants')
    expect(bar.at(-2)).to.equal('\r[################] 20 of 20 restaurants')
    expect(bar.at(-1)).to.equal('\n')
  })

  it('is a line for every tenth elsewhere', () => {
    expect(shown({})).to.have.length(11)
    expect(shown({}).at(-1)).to.equal('100 %, 20 of 20 restaurants\n')
  })
})

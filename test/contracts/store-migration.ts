/** The contract of migrations: in order, once, side by side, and again after a failure. */
import { expect } from 'chai'
import type { Migration, Store } from '../../src/storage/storage.ts'
import type { Place } from '../support/engines.ts'
import { type Bench, failure } from './store-bench.ts'
import { contractCollections, things } from './store-collections.ts'

export function migrationContract(bench: Bench): void {
  let place: Place
  const stores: Store[] = []
  const open = async (migrations: Migration[]) => {
    const store = await bench.engine.open({ collections: contractCollections, migrations }, place)
    stores.push(store)
    return store
  }

  beforeEach(async () => {
    place = await bench.engine.place()
  })
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()))
    await place.remove()
  })

  const noting = (ran: number[]): Migration[] =>
    [1, 2, 3].map((id) => ({
      id,
      title: `migration ${id}`,
      run: async () => {
        ran.push(id)
      },
    }))

  it('runs each once, in order, and only the new ones later', async () => {
    const ran: number[] = []
    await open(noting(ran).slice(0, 2))
    await open(noting(ran))
    await open(noting(ran))
    expect(ran).to.deep.equal([1, 2, 3])
  })

  it('changes what is there', async () => {
    const before = await open([])
    await before.collection(things).insert({ _id: 'a', title: 'old' })
    const after = await open([
      {
        id: 1,
        title: 'call everything new',
        run: async (store) => {
          const all = store.collection(things)
          for (const { _id } of await all.find({ title: 'old' }))
            await all.update({ _id, title: 'old' }, { $set: { title: 'new' } })
        },
      },
    ])
    expect((await after.collection(things).get('a'))?.title).to.equal('new')
  })

  it('lets four that start at once run each once', async () => {
    const ran: number[] = []
    let running = 0
    const slow = noting(ran).map(({ run, ...migration }) => ({
      ...migration,
      run: async (store: Store) => {
        running += 1
        expect(running).to.equal(1)
        await store.collection(things).find({})
        await new Promise((resolve) => setTimeout(resolve, 20))
        await run(store)
        running -= 1
      },
    }))
    await Promise.all([open(slow), open(slow), open(slow), open(slow)])
    expect(ran).to.deep.equal([1, 2, 3])
  })

  it('stops at one that fails, and begins there the next time', async () => {
    const ran: number[] = []
    const [first, second, third] = noting(ran) as [Migration, Migration, Migration]
    const broken: Migration = {
      ...second,
      run: async () => {
        throw new RangeError('not today')
      },
    }
    const error = await failure(open([first, broken, third]), Error)
    expect(error.message).to.contain('2').and.to.contain('migration 2')
    expect(error.cause).to.be.instanceOf(RangeError)
    expect(ran).to.deep.equal([1])
    await open([first, second, third])
    expect(ran).to.deep.equal([1, 2, 3])
  })

  it('refuses data that a newer program has changed', async () => {
    await open(noting([]))
    const error = await failure(open(noting([]).slice(0, 2)), Error)
    expect(error.message).to.contain('3')
  })

  it('refuses numbers that are not consecutive from 1', async () => {
    const [first, , third] = noting([]) as [Migration, Migration, Migration]
    await failure(open([first, third]), TypeError)
    await failure(open([third, first]), TypeError)
  })
}

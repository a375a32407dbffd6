/** The contract of whole documents: insert, put, get, and what the schema refuses. */
import { expect } from 'chai'
import { DuplicateKeyError, StoreUnavailableError } from '../../src/storage/storage.ts'
import { type Bench, failure } from './store-bench.ts'
import { contractCollections, type Thing, things } from './store-collections.ts'

export function documentContract(bench: Bench): void {
  it('gives back what was inserted, and undefined for an unknown id', async () => {
    const id = bench.name()
    await bench.things.insert({ _id: id, n: 1.5, title: 'Grüße 🍝 "quoted" \\', on: false, tags: [] })
    expect(await bench.things.get(id)).to.deep.equal({
      _id: id,
      n: 1.5,
      title: 'Grüße 🍝 "quoted" \\',
      on: false,
      tags: [],
    })
    expect(await bench.things.get(bench.name())).to.equal(undefined)
  })

  it('refuses a second document with the same id, also in the same turn', async () => {
    const id = bench.name()
    const outcomes = await Promise.allSettled([
      bench.things.insert({ _id: id, n: 1 }),
      bench.things.insert({ _id: id, n: 2 }),
    ])
    expect(outcomes.map((outcome) => outcome.status).sort()).to.deep.equal(['fulfilled', 'rejected'])
    const error = await failure(bench.things.insert({ _id: id, n: 3 }), DuplicateKeyError)
    expect(error.collection).to.equal('things')
    expect(error.code).to.equal('conflict')
  })

  it('puts a document whether or not its id exists, and replaces it whole', async () => {
    const id = bench.name()
    await bench.things.put({ _id: id, n: 1, title: 'first' })
    await bench.things.put({ _id: id, n: 2 })
    expect(await bench.things.get(id)).to.deep.equal({ _id: id, n: 2 })
  })

  it('keeps dates as dates, wherever the schema declares them', async () => {
    const at = new Date('2024-02-29T12:34:56.789Z')
    const early = new Date('1912-06-23T00:00:00.000Z')
    const document: Thing = {
      _id: bench.name(),
      at,
      title: '2024-02-29T12:34:56.789Z',
      place: { since: early },
      dates: [at, early],
      parts: [{ id: 'a', at }, { id: 'b' }],
      visits: { monday: at },
      proof: { kind: 'seen', at },
    }
    await bench.things.insert(document)
    expect(await bench.things.get(document._id)).to.deep.equal(document)

    const told: Thing = { _id: bench.name(), proof: { kind: 'told', at: '2024-02-29T12:34:56.789Z' } }
    await bench.things.insert(told)
    expect(await bench.things.get(told._id)).to.deep.equal(told)
  })

  it('lets undefined fields vanish, at any depth', async () => {
    const id = bench.name()
    await bench.things.insert({ _id: id, n: undefined, place: { city: undefined, floor: 1 } } as Thing)
    const found = await bench.things.get(id)
    expect(found).to.have.all.keys('_id', 'place')
    expect(found?.place).to.have.all.keys('floor')
  })

  it('keeps null where the schema allows it and no index looks', async () => {
    const id = bench.name()
    await bench.things.insert({ _id: id, remark: null, free: { nothing: null } })
    expect(await bench.things.get(id)).to.deep.equal({ _id: id, remark: null, free: { nothing: null } })
  })

  it('keeps free JSON as it is, whatever its keys are called', async () => {
    const free = {
      'https://example.com/claim': { essential: true, values: ['a', 1, null] },
      $comment: 'a dollar',
      'a.b': [[1], { c: {} }],
      date: '2024-02-29T12:34:56.789Z',
    }
    const id = bench.name()
    await bench.things.insert({ _id: id, free })
    expect((await bench.things.get(id))?.free).to.deep.equal(free)
  })

  it('drops fields that the schema does not know', async () => {
    const id = bench.name()
    await bench.things.insert({ _id: id, n: 1, unknown: 'x' } as Thing)
    expect(await bench.things.get(id)).to.deep.equal({ _id: id, n: 1 })
  })

  it('refuses a document that does not fit its schema and names the path', async () => {
    const wrong = { _id: bench.name(), place: { floor: 'ground' } } as unknown as Thing
    for (const attempt of [bench.things.insert(wrong), bench.things.put(wrong)]) {
      const error = await failure(attempt, TypeError)
      expect(error.message).to.contain('things').and.to.contain('place.floor')
    }
    await failure(bench.things.insert({ n: 1 } as Thing), TypeError)
    await failure(bench.things.insert({ _id: bench.name(), at: new Date(Number.NaN) }), TypeError)
    await failure(bench.things.insert({ _id: bench.name(), n: Number.NaN }), TypeError)
  })

  it('never repeats a secret of the document in the error', async () => {
    const wrong = { _id: bench.name(), n: 'hunter2' } as unknown as Thing
    const error = await failure(bench.things.insert(wrong), TypeError)
    expect(`${error.stack} ${JSON.stringify(error)}`).to.not.contain('hunter2')
  })

  it('gives out documents of their own: changing one changes nothing stored', async () => {
    const id = bench.name()
    const tags = ['a']
    const document = { _id: id, tags }
    const inserted = bench.things.insert(document)
    tags.push('too late')
    await inserted
    const found = await bench.things.get(id)
    found?.tags?.push('mine')
    expect((await bench.things.get(id))?.tags).to.deep.equal(['a'])

    const pushed = { deep: ['x'] }
    const changing = bench.things.update({ _id: id }, { $set: { free: pushed } })
    pushed.deep.push('too late')
    expect((await changing)?.free).to.deep.equal({ deep: ['x'] })
    expect((await bench.things.get(id))?.free).to.deep.equal({ deep: ['x'] })
  })

  it('keeps a document of half a megabyte', async () => {
    const id = bench.name()
    const title = 'ß'.repeat(256 * 1024)
    await bench.things.insert({ _id: id, title })
    expect((await bench.things.get(id))?.title).to.equal(title)
  })

  it('is there after closing and opening again, and refuses work once closed', async () => {
    const place = await bench.engine.place()
    try {
      const first = await bench.engine.open({ collections: contractCollections }, place)
      const unawaited = first.collection(things).insert({ _id: 'late', n: 1 })
      await first.close()
      await unawaited
      await failure(first.collection(things).get('late'), StoreUnavailableError)
      await failure(first.collection(things).insert({ _id: 'later' }), StoreUnavailableError)
      await failure(first.ping(), StoreUnavailableError)
      await first.close()

      const second = await bench.engine.open({ collections: contractCollections }, place)
      expect(await second.collection(things).get('late')).to.deep.equal({ _id: 'late', n: 1 })
      await second.ping()
      await second.close()
    } finally {
      await place.remove()
    }
  })

  it('refuses an id that is no string', async () => {
    for (const id of [undefined, null, 5, { $ne: '' }, ['a']])
      await failure(bench.things.get(id as unknown as string), TypeError)
  })

  it('refuses a collection that was not declared when it was opened', async () => {
    const other = { ...things, name: 'strangers' }
    expect(() => bench.store.collection(other)).to.throw(TypeError, 'strangers')
  })
}

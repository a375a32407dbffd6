import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { createWriter, type Writer } from '../../src/storage/sqlite/writer.ts'
import { StoreUnavailableError } from '../../src/storage/storage.ts'
import { failure } from '../contracts/store-bench.ts'

describe('the group commit of the embedded store', () => {
  let db: DatabaseSync
  let writer: Writer
  let commits: number
  let refusal: Error | undefined

  beforeEach(() => {
    db = new DatabaseSync(':memory:')
    db.exec('CREATE TABLE t (n INTEGER PRIMARY KEY, text TEXT)')
    commits = 0
    refusal = undefined
    writer = createWriter(
      db,
      () => {
        if (refusal) throw refusal
      },
      () => {
        commits += 1
      },
    )
  })
  afterEach(async () => {
    await writer.close()
    db.close()
  })

  const insert = (n: number, text = '') => db.prepare('INSERT INTO t VALUES (?, ?)').run(n, text).changes
  const numbers = () =>
    db
      .prepare('SELECT n FROM t ORDER BY n')
      .all()
      .map((row) => row.n)

  it('commits once for one turn, and once for three hundred writes of many', async () => {
    await Promise.all([1, 2, 3].map((n) => writer.write(() => insert(n))))
    expect(commits).to.equal(1)
    await Promise.all(Array.from({ length: 1_200 }, (_, n) => writer.write(() => insert(10 + n))))
    expect(commits).to.equal(5)
    expect(numbers()).to.have.length(1_203)
  })

  it('keeps the order in which writes were asked for', async () => {
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 1_200 }, (_, n) => writer.write(() => order.push(n), n % 7 === 0 ? 400 : 1)),
    )
    expect(order).to.deep.equal(order.map((_, n) => n))
  })

  it('lets one that throws fail alone, and undoes what a whole one did', async () => {
    const broken = () => {
      insert(5)
      throw new RangeError('no')
    }
    const outcomes = await Promise.allSettled([
      writer.write(() => insert(1)),
      writer.writeAll(broken, 2),
      writer.write(() => insert(1)),
      writer.writeAll(() => insert(2), 1),
    ])
    expect(outcomes.map((outcome) => outcome.status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ])
    expect(numbers()).to.deep.equal([1, 2])
  })

  it('fails every write of a block whose disk is full, and works again afterwards', async () => {
    await writer.write(() => insert(1))
    db.exec('PRAGMA max_page_count = 10')
    const outcomes = await Promise.allSettled([
      writer.write(() => insert(2)),
      writer.write(() => insert(3, 'x'.repeat(100_000))),
      writer.writeAll(() => insert(4), 1),
    ])
    for (const outcome of outcomes)
      expect(outcome.status === 'rejected' && outcome.reason).to.be.instanceOf(StoreUnavailableError)
    expect(numbers()).to.deep.equal([1])
    db.exec('PRAGMA max_page_count = 10000')
    await writer.write(() => insert(3, 'x'.repeat(100_000)))
    expect(numbers()).to.deep.equal([1, 3])
  })

  it('makes nothing of a block that is refused after its begin', async () => {
    refusal = new Error('not now')
    await failure(
      writer.write(() => insert(1)),
      StoreUnavailableError,
    )
    refusal = undefined
    await writer.write(() => insert(2))
    expect(numbers()).to.deep.equal([2])
  })

  it('finishes what was asked for when it closes, and refuses more', async () => {
    const writes = Array.from({ length: 700 }, (_, n) => writer.write(() => insert(n)))
    await writer.close()
    await Promise.all(writes)
    expect(numbers()).to.have.length(700)
    await failure(
      writer.write(() => insert(1_000)),
      StoreUnavailableError,
    )
  })
})

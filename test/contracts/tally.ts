import { expect } from 'chai'
import type { Tally } from '../../src/http/tally.ts'
import type { Write } from '../../src/storage/storage.ts'

export interface OpenedTally {
  tally: Tally
  /** Makes what the tally leaves for a batch. */
  batch(writes: readonly Write[]): Promise<void>
  close(): Promise<void>
}

/** What every place of counted attempts has to promise. `open` twice with one name opens the same counts. */
export function tallyContract(open: (now: () => Date, name: string) => Promise<OpenedTally>): void {
  let time: number
  let opened: OpenedTally
  let tally: Tally
  let names = 0
  const now = () => new Date(time)
  const raise = (id: string, below = 3, windowSeconds = 60) => ({ id, below, windowSeconds })
  const countOf = async (id: string) => (await tally.read([id])).get(id)?.count ?? 0

  beforeEach(async () => {
    time = Date.now()
    names += 1
    opened = await open(now, `tally-${names}`)
    tally = opened.tally
  })
  afterEach(() => opened.close())

  it('counts up to a bound, and says what is full and until when', async () => {
    for (let n = 0; n < 3; n += 1) expect(await tally.raise([raise('a')])).to.equal(undefined)
    expect(await tally.raise([raise('a')])).to.deep.equal({ id: 'a', expires: time + 60_000 })
    expect(await tally.raise([raise('a', 4)])).to.equal(undefined)
    expect(await tally.read(['a', 'b'])).to.deep.equal(new Map([['a', { count: 4, expires: time + 60_000 }]]))
  })

  it('begins anew when a window is over, which refused ones do not prolong', async () => {
    for (let n = 0; n < 3; n += 1) await tally.raise([raise('a')])
    time += 59_000
    expect(await tally.raise([raise('a')])).not.to.equal(undefined)
    time += 1_001
    expect(await countOf('a')).to.equal(0)
    expect(await tally.raise([raise('a')])).to.equal(undefined)
    expect((await tally.read(['a'])).get('a')).to.deep.equal({ count: 1, expires: time + 60_000 })
  })

  it('counts under all or under none', async () => {
    await tally.raise([raise('b', 1)])
    const full = await tally.raise([raise('a'), raise('b', 1), raise('c')])
    expect(full).to.deep.equal({ id: 'b', expires: time + 60_000 })
    expect([await countOf('a'), await countOf('c')]).to.deep.equal([0, 0])
  })

  it('forgets, and takes one back', async () => {
    for (const id of ['a', 'a', 'b', 'b']) await tally.raise([raise(id)])
    await opened.batch([...tally.reset('a'), ...tally.giveBack('b'), ...tally.giveBack('never')])
    expect([await countOf('a'), await countOf('b'), await countOf('never')]).to.deep.equal([0, 1, 0])
    for (let n = 0; n < 3; n += 1) expect(await tally.raise([raise('a')])).to.equal(undefined)
  })

  it('lets exactly so many of two hundred pass, whoever else counts there', async function () {
    this.timeout(30_000)
    const other = await open(now, `tally-${names}`)
    try {
      const raised = await Promise.all(
        Array.from({ length: 200 }, (_, n) =>
          (n % 2 ? other.tally : tally).raise([raise('a', 10), raise('b', 150)]),
        ),
      )
      expect(raised.filter((full) => full === undefined)).to.have.length(10)
      expect(await countOf('a')).to.equal(10)
      expect(await countOf('b')).to.equal(10)
    } finally {
      await other.close()
    }
  })
}

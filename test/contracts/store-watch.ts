/** The contract of watch: at least once, in order per document, resumable, from every process. */
import { type ChildProcess, spawn } from 'node:child_process'
import { expect } from 'chai'
import type { WatchEvent } from '../../src/storage/storage.ts'
import { type Bench, eventually, failure } from './store-bench.ts'
import { contractCollections, type Signal, signals, things } from './store-collections.ts'

type Event = WatchEvent<Signal>

export function watchContract(bench: Bench): void {
  const listen = async (after?: string) => {
    const events: Event[] = []
    const watching = await bench.store.watch(signals, after, (event) => events.push(event))
    const of = (id: string) => events.filter((event) => event.kind === 'change' && event.id === id)
    const last = (id: string) => of(id).at(-1) as Extract<Event, { kind: 'change' }> | undefined
    return { ...watching, events, of, last }
  }

  it('tells of inserts, changes and deletions, late by at most 500 ms', async () => {
    const watching = await listen()
    const id = bench.name()
    const at = new Date(1e12)
    await bench.signals.insert({ _id: id, n: 1, at })
    await eventually(() => watching.last(id)?.document?.n === 1, 500)
    expect(watching.last(id)?.document).to.deep.equal({ _id: id, n: 1, at })
    await bench.signals.update({ _id: id }, { $inc: { n: 1 } })
    await eventually(() => watching.last(id)?.document?.n === 2, 500)
    await bench.signals.put({ _id: id, n: 3 })
    await eventually(() => watching.last(id)?.document?.n === 3, 500)
    await bench.signals.take({ _id: id })
    await eventually(() => watching.of(id).length > 0 && watching.last(id)?.document === undefined, 500)
    await watching.stop()
  })

  it('tells of what batches, removes and the inserts of updates do, and not of what was rolled back', async () => {
    const watching = await listen()
    const [first, second, third, never] = [bench.name(), bench.name(), bench.name(), bench.name()]
    await bench.store
      .batch([
        { in: signals, insert: { _id: never, n: 1 } as Signal },
        { in: signals, take: { _id: bench.name() } },
      ])
      .catch(() => undefined)
    await bench.store.batch([
      { in: signals, insert: { _id: first, n: 1 } as Signal },
      { in: signals, put: { _id: second, n: 1 } as Signal },
    ])
    await bench.signals.update({ _id: third }, { $inc: { n: 1 } }, { insert: { _id: third, n: 7 } })
    await eventually(() => watching.last(first) && watching.last(second) && watching.last(third))
    await bench.signals.remove({ _id: { $in: [first, second] } })
    await eventually(() => !watching.last(first)?.document && !watching.last(second)?.document)
    expect(watching.last(third)?.document?.n).to.equal(7)
    expect(watching.of(never)).to.deep.equal([])
    await watching.stop()
  })

  it('keeps the order of one document under load, and ends with its last state', async () => {
    const watching = await listen()
    const id = bench.name()
    await bench.signals.insert({ _id: id, n: 0 })
    for (let round = 0; round < 5; round += 1)
      await Promise.all(
        Array.from({ length: 20 }, () => bench.signals.update({ _id: id }, { $inc: { n: 1 } })),
      )
    await eventually(() => watching.last(id)?.document?.n === 100)
    const seen = watching.of(id).map((event) => (event.kind === 'change' ? (event.document?.n ?? -1) : -1))
    expect(seen).to.deep.equal([...seen].sort((a, b) => a - b))
    await watching.stop()
  })

  it('resumes behind a sequence and tells again of nothing before it', async () => {
    const watching = await listen()
    const [before, during] = [bench.name(), bench.name()]
    await bench.signals.insert({ _id: before, n: 1 })
    const seen = await eventually(() => watching.last(before))
    await watching.stop()
    await bench.signals.insert({ _id: during, n: 1 })

    const again = await listen(seen.seq)
    await eventually(() => again.last(during))
    expect(again.of(before)).to.deep.equal([])
    expect(watching.last(during)).to.equal(undefined)
    await again.stop()
  })

  it('resumes from where watching began', async () => {
    const watching = await listen()
    await watching.stop()
    const id = bench.name()
    await bench.signals.insert({ _id: id, n: 1 })
    const again = await listen(watching.seq)
    await eventually(() => again.last(id))
    await again.stop()
  })

  it('resumes after closing and opening again', async () => {
    const place = await bench.engine.place()
    try {
      const first = await bench.engine.open({ collections: contractCollections }, place)
      const { seq } = await first.watch(signals, undefined, () => undefined)
      await first.collection(signals).insert({ _id: 'a', n: 1 })
      await first.close()
      const second = await bench.engine.open({ collections: contractCollections }, place)
      const events: Event[] = []
      await second.watch(signals, seq, (event) => events.push(event))
      await eventually(() => events.some((event) => event.kind === 'change' && event.id === 'a'))
      await second.close()
    } finally {
      await place.remove()
    }
  })

  it('says that a resume point is lost and goes on from now', async () => {
    const watching = await listen('no such point')
    const lost = await eventually(() => watching.events.find((event) => event.kind === 'lost'))
    expect(lost.seq).to.be.a('string')
    const id = bench.name()
    await bench.signals.insert({ _id: id, n: 1 })
    await eventually(() => watching.last(id))
    await watching.stop()
    const again = await listen(lost.seq)
    await eventually(() => again.last(id))
    await again.stop()
  })

  it('tells several listeners, and none that has stopped', async () => {
    const [one, two] = [await listen(), await listen()]
    await one.stop()
    const id = bench.name()
    await bench.signals.insert({ _id: id, n: 1 })
    await eventually(() => two.last(id))
    expect(one.of(id)).to.deep.equal([])
    await two.stop()
  })

  it('outlives a listener that throws', async () => {
    const bad = await bench.store.watch(signals, undefined, () => {
      throw new Error('a listener of the test fails')
    })
    const watching = await listen()
    const [first, second] = [bench.name(), bench.name()]
    await bench.signals.insert({ _id: first, n: 1 })
    await eventually(() => watching.last(first))
    await bench.signals.insert({ _id: second, n: 1 })
    await eventually(() => watching.last(second))
    await Promise.all([bad.stop(), watching.stop()])
  })

  it('refuses to watch a collection that is not watched', async () => {
    await failure(
      bench.store.watch(things, undefined, () => undefined),
      TypeError,
    )
  })

  it('tells of what another process wrote, and races with it fairly', async () => {
    const place = await bench.engine.place()
    const store = await bench.engine.open({ collections: contractCollections }, place)
    const child = startChild(place.env)
    try {
      const events: Event[] = []
      await store.watch(signals, undefined, (event) => events.push(event))
      const collection = store.collection(signals)
      await collection.insert({ _id: 'counter', n: 0 })
      child.stdin?.write('go\n')
      for (let round = 0; round < 100; round += 1)
        await collection.update({ _id: 'counter' }, { $inc: { n: 1 } })
      await eventually(() => events.some((event) => event.kind === 'change' && event.id === 'child'))
      await eventually(() => child.exitCode !== null)
      expect(child.exitCode).to.equal(0)
      expect((await collection.get('counter'))?.n).to.equal(200)
      await eventually(() => {
        const last = events.findLast((event) => event.kind === 'change' && event.id === 'counter')
        return last?.kind === 'change' && last.document?.n === 200
      }, 500)
    } finally {
      child.kill('SIGKILL')
      await store.close()
      await place.remove()
    }
  })
}

function startChild(env: Readonly<Record<string, string>>): ChildProcess {
  return spawn(process.execPath, [new URL('./store-child.ts', import.meta.url).pathname], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
}

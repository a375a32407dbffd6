/** What the parts of the store's contract share: one open store, a clock that only goes forward, fresh names. */
import { expect } from 'chai'
import type { Collection, Store } from '../../src/storage/storage.ts'
import type { Engine } from '../support/engines.ts'
import {
  contractCollections,
  type Pass,
  passes,
  type Signal,
  signals,
  type Thing,
  things,
} from './store-collections.ts'

export interface Bench {
  readonly engine: Pick<Engine, 'open' | 'place'>
  readonly store: Store
  readonly things: Collection<Thing>
  readonly passes: Collection<Pass>
  readonly signals: Collection<Signal>
  /** The store's clock: the real one plus what `advance` added, so that a server's own expiry never runs ahead. */
  now(): Date
  advance(milliseconds: number): void
  /** A name that no other test uses. */
  name(): string
}

/** Opens one store for all tests of the enclosing `describe`. */
export function benchFor(engine: Pick<Engine, 'open' | 'place'>): Bench {
  let store: Store | undefined
  let ahead = 0
  let names = 0
  const now = () => new Date(Date.now() + ahead)
  const open = () => {
    if (!store) throw new Error('the store is open inside tests only')
    return store
  }

  before(async () => {
    store = await engine.open({ collections: contractCollections, now })
  })
  after(async () => {
    await store?.close()
  })

  return {
    engine,
    now,
    get store() {
      return open()
    },
    get things() {
      return open().collection(things)
    },
    get passes() {
      return open().collection(passes)
    },
    get signals() {
      return open().collection(signals)
    },
    advance: (milliseconds) => {
      ahead += milliseconds
    },
    name: () => {
      names += 1
      return `x${names}`
    },
  }
}

/** The error that the promise fails with; fails itself when there is none or it is of another class. */
export async function failure<E extends Error>(
  promise: Promise<unknown>,
  // biome-ignore lint/suspicious/noExplicitAny: constructors of errors differ in what they take
  kind: new (...args: any[]) => E,
): Promise<E> {
  const outcome = await promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )
  if (!('error' in outcome)) return expect.fail(`expected ${kind.name}, got ${JSON.stringify(outcome.value)}`)
  expect(outcome.error).to.be.instanceOf(kind)
  return outcome.error as E
}

/** Waits for what the condition returns, at most `milliseconds`. */
export async function eventually<T>(
  condition: () => T | undefined | false,
  milliseconds = 5_000,
): Promise<T> {
  const end = performance.now() + milliseconds
  for (;;) {
    const value = condition()
    if (value !== undefined && value !== false) return value
    if (performance.now() > end) return expect.fail(`did not happen within ${milliseconds} ms: ${condition}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

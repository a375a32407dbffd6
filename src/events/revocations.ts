/**
 * Which tokens are refused, in memory, kept current by the store's watch.
 *
 * The invariant. Entries by person, role, application and organisation are numbered 1, 2, 3, … in the order
 * in which the store committed them, and no clock takes part. A token carries as `rev` the highest number its
 * issuer knew. Entry `n` refuses the tokens with `rev < n`:
 * - every token issued before the entry, because nobody can know a number before it is committed;
 * - no token of an issuer that knew the entry. An issuer that has not heard of it yet (500 ms at most) issues
 *   one that is refused: the safe side. Whoever revokes and then issues calls `catchUp` in between.
 *
 * An entry by person may spare grants: it refuses the person's tokens with `rev < n` but for those whose `gid` it
 * names. It takes nothing back: what an earlier entry refuses stays refused, spared or not, for a role may have been
 * taken then. One that spares nothing stands for all earlier ones.
 *
 * It holds only if the number is older than what the token says: take `sequence()` first, then read the
 * person and their roles, then sign. Whoever reads them from a cache drops them in `onEntry`; the number
 * rises only after that.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Collection, Store, Write } from '../storage/storage.ts'
import {
  type Feed,
  feed,
  type Mark,
  marks,
  type NewRevocation,
  type OrderedKind,
  revocationWrite,
} from './revocation-feed.ts'

/** The claims of a verified token that decide; what is absent matches nothing. */
export interface RevocableClaims {
  jti?: string | undefined
  gid?: string | undefined
  sub?: string | undefined
  client_id?: string | undefined
  org_id?: string | undefined
  roles?: readonly string[] | undefined
  /** The roles behind the permissions of a token that has none itself. */
  lent_by?: readonly string[] | undefined
  /** Absent counts as 0: such a token is older than every entry. */
  rev?: number | undefined
}

export interface Revocations {
  /** The entry as data, to stand in the batch that makes the change. */
  revoke(entry: NewRevocation): Write
  /**
   * Refuses here at once what this process has just written; the others hear of it through the store. Only
   * tokens and grants: numbered entries wait for their number.
   */
  heard(entry: NewRevocation): void
  /** Costs no call. An entry of another process is heard within 500 ms. */
  isRevoked(claims: RevocableClaims): boolean
  /** What new tokens carry as `rev`. Take it before reading what the token will say. */
  sequence(): number
  /** Reads the feed now: afterwards `sequence` knows every entry with a number that was committed before. */
  catchUp(): Promise<void>
  /**
   * Calls the listener for every new entry by person, role, application or organisation, before `sequence`
   * rises to it. A listener that rejects is called again.
   */
  onEntry(listener: (entry: { kind: OrderedKind; id: string }) => void | Promise<void>): () => void
  /** Lets go of what has expired, in memory and in the feed; also done every minute. */
  tidy(): Promise<void>
  stop(): Promise<void>
}

export interface RevocationsOptions {
  store: Store
  now: () => Date
  log: { warn(o: object, text: string): void }
}

/** An entry with its number, and when it may be forgotten. */
interface Refusal {
  n: number
  until: number
  spare?: ReadonlySet<string>
}

type Listener = Parameters<Revocations['onEntry']>[0]

const TIDY_MS = 60_000
const AGAIN_MS = 500

/** Resolves when it holds everything and follows. */
export async function openRevocations({ store, now, log }: RevocationsOptions): Promise<Revocations> {
  const markRows = store.collection(marks)
  const feedRows = store.collection(feed)
  /** `jti:…` and `gid:…` to the time when they may be forgotten. */
  const marked = new Map<string, number>()
  /** `person:…` and the like to the last entry that spares nothing, and those after it that spare something. */
  const ordered = new Map<string, Refusal[]>()
  const listeners = new Set<Listener>()
  let latest: Feed | undefined
  /** Tokens below it are refused whosoever they are: entries up to here were missed. */
  let floor = 0
  let known = 0
  let announced = 0
  let announcing = Promise.resolve()
  let stopped = false

  /** Takes the entries that are new to us; resolves when `sequence` has risen to them. */
  function learn(document: Feed): Promise<void> {
    if (latest && document.n === latest.n) latest = document
    if (document.n <= known) return announcing
    latest = document
    const { n, settled, entries } = document
    const before = n - entries.length
    if (before > Math.max(known, settled)) floor = before
    const fresh = entries.slice(Math.max(0, known - before))
    fresh.forEach(({ kind, id, expires, spare }, index) => {
      const refusal = { n: n - fresh.length + index + 1, until: expires.getTime() }
      const key = `${kind}:${id}`
      if (spare) ordered.set(key, [...(ordered.get(key) ?? []), { ...refusal, spare: new Set(spare) }])
      else ordered.set(key, [refusal])
    })
    known = n
    announcing = announcing.then(() => announce(n, fresh))
    return announcing
  }

  async function announce(n: number, fresh: Feed['entries']): Promise<void> {
    for (const { kind, id } of fresh) for (const listener of listeners) await tell(listener, kind, id)
    announced = n
  }

  async function tell(listener: Listener, kind: OrderedKind, id: string): Promise<void> {
    while (!stopped) {
      try {
        await listener({ kind, id })
        return
      } catch (error) {
        log.warn({ err: error, kind, id }, 'a revocation could not be passed on')
        await wait(AGAIN_MS, undefined, { ref: false })
      }
    }
  }

  async function catchUp(): Promise<void> {
    const document = await feedRows.get('feed')
    if (document) await learn(document)
  }

  async function load(): Promise<void> {
    await catchUp()
    for await (const { _id, expires } of all(markRows)) marked.set(_id, expires.getTime())
  }

  /** The watch lost its place: what was missed is only in the store. */
  async function reload(): Promise<void> {
    while (!stopped) {
      try {
        return await load()
      } catch (error) {
        log.warn({ err: error }, 'the revocations could not be read')
        await wait(AGAIN_MS, undefined, { ref: false })
      }
    }
  }

  // Watching begins before reading, so that nothing falls between the two.
  const watches = await Promise.all([
    store.watch(marks, undefined, (event) => {
      if (event.kind === 'lost') void reload()
      else if (event.document) marked.set(event.id, event.document.expires.getTime())
    }),
    store.watch(feed, undefined, (event) => {
      if (event.kind === 'lost') void reload()
      else if (event.document) void learn(event.document)
    }),
  ])
  await load()

  async function tidy(): Promise<void> {
    const time = now().getTime()
    for (const [key, until] of marked) if (until <= time) marked.delete(key)
    for (const [key, refusals] of ordered) {
      const left = refusals.filter(({ until }) => until > time)
      if (left.length === 0) ordered.delete(key)
      else if (left.length < refusals.length) ordered.set(key, left)
    }
    await cutFeed(time).catch((error: unknown) => log.warn({ err: error }, 'the revocation feed was not cut'))
  }

  /** Every process tries; the guard lets one succeed, and none when an entry came meanwhile. */
  async function cutFeed(time: number): Promise<void> {
    if (!latest) return
    const { n, settled, entries } = latest
    const alive = entries.findIndex(({ expires }) => expires.getTime() > time)
    const expired = alive === -1 ? entries.length : alive
    if (expired === 0) return
    const $set = { entries: entries.slice(expired), settled: n - entries.length + expired }
    await feedRows.update({ _id: 'feed', n, settled }, { $set })
  }

  const timer = setInterval(() => void tidy(), TIDY_MS).unref()

  return {
    revoke: revocationWrite,
    heard({ kind, id, expires }) {
      if (kind === 'jti' || kind === 'gid') marked.set(`${kind}:${id}`, expires.getTime())
    },
    isRevoked({ jti, gid, sub, client_id, org_id, roles = [], lent_by = [], rev = 0 }) {
      const before = (kind: OrderedKind, id: string | undefined) =>
        id !== undefined &&
        ordered
          .get(`${kind}:${id}`)
          ?.some(({ n, spare }) => rev < n && !(gid !== undefined && spare?.has(gid)))
      return (
        rev < floor ||
        (jti !== undefined && marked.has(`jti:${jti}`)) ||
        (gid !== undefined && marked.has(`gid:${gid}`)) ||
        before('person', sub) ||
        before('application', client_id) ||
        before('organisation', org_id) ||
        roles.some((role) => before('role', role)) ||
        lent_by.some((role) => before('role', role))
      )
    },
    sequence: () => announced,
    catchUp,
    onEntry(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tidy,
    async stop() {
      stopped = true
      clearInterval(timer)
      await Promise.all(watches.map((watch) => watch.stop()))
    },
  }
}

async function* all(rows: Collection<Mark>): AsyncGenerator<Mark> {
  let after: { value: string; id: string } | undefined
  for (;;) {
    const page = await rows.find({}, { sort: { field: '_id', order: 'asc' }, ...(after && { after }) })
    yield* page
    const last = page.at(-1)
    if (!last) return
    after = { value: last._id, id: last._id }
  }
}

/**
 * Revocations at rest. An entry by `jti` or `gid` is a document of its own: it refuses its token whenever
 * that was issued. An entry by person, role, application or organisation refuses the tokens issued before
 * it, so it needs a place in an order. All of those stand in one document, the feed, whose writes the store
 * puts in one order: each raises `n` by one and appends itself, and so an entry's number is its position.
 */
import { z } from 'zod'
import { type CollectionSpec, defineCollection, type Write } from '../storage/storage.ts'

const orderedKinds = ['person', 'role', 'application', 'organisation'] as const
export type OrderedKind = (typeof orderedKinds)[number]
export type RevocationKind = 'jti' | 'gid' | OrderedKind

export interface NewRevocation {
  kind: RevocationKind
  id: string
  /** When the last token that it refuses expires. */
  expires: Date
  /** Of an entry by person: the grants (`gid`) whose tokens it does not refuse. */
  spare?: string[]
}

export interface Mark {
  /** `jti:…` or `gid:…` */
  _id: string
  expires: Date
}

export interface Feed {
  _id: 'feed'
  /** How many entries there ever were: the number of the last one. */
  n: number
  /** Every entry up to this number had expired when it was cut off. */
  settled: number
  /** The last ones, oldest first: their numbers end with `n`. */
  entries: { kind: OrderedKind; id: string; expires: Date; spare?: string[] }[]
}

/** More entries at once than this, and readers that missed some refuse every older token instead. */
export const FEED_LENGTH = 1_000

/** Tokens are judged by clocks that may be minutes behind ours; an entry must outlive the last of them. */
const MARGIN_MS = 10 * 60_000

export const marks: CollectionSpec<Mark> = defineCollection({
  name: 'revocations',
  schema: z.strictObject({ _id: z.string(), expires: z.date() }),
  expires: 'expires',
  watched: true,
})

export const feed: CollectionSpec<Feed> = defineCollection({
  name: 'revocationFeed',
  schema: z.strictObject({
    _id: z.literal('feed'),
    n: z.int(),
    settled: z.int(),
    entries: z.array(
      z.strictObject({
        kind: z.enum(orderedKinds),
        id: z.string(),
        expires: z.date(),
        spare: z.array(z.string()).exactOptional(),
      }),
    ),
  }),
  watched: true,
})

/**
 * The entry as data, for the batch that makes the change.
 * @throws TypeError where others than a person's tokens are to be spared
 */
export function revocationWrite({ kind, id, expires, spare }: NewRevocation): Write {
  if (spare && kind !== 'person') throw new TypeError(`an entry by ${kind} spares nothing`)
  const until = new Date(expires.getTime() + MARGIN_MS)
  if (kind === 'jti' || kind === 'gid') {
    const mark: Mark = { _id: `${kind}:${id}`, expires: until }
    return { in: marks, put: mark }
  }
  const value = { kind, id, expires: until, ...(spare && { spare }) }
  const first: Feed = { _id: 'feed', n: 1, settled: 0, entries: [value] }
  return {
    in: feed,
    update: { _id: 'feed' },
    change: { $inc: { n: 1 }, $push: { entries: { value, limit: FEED_LENGTH } } },
    insert: first,
  }
}

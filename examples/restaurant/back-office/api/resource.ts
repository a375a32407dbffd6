/**
 * What all resources do alike: pages of a list, versions as ETags (RFC 9110 §8.8.3), changes that name the version
 * they mean, and answers. It knows no particular document.
 */
import type { Change, CollectionSpec, Document, FindOptions, Match } from 'maitred/storage'
import { z } from 'zod'
import { searchTerm } from '../search-terms.ts'
import { fieldProblem, notFound, Problem } from './problem.ts'
import type { Answer, Call, StaffCall } from './route.ts'
import type { Tenanted } from './tenant.ts'

interface Versioned extends Document {
  version: number
}

/** @throws Problem 404 for nothing. */
export function found<T>(document: T | undefined): T {
  if (document === undefined) throw notFound()
  return document
}

export function tagOf({ version }: { version: number }): string {
  return `"${version}"`
}

/** @throws Problem 412 unless the request's If-Match names this version (that it has one is checked before). */
export function requireMatch(call: Call, document: Versioned): void {
  const wanted = call.header('if-match')
  // RFC 9110 §13.1.1: compared strongly, so that a weak tag matches nothing.
  const tags = wanted.split(',').map((tag) => tag.trim())
  if (wanted !== '*' && !tags.includes(tagOf(document))) throw stale()
}

/** What a change or a removal is about, in the version that the request names. @throws Problem 404, 412 */
export async function matched<T extends Tenanted & Versioned>(
  call: StaffCall,
  spec: CollectionSpec<T>,
): Promise<T> {
  const document = found(await call.own(spec).get(call.id))
  requireMatch(call, document)
  return document
}

/** The document that a guarded write changed. @throws Problem 412 when somebody was faster. */
export function changed<T>(document: T | undefined): T {
  if (document === undefined) throw stale()
  return document
}

export function stale(): Problem {
  return new Problem(412, 'It was changed since you read it. Read it again and decide anew.')
}

export function shown<T extends Versioned, V>(document: T, view: (document: T) => V): Answer<V> {
  return { headers: { ETag: tagOf(document) }, body: view(document) }
}

/** @param path of the collection below `/api` */
export function created<T extends Versioned, V>(
  path: string,
  document: T,
  view: (document: T) => V,
): Answer<V> {
  const headers = { Location: `/api${path}/${document._id}`, ETag: tagOf(document) }
  return { status: 201, headers, body: view(document) }
}

/** The change that a merge patch (RFC 7396) means: `null` takes a field away. It counts the version up. */
export function changeOf(patch: Record<string, unknown>, more: Record<string, unknown> = {}): Change {
  const $set: Record<string, unknown> = { ...more }
  const $unset: Record<string, true> = {}
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) $unset[field] = true
    else if (value !== undefined) $set[field] = value
  }
  return { $inc: { version: 1 }, ...(hasAny($set) && { $set }), ...(hasAny($unset) && { $unset }) }
}

/** The document as the merge patch leaves it. */
export function patched<T extends object>(
  document: T,
  patch: { [K in keyof T]?: T[K] | null | undefined },
): T {
  const entries = Object.entries({ ...document, ...withoutUndefined(patch) })
  return Object.fromEntries(entries.filter(([, value]) => value !== null)) as T
}

export function pageSchema<T extends z.ZodType>(item: T) {
  return z.object({
    items: z.array(item),
    next: z.string().optional().meta({ description: 'Where the next page begins; absent on the last' }),
  })
}

export interface PageOrder {
  field: string
  order: 'asc' | 'desc'
  /** The field is a moment, not a text. */
  moments?: boolean
}

/** One page of what matches; also of a search, by the beginning of one of the document's `search` terms. */
export async function pageOf<T extends Document, V>(
  collection: { find(match: Match, options?: FindOptions): Promise<T[]> },
  match: Match,
  o: {
    query: { limit: number; after?: string | undefined; q?: string | undefined }
    sort: PageOrder
    view: (document: T) => V
  },
): Promise<Answer<{ items: V[]; next?: string }>> {
  const { limit, after, q } = o.query
  const term = q === undefined ? '' : searchTerm(q)
  const documents = await collection.find(term === '' ? match : { ...match, search: { $prefix: term } }, {
    sort: { field: o.sort.field, order: o.sort.order },
    limit: limit + 1,
    ...(after !== undefined && { after: readCursor(after, o.sort) }),
  })
  const items = documents.slice(0, limit)
  const last = items.at(-1)
  const next = documents.length > limit && last ? { next: writeCursor(last, o.sort) } : {}
  return { body: { items: items.map(o.view), ...next } }
}

const cursorSchema = z.tuple([z.string(), z.string(), z.string()])

function writeCursor(document: Document, { field }: PageOrder): string {
  const value = (document as Document & Record<string, unknown>)[field]
  const text = value instanceof Date ? value.toISOString() : String(value)
  return Buffer.from(JSON.stringify([field, text, document._id])).toString('base64url')
}

/** @throws Problem 422 for what was not written by `writeCursor` for this order. */
function readCursor(cursor: string, { field, moments }: PageOrder): { value: string | Date; id: string } {
  const problem = fieldProblem('after', 'is not the `next` of a page of this list')
  const read = cursorSchema.safeParse(parsed(Buffer.from(cursor, 'base64url').toString()))
  if (!read.success || read.data[0] !== field) throw problem
  const [, text, id] = read.data
  if (!moments) return { value: text, id }
  const value = new Date(text)
  if (Number.isNaN(value.getTime())) throw problem
  return { value, id }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

function hasAny(fields: object): boolean {
  return Object.keys(fields).length > 0
}

function withoutUndefined(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

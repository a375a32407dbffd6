/** The writes of a batch as statements of MongoDB's commands, and as few commands as keep their order. */
import type { Document, Match, Write } from '../storage.ts'
import { toUpdate } from './filter.ts'
import type { Shelf } from './shelf.ts'
import { toUpsert } from './upsert.ts'

// A command may have 16 MB; the largest of our documents has less than one.
const MAX_MERGED = 16

export interface Statement {
  /** Its place in the batch. */
  readonly index: number
  readonly shelf: Shelf
  readonly kind: 'insert' | 'update' | 'delete'
  readonly body: object
  /** The same said as an update, so that it can share a command with updates of its collection. */
  readonly asUpdate?: object
  /** It has to find or make exactly one document. */
  readonly single: boolean
  /** The match of an update: what it found must not be changed by others meanwhile. */
  readonly guard?: object
  /** Collection and id of the document that it changes, where the write names it: others may want the same one. */
  readonly document?: string
  /** The document to insert when the update has found nothing. */
  readonly insert?: Document
  /** A taken `_id` means that the guard did not match. */
  readonly guardsId?: boolean
}

/** @throws TypeError */
export function toStatement(write: Write, index: number, shelf: Shelf): Statement {
  const at = { index, shelf, single: true }
  if ('update' in write) return { ...at, ...named(shelf, write.update), ...toUpdateStatement(write, shelf) }
  if ('insert' in write) {
    const body = shelf.toDocument(write.insert)
    return { ...at, kind: 'insert', body, ...ended(shelf, (field) => toReplacement(body, field)) }
  }
  if ('put' in write) {
    const u = shelf.toDocument(write.put)
    return { ...at, kind: 'update', body: { q: { _id: u._id }, u, upsert: true } }
  }
  if ('take' in write) {
    const q = shelf.toFilter(write.take)
    const asUpdate = ended(shelf, (field) => ({ q, u: { $set: { [field]: ENDED } } }))
    return { ...at, ...named(shelf, write.take), kind: 'delete', body: { q, limit: 1 }, ...asUpdate }
  }
  if ('remove' in write)
    return { ...at, kind: 'delete', body: { q: shelf.toFilter(write.remove), limit: 0 }, single: false }
  throw new TypeError(`${shelf.spec.name}: write ${index} of the batch says nothing to do`)
}

// What is taken as an update expires at once: it is there for nobody, and the server sweeps it away.
const ENDED = new Date(0)

/** Nobody watches the collection, for whom a document that ends is deleted. */
function ended({ spec }: Shelf, say: (field: string) => object): Pick<Statement, 'asUpdate'> {
  return spec.expires === undefined || spec.watched ? {} : { asUpdate: say(spec.expires) }
}

/** Inserts: nothing but what was ended so is replaced, and any other document of the id is a taken key. */
function toReplacement(document: Document, field: string): object {
  return { q: { _id: document._id, [field]: ENDED }, u: document, upsert: true }
}

function named({ spec }: Shelf, { _id }: Match): Pick<Statement, 'document'> {
  return typeof _id === 'string' ? { document: `${spec.name}:${_id}` } : {}
}

function toUpdateStatement(
  write: Extract<Write, { update: unknown }>,
  shelf: Shelf,
): Omit<Statement, 'index' | 'shelf' | 'single'> {
  const q = shelf.toFilter(write.update)
  const edits = shelf.toEdits(write.change)
  const update = { kind: 'update', body: { q, u: toUpdate(edits) }, guard: q } as const
  if (!write.insert) return update
  const insert = shelf.toDocument(write.insert)
  const upsert = toUpsert(write.update, edits, insert)
  return upsert
    ? { ...update, body: { q, u: upsert, upsert: true }, guardsId: true }
    : { ...update, insert, guardsId: true }
}

/**
 * Merged, statements that follow each other in their collection and are of one kind become one command;
 * that is a round trip instead of many, but the reply does not tell which of them found nothing.
 */
export function toCommands(statements: readonly Statement[], merged: boolean): Statement[][] {
  const commands: Statement[][] = []
  const latest = new Map<Shelf, Statement[]>()
  for (const statement of statements) {
    const command = latest.get(statement.shelf)
    if (merged && command && command.length < MAX_MERGED) {
      if (joins(command[0], statement)) {
        command.push(statement)
        continue
      }
      const updates = [...command, statement].flatMap((each) => toUpdateOf(each) ?? [])
      if (updates.length > command.length) {
        command.splice(0, command.length, ...updates)
        continue
      }
    }
    const fresh = [statement]
    commands.push(fresh)
    latest.set(statement.shelf, fresh)
  }
  return commands
}

function toUpdateOf(statement: Statement): Statement | undefined {
  const { kind, asUpdate: body, insert } = statement
  if (kind === 'update') return insert ? undefined : statement
  return body && { ...statement, kind: 'update', body }
}

function joins(one: Statement | undefined, other: Statement): boolean {
  return [one, other].every((each) => each?.kind === other.kind && each.single && !each.insert)
}

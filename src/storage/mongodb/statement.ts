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
  if ('insert' in write) return { ...at, kind: 'insert', body: shelf.toDocument(write.insert) }
  if ('put' in write) {
    const u = shelf.toDocument(write.put)
    return { ...at, kind: 'update', body: { q: { _id: u._id }, u, upsert: true } }
  }
  if ('take' in write)
    return {
      ...at,
      ...named(shelf, write.take),
      kind: 'delete',
      body: { q: shelf.toFilter(write.take), limit: 1 },
    }
  if ('remove' in write)
    return { ...at, kind: 'delete', body: { q: shelf.toFilter(write.remove), limit: 0 }, single: false }
  throw new TypeError(`${shelf.spec.name}: write ${index} of the batch says nothing to do`)
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
    if (merged && command && command.length < MAX_MERGED && joins(command[0], statement)) {
      command.push(statement)
      continue
    }
    const fresh = [statement]
    commands.push(fresh)
    latest.set(statement.shelf, fresh)
  }
  return commands
}

function joins(one: Statement | undefined, other: Statement): boolean {
  return [one, other].every((each) => each?.kind === other.kind && each.single && !each.insert)
}

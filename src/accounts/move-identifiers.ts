/** A person's identifiers, moved together with the documents that keep them unique. */
import type { Change, Match, Write } from '../storage/storage.ts'
import { claim, release } from './claim.ts'
import { type Identifier, type IdentifierKind, identifierKinds, normaliseAs } from './identifier.ts'
import type { Person } from './person.ts'

export type WantedIdentifiers = Partial<Record<IdentifierKind, string | null>>

export interface Move {
  /** Holds while none of them was changed by somebody else. */
  match: Match
  change: Change
  writes: Write[]
  /** What is claimed, by its write. */
  claims: Map<Write, Identifier>
}

/** What it takes to give (`string`) and remove (`null`) identifiers. @throws MaitredError `invalid_form` */
export function moveIdentifiers(person: Person, wanted: WantedIdentifiers): Move {
  const move: Move & { change: Required<Pick<Change, '$set' | '$unset'>> } = {
    match: {},
    change: { $set: {}, $unset: {} },
    writes: [],
    claims: new Map(),
  }
  for (const kind of identifierKinds) {
    const typed = wanted[kind]
    const before = person[kind]
    const after = typed == null ? undefined : normaliseAs(kind, typed)
    if (typed === undefined || after === before) continue
    move.match[kind] = before ?? { $exists: false }
    if (before !== undefined) move.writes.push(release({ kind, value: before }, person._id))
    if (after === undefined) move.change.$unset[kind] = true
    else {
      const write = claim({ kind, value: after }, person._id)
      move.change.$set[kind] = after
      move.writes.push(write)
      move.claims.set(write, { kind, value: after })
    }
  }
  return move
}

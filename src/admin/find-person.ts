/** Whom an entry of a state file is about. */
import type { Accounts, Person } from '../accounts/accounts.ts'
import type { Store } from '../storage/storage.ts'
import {
  type Applied,
  appliedCollection,
  entryCollection,
  entryKey,
  identifiers,
  wasGiven,
} from './applied.ts'
import type { DesiredPerson } from './document-schema.ts'

export interface Found {
  person?: Person | undefined
  applied?: Applied | undefined
  /** The person that the entry was applied to deleted their account. */
  isGone: boolean
  /** The entry's id and identifiers belong to different people. */
  clash: boolean
  /** Nothing is to be noted of this entry: it was applied with this key and these identifiers. */
  isNoted: boolean
}

export function createFindPerson(o: {
  accounts: Pick<Accounts, 'find' | 'findByIdentifier'>
  store: Pick<Store, 'collection'>
}): (desired: DesiredPerson) => Promise<Found> {
  const { accounts } = o
  const entries = o.store.collection(entryCollection)
  const notes = o.store.collection(appliedCollection)

  return async function findPerson(desired) {
    const entry = await entries.get(entryKey(desired))
    const known = entry && (await accounts.find(entry.person))
    if (entry && !known) return { isGone: true, clash: false, isNoted: true }
    const before = known && (await notes.get(known._id))

    const found = [known]
    if (desired.id !== undefined && desired.id !== known?._id) found.push(await accounts.find(desired.id))
    for (const kind of identifiers) {
      // What the file gave before may be somebody else's by now, and says nothing about whom it means.
      if (desired[kind] !== undefined && !wasGiven(before, kind, desired))
        found.push(await accounts.findByIdentifier(desired[kind]))
    }
    const all = new Map(found.flatMap((one) => (one ? [[one._id, one] as const] : [])))
    const [person] = all.values()
    const applied = known ? before : person && (await notes.get(person._id))
    return {
      person,
      applied,
      isGone: false,
      clash: all.size > 1 || (person && desired.id !== undefined && person._id !== desired.id) === true,
      isNoted:
        known !== undefined &&
        identifiers.every((kind) => desired[kind] === undefined || wasGiven(before, kind, desired)),
    }
  }
}

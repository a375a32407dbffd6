/** Decisions that hold although others write at the same moment: read, judge, write under guards, else begin anew. */
import { BatchError, type CollectionSpec, type Document, type Write } from 'maitred/storage'

interface Named extends Document {
  restaurant: string
  namedAt?: Date | undefined
}

const attempts = 20

/**
 * @param attempt reads what it decides on and makes its writes as one batch; it runs again when a guard of the batch
 *   did not hold, and then sees what the other has done.
 */
export async function decide<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = attempts - 1; ; left -= 1) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof BatchError) || left === 0) throw error
    }
  }
}

/**
 * Belongs to a batch that makes something name this document: whoever is deleting it at the moment sees that. Any
 * number of batches may name the same document at once.
 */
export function namingWrite<T extends Named>(spec: CollectionSpec<T>, named: T, at: Date): Write {
  const { _id, restaurant } = named
  return { in: spec, update: { _id, restaurant }, change: { $set: { namedAt: at } } }
}

/**
 * The same for a batch that holds only while nothing else names the document: of several that have read the same
 * state one goes through, so that two bookings or shifts of one person do not overlap unseen.
 */
export function soleNamingWrite<T extends Named>(spec: CollectionSpec<T>, named: T, at: Date): Write {
  const { _id, restaurant, namedAt } = named
  // Later than before in any case, also within the same millisecond.
  const next = new Date(Math.max(at.getTime(), (namedAt?.getTime() ?? 0) + 1))
  const update = { _id, restaurant, namedAt: namedAt ?? { $exists: false } }
  return { in: spec, update, change: { $set: { namedAt: next } } }
}

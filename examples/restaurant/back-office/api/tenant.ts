/** One restaurant's view of a collection: nothing in it can reach another restaurant's documents. */
import type { Change, CollectionSpec, Document, FindOptions, Match, Store } from 'maitred/storage'

export interface Tenanted extends Document {
  restaurant: string
}

export interface OwnCollection<T extends Tenanted> {
  get(id: string): Promise<T | undefined>
  find(match: Match, options?: FindOptions): Promise<T[]>
  count(match: Match): Promise<number>
  /** Compare-and-set, as the store's. */
  update(match: Match, change: Change): Promise<T | undefined>
  take(match: Match): Promise<T | undefined>
}

export function ownCollection<T extends Tenanted>(
  store: Store,
  spec: CollectionSpec<T>,
  restaurant: string,
): OwnCollection<T> {
  const collection = store.collection(spec)
  return {
    async get(_id) {
      const [found] = await collection.find({ _id, restaurant }, { limit: 1 })
      return found
    },
    find: (match, options) => collection.find({ ...match, restaurant }, options),
    count: (match) => collection.count({ ...match, restaurant }),
    update: (match, change) => collection.update({ ...match, restaurant }, change),
    take: (match) => collection.take({ ...match, restaurant }),
  }
}

/**
 * A read-through cache of the thousand documents of a watched collection that were read last: for what is read on
 * every request and changes rarely. A write through it is seen at once, one made elsewhere within the watch's 500 ms.
 */
import { LRUCache } from 'lru-cache'
import type { CollectionSpec, Document, Match, Store } from './storage.ts'

export interface CachedCollection<T extends Document> {
  get(id: string): Promise<T | undefined>
  /** What `read` finds in the collection; `get` knows it from then on. */
  know(read: () => Promise<T | undefined>): Promise<T | undefined>
  /** All that match, from the store. */
  list(match?: Match): Promise<T[]>
  /** What `read` made of the collection, until a document of it changes. */
  remember<R>(read: () => Promise<R>): () => Promise<R>
  put(document: T): Promise<void>
  remove(id: string): Promise<void>
  /** Forgets one document, so that the next `get` asks the store. */
  forget(id: string): void
  stop(): Promise<void>
}

export async function cacheCollection<T extends Document>(
  store: Store,
  spec: CollectionSpec<T>,
): Promise<CachedCollection<T>> {
  const documents = store.collection(spec)
  const cache = new LRUCache<string, T>({ max: 1_000 })
  // A read that began before a change must not put the old document back: each change moves the epoch.
  let epoch = 0
  const forget = (id: string): void => {
    epoch += 1
    cache.delete(id)
  }
  const watching = await store.watch(spec, undefined, (event) => {
    epoch += 1
    if (event.kind === 'lost') cache.clear()
    else cache.delete(event.id)
  })

  async function know(read: () => Promise<T | undefined>): Promise<T | undefined> {
    const began = epoch
    const document = await read()
    if (document && began === epoch) cache.set(document._id, document)
    return document
  }

  return {
    get: async (id) => cache.get(id) ?? know(() => documents.get(id)),
    know,
    async list(match = {}) {
      const all: T[] = []
      for (;;) {
        const last = all.at(-1)?._id
        const page = await documents.find(
          match,
          last === undefined ? {} : { after: { value: last, id: last } },
        )
        all.push(...page)
        if (page.length < 1_000) return all
      }
    },
    remember<R>(read: () => Promise<R>) {
      let known: { at: number; value: Promise<R> } | undefined
      return () => {
        if (known?.at === epoch) return known.value
        const value = read()
        known = { at: epoch, value }
        // Whoever waits hears of the failure; the next one asks again.
        value.catch(() => {
          if (known?.value === value) known = undefined
        })
        return value
      }
    },
    async put(document) {
      await documents.put(document)
      forget(document._id)
    },
    async remove(id) {
      await documents.remove({ _id: id })
      forget(id)
    },
    forget,
    stop: () => watching.stop(),
  }
}

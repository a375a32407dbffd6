/**
 * Who watches hears a feed: everybody who watches from now on the same one, because each change stream costs
 * the server work at every write; who resumes one of their own.
 */
import type { mongo } from 'mongoose'
import type { StoreOptions } from '../storage.ts'
import type { Calls } from './calls.ts'
import { type Feed, type Listener, startFeed } from './feed.ts'
import type { Shelf } from './shelf.ts'
import { openStream } from './stream.ts'

export interface Watching {
  /** @throws TypeError when the collection is not declared as watched. @throws StoreUnavailableError */
  watch(
    shelf: Shelf,
    after: string | undefined,
    listener: Listener,
  ): Promise<{ seq: string; stop(): Promise<void> }>
  close(): void
}

export function createWatching(o: {
  client: mongo.MongoClient
  db: mongo.Db
  /** All watched collections: a stream resumes only where it is about the same ones as before. */
  names: readonly string[]
  calls: Calls
  log: StoreOptions['log']
}): Watching {
  const feeds = new Set<Feed>()
  let shared: Feed | undefined

  function feedFrom(after: string | undefined): Feed {
    const feed = startFeed({
      after,
      open: (position) => openStream(o.client, o.db, o.names, position),
      log: o.log,
      onStop() {
        feeds.delete(feed)
        if (feed === shared) shared = undefined
      },
    })
    feeds.add(feed)
    return feed
  }

  return {
    async watch(shelf, after, listener) {
      const { spec } = shelf
      if (!spec.watched) throw new TypeError(`${spec.name} is not declared as watched`)
      if (after === undefined) shared ??= feedFrom(undefined)
      const feed = after === undefined && shared ? shared : feedFrom(after)
      const remove = feed.add(shelf, listener)
      try {
        const seq = await o.calls.run(spec.name, feed.opened)
        return { seq, stop: async () => remove() }
      } catch (error) {
        remove()
        throw error
      }
    },
    close() {
      for (const feed of feeds) feed.stop()
    },
  }
}

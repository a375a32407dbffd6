/**
 * A change stream that never gives up: what it tells, many may hear. When it breaks it is opened again behind
 * what was last told, and where that point is gone the listeners are told that it is lost.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Document, StoreOptions, WatchEvent } from '../storage.ts'
import type { Shelf } from './shelf.ts'
import { isResumable, type Stream, type StreamEvent } from './stream.ts'

const REOPEN_MS = 250

export type Listener = (event: WatchEvent<Document>) => void

export interface Feed {
  /** Returns what takes the listener away; with the last one the feed stops. */
  add(shelf: Shelf, listener: Listener): () => void
  /** The position, once the stream is open. */
  opened(): Promise<string>
  stop(): void
}

export function startFeed(o: {
  after: string | undefined
  open: (after: string | undefined) => Promise<Stream>
  log: StoreOptions['log']
  onStop: () => void
}): Feed {
  const hearers = new Set<{ shelf: Shelf; listener: Listener }>()
  let live = Promise.withResolvers<Stream>()
  let stream: Stream | undefined
  let position = o.after
  let stopped = false
  /** The position is of no use any more. */
  let lost = false

  function tell(listener: Listener, event: WatchEvent<Document>): void {
    try {
      listener(event)
    } catch (error) {
      o.log?.warn({ err: error }, 'A listener of the store failed')
    }
  }

  function tellOf(change: StreamEvent): void {
    for (const { shelf, listener } of hearers)
      if (shelf.spec.name === change.ns.coll) tell(listener, toEvent(shelf, change))
    position = change._id._data
  }

  async function open(): Promise<Stream> {
    try {
      if (!lost) return await o.open(position)
    } catch (error) {
      if (position === undefined || isResumable(error)) throw error
      lost = true
    }
    const fresh = await o.open(undefined)
    lost = false
    o.log?.warn({}, 'The change stream cannot go on where it was; it begins anew')
    for (const { listener } of hearers) tell(listener, { kind: 'lost', seq: fresh.position })
    return fresh
  }

  async function follow(): Promise<void> {
    while (!stopped) {
      try {
        stream = await open()
        position = stream.position
        live.resolve(stream)
        while (!stopped) {
          for (const change of await stream.next()) tellOf(change)
          position = stream.position
        }
      } catch (error) {
        if (stopped) break
        o.log?.warn({ err: error }, 'The change stream broke; it is opened again')
        // What cannot go on would break at the same place again.
        if (stream && !isResumable(error)) lost = true
        void stream?.close()
        stream = undefined
        live = Promise.withResolvers()
        await wait(REOPEN_MS)
      }
    }
    void stream?.close()
  }

  function stop(): void {
    if (stopped) return
    stopped = true
    void stream?.close()
    o.onStop()
  }

  void follow()
  return {
    add(shelf, listener) {
      const hearer = { shelf, listener }
      hearers.add(hearer)
      return () => {
        hearers.delete(hearer)
        if (hearers.size === 0) stop()
      }
    },
    opened: async () => (await live.promise).position,
    stop,
  }
}

function toEvent(shelf: Shelf, change: StreamEvent): WatchEvent<Document> {
  const { _id, documentKey, fullDocument } = change
  const seq = _id._data
  // Dropped or renamed: nothing is known of its documents.
  if (!documentKey) return { kind: 'lost', seq }
  const event = { kind: 'change', seq, id: documentKey._id } as const
  return fullDocument && !shelf.isExpired(fullDocument) ? { ...event, document: fullDocument } : event
}

/**
 * Mails that are sent once. A task may be delivered twice, and two workers may have it at the same moment; so who
 * sends a letter first writes down that they do. What cannot be had is certainty: who dies between the mail server's
 * "taken" and the note of it leaves a letter that is sent again, under the same Message-ID.
 */
import { defineCollection, type Store } from 'maitred/storage'
import { z } from 'zod'
import type { Letter, Post } from './post.ts'

const row = z.object({
  _id: z.string(),
  /** Somebody is sending it; not after this. */
  until: z.date(),
  sentAt: z.date().optional(),
  /** Long after any task about it. */
  expires: z.date(),
})

export const letters = defineCollection({ name: 'letters', schema: row, expires: 'expires' })

const LEASE_MS = 60_000
const KEPT_MS = 90 * 86_400_000

export interface Letters {
  /** Returns whether it is sent, now or earlier; `false` while somebody else is at it. @throws what the post throws */
  send(letter: Letter): Promise<boolean>
}

/** @param o.leaseMs how long one may be at it; longer than the post may take. Default one minute */
export function createLetters(o: {
  store: Store
  post: Post
  now: () => Date
  leaseMs?: number | undefined
}): Letters {
  const { store, post, now, leaseMs = LEASE_MS } = o
  const rows = store.collection(letters)
  const after = (ms: number) => new Date(now().getTime() + ms)

  return {
    async send(letter) {
      const { id: _id } = letter
      const until = after(leaseMs)
      const unsent = { _id, sentAt: { $exists: false } }
      const mine = await rows.update(
        { ...unsent, until: { $lte: now() } },
        { $set: { until } },
        { insert: { _id, until, expires: after(KEPT_MS) } },
      )
      if (!mine) return (await rows.get(_id))?.sentAt !== undefined
      try {
        await post.send(letter)
      } catch (error) {
        await rows.update({ ...unsent, until }, { $set: { until: now() } })
        throw error
      }
      await rows.update(unsent, { $set: { sentAt: now() } })
      return true
    },
  }
}

/** A migration: until then `expires` was a session's end, and the store forgot it in silence. */
import type { Store } from '../storage/storage.ts'
import { SESSION_GRACE, type SessionDocument, sessionCollection } from './sessions.ts'

const PAGE = 200

/** @param idle the idle limit in seconds */
export async function giveSessionsAnEnd(store: Store, idle: number | undefined): Promise<void> {
  const sessions = store.collection(sessionCollection)

  async function giveEnd({ _id, lastUsedAt, expires }: SessionDocument): Promise<void> {
    const limit = idle === undefined ? expires : new Date(lastUsedAt.getTime() + idle * 1000)
    const ends = limit < expires ? limit : expires
    const later = new Date(expires.getTime() + SESSION_GRACE * 1000)
    await sessions.update({ _id, ends: { $exists: false } }, { $set: { ends, expires: later } })
  }

  let after: { value: string; id: string } | undefined
  for (;;) {
    const page = await sessions.find(
      { person: { $exists: true }, ends: { $exists: false } },
      { limit: PAGE, ...(after && { after }) },
    )
    await Promise.all(page.map(giveEnd))
    const last = page.at(-1)
    if (!last || page.length < PAGE) return
    after = { value: last._id, id: last._id }
  }
}

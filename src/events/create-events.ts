/** Writes the audit trail and reads a person's sign-ins from it. */
import { randomBytes } from 'node:crypto'
import type { Match, Store, Write } from '../storage/storage.ts'
import { type AuditRow, audit, type Origin } from './audit.ts'
import type { EventType } from './catalogue.ts'

export interface NewEvent {
  type: EventType
  /** Whom it is about. */
  person?: string | undefined
  /** Who did it; left out of the row when it is the person. */
  actor?: string | undefined
  /** The client's id. */
  application?: string | undefined
  origin?: Origin | undefined
  /** Short facts such as `{ method: 'password' }` or ids; never a name, an address, a secret or what was typed. */
  detail?: Record<string, string> | undefined
}

type Outcome = 'success' | 'failure' | 'unfinished'

/** One line of a person's sign-in history. */
export interface HistoryEntry {
  id: string
  at: Date
  /** `unfinished`: the password was right, and the second step that it led to was not done. */
  outcome: Outcome
  ip: string
  device: string
  application?: string | undefined
  /** How it was tried, from the event's `detail.method`. */
  method?: string | undefined
}

export interface Events {
  /**
   * One row of the trail as data, to stand in the batch of what happened: so there is no change without its
   * trace and no trace of what was rolled back.
   */
  record(event: NewEvent): Write
  /**
   * The person's sign-ins, failed and unfinished ones, newest first. One that asked for a second step and got it is one
   * line, not two.
   * @param page.after the last entry of the page before
   * @param page.limit default 50, at most 1,000
   */
  history(
    person: string,
    page?: { after?: Pick<HistoryEntry, 'id' | 'at'> | undefined; limit?: number },
  ): Promise<HistoryEntry[]>
  /**
   * Takes address, device and details out of the rows that are about the person or by them: what happened
   * when stays, with the opaque id. Safe to repeat after an interruption.
   */
  forget(person: string): Promise<void>
  /** Goes on with what an interruption left: to be done at every start. */
  finishForgetting(): Promise<void>
}

/** Long enough to answer "what happened last year this week". */
const KEPT_DAYS = 400
const PAGE = 200

const outcomes: Partial<Record<EventType, Outcome>> = {
  sign_in: 'success',
  sign_in_failed: 'failure',
  second_step_asked: 'unfinished',
}

export function createEvents(o: { store: Store; now: () => Date; random?: () => string }): Events {
  const { store, now, random = () => randomBytes(9).toString('base64url') } = o
  const rows = store.collection(audit)
  let count = 0

  function nextId(at: Date): string {
    count = (count + 1) % 36 ** 4
    return `${at.getTime().toString(36).padStart(9, '0')}${count.toString(36).padStart(4, '0')}${random()}`
  }

  async function strip(match: Match): Promise<void> {
    let after: { value: Date; id: string } | undefined
    for (;;) {
      const page = await rows.find(match, {
        sort: { field: 'at', order: 'asc' },
        limit: PAGE,
        ...(after && { after }),
      })
      const change = { $unset: { origin: true, detail: true } } as const
      // One by one, because a row may expire meanwhile, which would fail a batch.
      await Promise.all(page.map(({ _id }) => rows.update({ _id }, change)))
      const last = page.at(-1)
      if (!last || page.length < PAGE) return
      after = { value: last.at, id: last._id }
    }
  }

  /** What asked for a second step and got it is told by the sign-in that it came to. */
  async function withoutFinished(person: string, page: AuditRow[]): Promise<AuditRow[]> {
    const asked = page.flatMap(({ type, detail }) => (type === 'second_step_asked' && detail?.begun) || [])
    if (asked.length === 0) return page
    const done = await rows.find({ person, type: 'sign_in', 'detail.begun': { $in: asked } })
    const finished = done.map(beginningIn)
    return page.filter((row) => {
      if (row.type !== 'second_step_asked') return true
      // One for one: somebody else may have shown the password in the same second.
      const at = finished.indexOf(beginningIn(row))
      if (at >= 0) finished.splice(at, 1)
      return at < 0
    })
  }

  /** The row of the deletion comes last: as long as it says from where, something is left to do. */
  async function forget(person: string): Promise<void> {
    await strip({ person, type: { $ne: 'account_deleted' } })
    await strip({ actor: person })
    await strip({ person })
  }

  return {
    record({ type, person, actor, application, origin, detail }) {
      const at = now()
      const row: AuditRow = {
        _id: nextId(at),
        type,
        at,
        ...(person !== undefined && { person }),
        ...(actor !== undefined && actor !== person && { actor }),
        ...(application !== undefined && { application }),
        ...(origin && { origin: { ip: origin.ip, device: origin.device, userAgent: origin.userAgent } }),
        ...(detail && { detail }),
        expires: new Date(at.getTime() + KEPT_DAYS * 86_400_000),
      }
      return { in: audit, insert: row }
    },
    async history(person, { after, limit = 50 } = {}) {
      const found: AuditRow[] = []
      for (let from: { _id: string; at: Date } | undefined = after && { _id: after.id, at: after.at }; ; ) {
        const page: AuditRow[] = await rows.find(
          { person, type: { $in: Object.keys(outcomes) } },
          {
            sort: { field: 'at', order: 'desc' },
            limit,
            ...(from && { after: { value: from.at, id: from._id } }),
          },
        )
        found.push(...(await withoutFinished(person, page)))
        from = page.at(-1)
        if (found.length >= limit || page.length < limit) return found.slice(0, limit).map(asHistory)
      }
    },
    forget,
    async finishForgetting() {
      const left = await rows.find({ type: 'account_deleted', origin: { $exists: true } })
      for (const { person } of left) if (person !== undefined) await forget(person)
    },
  }
}

/** The address may change between the two steps, the device does not. */
function beginningIn({ detail, origin }: AuditRow): string {
  return `${detail?.begun} ${origin?.device}`
}

function asHistory({ _id, type, at, origin, application, detail }: AuditRow): HistoryEntry {
  return {
    id: _id,
    at,
    outcome: outcomes[type] ?? 'failure',
    ip: origin?.ip ?? '',
    device: origin?.device ?? '',
    ...(application !== undefined && { application }),
    ...(detail?.method !== undefined && { method: detail.method }),
  }
}

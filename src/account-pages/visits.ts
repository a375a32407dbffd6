/** What all pages of the account share: the gate before each, the frame around it, and forms shown again. */
import type { Router } from '@koa/router'
import type { Context } from 'koa'
import { type AppLink, type Applications, appLink } from '../applications/applications.ts'
import { MaitredError } from '../errors.ts'
import type { Events, EventType } from '../events/events.ts'
import { originOf } from '../flow/flow.ts'
import { formProblem, type Shell } from '../http/http.ts'
import { isTextKey } from '../locale/locale.ts'
import { BatchError, type Write } from '../storage/storage.ts'
import { applicationId } from './account-application.ts'
import type { Gate, Visit } from './gate.ts'
import { redirect } from './redirect.ts'
import { returnPath } from './return-path.ts'

/** A form that was refused: what to say, and what was typed. */
export type Again = ReturnType<typeof formProblem> & { status: number }

export interface AccountPage {
  path: string
  show(visit: Visit, again?: Again): Promise<void>
}

export interface Visits {
  /** Serves GET at the page's path. */
  open(page: AccountPage): void
  /** Serves POST at `path`; what it refuses of a form stands on the page, which is shown again. */
  act(path: string, page: AccountPage, act: (visit: Visit) => Promise<void>): void
  /** The application that one came from: the last one entered that has an address. */
  wayBack(visit: Visit): Promise<AppLink | undefined>
  render(visit: Visit, view: string, locals: Record<string, unknown>, again?: Again): Promise<void>
  /** Goes to a page of ours, which says what was done: `account.done.<what>`. */
  done(visit: Visit, path: string, what: string): void
  /** A row of the audit trail for the batch of what the person does. */
  record(
    visit: Visit,
    type: EventType,
    about?: { application?: string; detail?: Record<string, string> },
  ): Write
}

export interface VisitsOptions {
  issuer: string
  shell: Pick<Shell, 'page'> & { router: Router }
  gate: Gate
  applications: Pick<Applications, 'get'>
  events: Pick<Events, 'record'>
}

const SHOWN_AGAIN = new Set(['invalid_form', 'too_many_requests', 'busy', 'conflict'])

export function createVisits({ issuer, shell, gate, applications, events }: VisitsOptions): Visits {
  /** Only what is registered, and was entered in this session: nobody else's link leads away from here. */
  async function wayBack({ session }: Visit): Promise<AppLink | undefined> {
    for (const id of [...session.applications].reverse()) {
      const found = id === applicationId ? undefined : await applications.get(id)
      const link = found && appLink(found)
      if (link?.uri !== undefined) return link
    }
    return undefined
  }

  return {
    wayBack,

    open({ path, show }) {
      shell.router.get(path, async (ctx) => {
        const visit = await gate.enter(ctx, { to: returnPath(ctx.url, issuer) ?? path })
        if (visit) await show(visit)
      })
    },

    act(path, page, act) {
      shell.router.post(path, async (ctx) => {
        const visit = await gate.enter(ctx, { to: page.path })
        if (!visit) return
        try {
          await act(visit)
        } catch (raised) {
          // A guard did not hold: the session has ended, or somebody else was quicker.
          const isLate = raised instanceof BatchError && raised.cause === undefined
          const error = isLate ? new MaitredError('conflict', { cause: raised }) : raised
          if (!(error instanceof MaitredError) || !SHOWN_AGAIN.has(error.code)) throw error
          if (error.retryAfter) ctx.set('Retry-After', String(error.retryAfter))
          await page.show(visit, { ...formProblem(ctx, error), status: error.status })
        }
      })
    },

    async render(visit, view, locals, again) {
      const { status = 200, ...problem } = again ?? {}
      const notice = again ? undefined : noticeOf(visit)
      const app = await wayBack(visit)
      const all = { app, person: faceOf(visit), now: visit.now, notice, ...locals, ...problem }
      await shell.page(visit.ctx, view, all, status)
    },

    done: ({ ctx }, path, what) => redirect(ctx, `${path}?done=${what}`),

    record: ({ ctx, person }, type, about) =>
      events.record({ type, person: person._id, origin: originOf(ctx), ...about }),
  }
}

/** Where a person's picture is served. */
function pictureUrl(id: string): string {
  return `/pictures/${id}`
}

/** The person as the frame shows them. */
function faceOf({ person }: Visit): { name: string; email: string; picture: string | undefined } {
  return {
    name: [person.firstName, person.lastName].filter(Boolean).join(' '),
    email: person.email ?? person.username ?? person.phone ?? '',
    picture: person.picture && pictureUrl(person.picture),
  }
}

/** From the URL, so only out of our own sentences. */
function noticeOf({ ctx, t }: { ctx: Context; t: Visit['t'] }): { text: string } | undefined {
  const key = `account.done.${String(ctx.query.done)}`
  return isTextKey(key) ? { text: t(key) } : undefined
}
